#include "server/core/allowance.hpp"

#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

/// Pause and penalty: all or nothing.
Allowance stopped(const Queue& queue, TimeMs now) {
    if (queue.settings.paused) {
        return {0, Hold::paused, 0};
    }
    const TimeMs paused = queue.settings.paused_until;
    if (std::max(paused, queue.penalty_until) <= now) {
        return {};
    }
    return paused >= queue.penalty_until ? Allowance{0, Hold::paused_until, paused}
                                         : Allowance{0, Hold::penalty, queue.penalty_until};
}

/// The keys of what was in flight before a restart are not known: until all of that is settled nothing else goes out.
Allowance by_keys(const Queue& queue, TimeMs now) {
    const auto& batches = queue.leases.batches();
    const bool since_before = !batches.empty() && batches.begin()->first < queue.first_batch;
    if (queue.keys && (since_before || queue.attaching != 0)) {
        return {0, Hold::restart, 0};
    }
    return queue.keys && queue.lane.holds(now) ? Allowance{0, Hold::restart, queue.lane.held_until()} : Allowance{};
}

Allowance by_concurrency(const Queue& queue, TimeMs now) {
    if (queue.lane.holds(now)) {
        return {0, Hold::restart, queue.lane.held_until()};
    }
    const std::uint64_t most = queue.settings.max_in_flight;
    const std::uint64_t leased = planted(PlantedBug::lane_not_in_flight) ? queue.leased_plain : queue.leased_count();
    return leased >= most ? Allowance{0, Hold::in_flight, 0} : Allowance{most - leased, Hold::none, 0};
}

}  // namespace

Allowance allowance_of(const Queue& queue, TimeMs now) {
    Allowance allowed = stopped(queue, now);
    if (allowed.messages != 0 && queue.settings.max_in_flight != 0) {
        allowed = by_concurrency(queue, now);
    }
    if (const Allowance keyed = by_keys(queue, now); allowed.messages != 0 && keyed.messages == 0) {
        allowed = keyed;
    }
    const RateLimit& rate = queue.settings.rate_limit;
    if (allowed.messages == 0 || !rate.any()) {
        return allowed;
    }
    const std::uint64_t permits = queue.bucket.available(rate, now);
    if (permits == 0) {
        return {0, Hold::rate, queue.bucket.next_permit(rate, now)};
    }
    allowed.messages = std::min(allowed.messages, permits);
    return allowed;
}

std::vector<Allowance> holds_of(const Queue& queue, TimeMs now) {
    std::vector<Allowance> holds;
    if (queue.settings.paused) {
        holds.push_back({0, Hold::paused, 0});
    }
    if (queue.settings.paused_until > now) {
        holds.push_back({0, Hold::paused_until, queue.settings.paused_until});
    }
    if (queue.penalty_until > now) {
        holds.push_back({0, Hold::penalty, queue.penalty_until});
    }
    if (const Allowance keyed = by_keys(queue, now); keyed.messages == 0) {
        holds.push_back(keyed);
    } else if (queue.settings.max_in_flight != 0) {
        const Allowance concurrent = by_concurrency(queue, now);
        if (concurrent.messages == 0) {
            holds.push_back(concurrent);
        }
    }
    const RateLimit& rate = queue.settings.rate_limit;
    if (rate.any() && queue.bucket.available(rate, now) == 0) {
        holds.push_back({0, Hold::rate, queue.bucket.next_permit(rate, now)});
    }
    return holds;
}

void spend_permits(Queue& queue, std::uint64_t messages, TimeMs now) {
    if (queue.settings.rate_limit.any()) {
        queue.bucket.take(queue.settings.rate_limit, messages, now);
    }
}

void penalise(State& state, Queue& queue, DurationMs penalty_ms, TimeMs now, Round& round) {
    queue.penalty_until = penalty_ms == 0 ? 0 : std::max(queue.penalty_until, now + penalty_ms);
    state.touch(queue, round);
    state.pump_later(queue);
}

void end_hold(State& state, Queue& queue, TimeMs now) {
    if (queue.held_until == 0) {
        return;
    }
    if (queue.held_until > now) {
        state.arm(queue, queue.held_until);
    } else {
        queue.held_until = 0;
        state.pump_later(queue);
    }
}

void apply_penalise(State& state, Request&& request, TimeMs now, Round& round) {
    const Penalise& wanted = std::get<Penalise>(request.body);
    Queue* queue = state.find(request.ns, wanted.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(wanted.queue), round);
    } else if (wanted.group.size() > limits::group_bytes_max) {
        reply(request, invalid("penalise.group", "the name of a group has at most 255 bytes", limits::group_bytes_max),
              round);
    } else if (wanted.penalty_ms < 0 || wanted.penalty_ms > limits::ten_years_ms) {
        reply(request, invalid("penalise.penalty_ms", "penalty_ms is at most ten years", limits::ten_years_ms), round);
    } else {
        if (const GroupPtr group = make_group(wanted.group)) {
            penalise_group(state, *queue, group, wanted.penalty_ms, now, round);
        } else {
            penalise(state, *queue, wanted.penalty_ms, now, round);
        }
        reply(request, std::make_shared<const QueueInfo>(info_of(*queue, now)), round);
    }
}

}  // namespace baton::core
