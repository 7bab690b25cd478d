#include "server/core/consumer_mode.hpp"

#include "server/core/consumer.hpp"
#include "server/core/queue.hpp"

namespace baton::core {

namespace {

/// The connected one of the highest priority, of these the first; null when none is connected.
const Consumer* active_of(const Queue& queue) {
    const Consumer* active = nullptr;
    for (const Consumer* consumer : queue.consumers) {
        if (value(consumer->connection) != 0 && (active == nullptr || consumer->priority > active->priority)) {
            active = consumer;
        }
    }
    return active;
}

}  // namespace

bool may_have_messages(const Queue& queue, const Consumer& consumer) {
    return queue.settings.consumer_mode != ConsumerMode::failover ||
           (active_of(queue) == &consumer && queue.leased_count() <= consumer.in_flight_messages);
}

}  // namespace baton::core
