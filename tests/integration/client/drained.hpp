#pragma once
// Takes messages out of a queue or a subscription, one by one, and acks them.

#include "baton/consumer.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace baton::tests {

/// The payloads of the next `count` messages, in their order; throws when one does not come within 20 s.
inline std::vector<std::string> drained(Client& client, const std::string& queue, std::size_t count) {
    using namespace std::chrono_literals;
    Consumer consumer(client, queue);
    std::vector<std::string> payloads;
    while (payloads.size() < count) {
        const Received one = consumer.receive(20s).value();
        payloads.emplace_back(one.payload());
        one.ack();
    }
    consumer.flush(20s);
    return payloads;
}

}  // namespace baton::tests
