#pragma once
// Messages with keys, and subscriptions that share by them, for tests of the core.

#include "tests/unit/core/topic_builder.hpp"

#include <string>
#include <vector>

namespace baton::tests {

inline core::EntryOptions with_key(const std::string& key) {
    core::EntryOptions options;
    options.group = key;
    return options;
}

/// Payload and key of each.
inline std::vector<std::string> keyed(const std::vector<Delivered>& messages) {
    std::vector<std::string> texts;
    for (const Delivered& one : messages) {
        texts.push_back(one.payload + "/" + one.group);
    }
    return texts;
}

/// Fetch by fetch: each brings what is in memory.
inline std::vector<std::string> all_keyed(Broker& broker, std::uint64_t consumer) {
    std::vector<std::string> all;
    for (auto some = broker.fetch(10, consumer); !some.empty(); some = broker.fetch(10, consumer)) {
        const std::vector<std::string> texts = keyed(some);
        all.insert(all.end(), texts.begin(), texts.end());
    }
    return all;
}

/// Settings of a subscription in mode key_shared, whose retries come after 100 ms.
inline core::QueueSettingsChange by_key(bool strict = false) {
    core::QueueSettingsChange settings;
    settings.consumer_mode = core::ConsumerMode::key_shared;
    settings.backoff = core::Backoff{core::Backoff::Kind::fixed, 100, 100, 0, {}};
    if (strict) {
        settings.group_order = core::GroupOrder::strict;
    }
    return settings;
}

/// A topic "orders" with the subscription "mail" of this mode, for two consumers that only fetch.
inline void share_by_key(Broker& broker, const core::QueueSettingsChange& settings = by_key()) {
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1, core::StartNow{}, settings);
    broker.consume("orders/mail", 0, 2);
}

/// One message each, in this order; the first letter of the payload is the key, '-' = none.
inline void publish(Broker& broker, const std::vector<std::string>& payloads) {
    for (const std::string& payload : payloads) {
        broker.produce("orders", {payload}, with_key(payload[0] == '-' ? "" : payload.substr(0, 1)));
    }
}

/// A moment later a fetch that found nothing it may have is over.
inline std::vector<Delivered> some_from(Broker& broker, std::uint64_t consumer, std::uint32_t count = 100) {
    broker.tell(broker.fetch_of(count, 0, consumer));
    broker.advance(1);
    return broker.take();
}
inline Delivered one_from(Broker& broker, std::uint64_t consumer) {
    const auto some = some_from(broker, consumer, 1);
    REQUIRE(some.size() == 1);
    return some.front();
}
/// Fetch by fetch: each brings what is in memory.
inline std::vector<std::string> all_of(Broker& broker, std::uint64_t consumer) {
    std::vector<std::string> all;
    for (auto some = some_from(broker, consumer); !some.empty(); some = some_from(broker, consumer)) {
        for (const Delivered& one : some) {
            all.push_back(one.payload);
        }
    }
    return all;
}

}  // namespace baton::tests
