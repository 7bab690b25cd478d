#pragma once
// Topics for tests of the core.

#include "tests/unit/core/broker.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton::tests {

/// With bodies in memory, and with none: everything is read.
inline std::vector<core::CoreOptions> topic_memories() {
    core::CoreOptions small;
    small.window_bytes_max = 0;
    return {core::CoreOptions{}, small};
}

inline core::QueueInfo create_topic(Broker& broker, const std::string& name, core::TopicSettingsChange keeps = {}) {
    core::CreateTopic create;
    create.name = name;
    create.topic = keeps;
    return broker.expect<core::QueueInfo>(create);
}

/// With a consumer that only fetches.
inline core::QueueInfo subscribe(Broker& broker, const std::string& topic, const std::string& name,
                                 std::uint64_t consumer, core::StartAt start = core::StartNow{},
                                 core::QueueSettingsChange settings = {}) {
    core::CreateSubscription create;
    create.topic = topic;
    create.name = name;
    create.start = start;
    create.settings = std::move(settings);
    const auto info = broker.expect<core::QueueInfo>(create);
    broker.consume(topic + "/" + name, 0, consumer);
    return info;
}

/// One that selects, with a consumer that only fetches.
inline core::QueueInfo select(Broker& broker, const std::string& topics, const std::string& name,
                              std::uint64_t consumer, core::MessageFilterPtr filter = nullptr,
                              core::StartAt start = core::StartNow{}, bool hold = false) {
    core::CreateSubscription create;
    create.topic = topics;
    create.name = name;
    create.start = start;
    create.filter = std::move(filter);
    create.hold = hold;
    const auto info = broker.expect<core::QueueInfo>(create);
    broker.consume(topics + "/" + name, 0, consumer);
    return info;
}

/// Messages whose header `kind` is this.
inline core::MessageFilterPtr of_kind(const std::string& kind) {
    core::FilterCondition condition;
    condition.header = "kind";
    condition.test = core::FilterTest::equals;
    condition.values = {kind};
    return std::make_shared<const core::MessageFilter>(core::MessageFilter{{condition}, false});
}
/// Payload and kind of each.
inline core::Produce kinds(const std::string& topic, const std::vector<std::pair<std::string, std::string>>& messages) {
    std::vector<EntrySpec> specs;
    for (const auto& [payload, kind] : messages) {
        specs.push_back({payload, "", {{"kind", kind}}});
    }
    core::Produce produce;
    produce.queue = topic;
    produce.entries = make_entries(specs);
    produce.largest_entry_bytes = largest_entry_bytes(produce.entries);
    return produce;
}

inline std::vector<std::string> payloads_from(Broker& broker, std::uint64_t consumer, std::uint32_t count = 100) {
    broker.tell(broker.fetch_of(count, 0, consumer));
    return broker.take_payloads();
}
/// Fetch by fetch: each brings what is in memory.
inline std::vector<std::string> all_from(Broker& broker, std::uint64_t consumer) {
    std::vector<std::string> all;
    for (auto some = payloads_from(broker, consumer); !some.empty(); some = payloads_from(broker, consumer)) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}
/// Fetches and acks until nothing comes.
inline std::vector<std::string> all_done_from(Broker& broker, std::uint64_t consumer) {
    std::vector<std::string> payloads;
    for (auto some = broker.fetch(100, consumer); !some.empty(); some = broker.fetch(100, consumer)) {
        for (const Delivered& one : some) {
            payloads.push_back(one.payload);
            broker.ack(one);
        }
    }
    return payloads;
}
/// Fetches and acks.
inline std::vector<std::string> done_from(Broker& broker, std::uint64_t consumer, std::uint32_t count = 100) {
    std::vector<std::string> payloads;
    for (const Delivered& one : broker.fetch(count, consumer)) {
        payloads.push_back(one.payload);
        broker.ack(one);
    }
    return payloads;
}

}  // namespace baton::tests
