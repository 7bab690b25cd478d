#pragma once
// Topics for tests of the core.

#include "tests/unit/core/broker.hpp"

#include <string>
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
