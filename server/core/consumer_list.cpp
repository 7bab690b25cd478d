#include "server/core/consumer_list.hpp"

#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

ConsumerPlace place_of(const Consumer& consumer) { return {consumer.session, consumer.id}; }

/// Up to `most` consumers behind `after`, in order. A queue may have very many: no more than these are sorted.
std::vector<const Consumer*> first_behind(const Queue& queue, const std::optional<ConsumerPlace>& after,
                                          std::size_t most) {
    std::vector<const Consumer*> behind;
    std::copy_if(queue.consumers.begin(), queue.consumers.end(), std::back_inserter(behind),
                 [&](const Consumer* one) { return !after || place_of(*one) > *after; });
    const auto middle = behind.begin() + static_cast<std::ptrdiff_t>(std::min(most, behind.size()));
    std::partial_sort(behind.begin(), middle, behind.end(),
                      [](const Consumer* a, const Consumer* b) { return place_of(*a) < place_of(*b); });
    behind.erase(middle, behind.end());
    return behind;
}

ConsumerInfo shown(const Queue& queue, const Consumer& consumer, const Session& session) {
    ConsumerInfo info;
    info.place = place_of(consumer);
    info.worker = consumer.worker;
    info.client = session.client;
    info.connection = consumer.connection;
    info.session_ends_at = session.ends_at;
    info.declared_at = consumer.declared_at;
    info.credit_messages = consumer.credit_messages;
    info.credit_bytes = consumer.credit_bytes;
    info.in_flight_messages = consumer.in_flight_messages;
    info.in_flight_bytes = consumer.in_flight_bytes;
    info.waiting_fetches = static_cast<std::uint32_t>(consumer.fetches.size());
    info.lease_ms = consumer.lease_ms == 0 ? queue.settings.lease_ms : consumer.lease_ms;
    return info;
}

}  // namespace

void apply_list_consumers(State& state, const Request& request, TimeMs now, Round& round) {
    const ListConsumers& list = std::get<ListConsumers>(request.body);
    const Queue* queue = state.find(request.ns, list.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(list.queue), round);
        return;
    }
    const std::uint32_t limit = std::clamp<std::uint32_t>(list.limit, 1, limits::page_messages_max);
    auto found = first_behind(*queue, list.after, limit + 1);
    ConsumerList out;
    out.now = now;
    if (found.size() > limit) {
        found.pop_back();
        out.next = place_of(*found.back());
    }
    for (const Consumer* consumer : found) {
        out.consumers.push_back(shown(*queue, *consumer, *state.sessions.at(consumer->session)));
    }
    reply(request, std::move(out), round);
}

}  // namespace baton::core
