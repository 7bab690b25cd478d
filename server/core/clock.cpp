// The virtual clock: an advance goes from one due timer to the next and is answered when nothing is left to do at its
// end. The clock itself is the caller's; the core says where it has to stop.
#include "server/core/clock.hpp"

#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

std::optional<TimeMs> earliest_timer(const State& state) {
    std::optional<TimeMs> next;
    if (!state.flows.lost_before_restart.empty()) {
        return INT64_MIN;
    }
    if (!state.queue_timers.empty()) {
        next = state.queue_timers.begin()->first;
    }
    if (!state.session_timers.empty()) {
        const TimeMs grace = state.session_timers.begin()->first;
        next = next ? std::min(*next, grace) : grace;
    }
    if (!state.schedules.timers.empty()) {
        const TimeMs firing = state.schedules.timers.begin()->first;
        next = next ? std::min(*next, firing) : firing;
    }
    if (!state.tasks.timers.empty()) {
        const TimeMs slice = state.tasks.timers.begin()->first;
        next = next ? std::min(*next, slice) : slice;
    }
    if (!state.flows.walk_timers.empty()) {
        const TimeMs slice = state.flows.walk_timers.begin()->first;
        next = next ? std::min(*next, slice) : slice;
    }
    return next;
}

/// Nothing is left to do at `now`.
bool at_rest(const State& state, TimeMs now) {
    const auto timer = earliest_timer(state);
    return state.reads.empty() && state.rerun.empty() && state.to_pump.empty() && state.tasks.next_round.empty() &&
           state.flows.walks_next_round.empty() && (!timer || *timer > now);
}

/// What was asked for before counts too, so that advances in a row end within the range.
TimeMs time_after(const State& state, TimeMs now) {
    TimeMs after = now;
    for (const ClockAdvance& advance : state.advances) {
        after = advance.target != 0 ? advance.target : after + std::get<AdvanceClock>(advance.origin.body).by_ms;
    }
    return after;
}

}  // namespace

void apply_clock_request(State& state, Request&& request, TimeMs now, Round& round) {
    if (std::holds_alternative<ShowClock>(request.body)) {
        reply(request, ClockShown{now, state.options.virtual_clock}, round);
        return;
    }
    if (!state.options.virtual_clock) {
        refuse(request, RefusalCode::clock_not_virtual,
               "this server runs on real time: start one with --virtual-clock to move it", "advance_clock", round);
        return;
    }
    const DurationMs by = std::get<AdvanceClock>(request.body).by_ms;
    if (by < 0 || by > limits::ten_years_ms) {
        reply(request, invalid("advance_clock.by_ms", "by_ms is at most ten years", limits::ten_years_ms), round);
        return;
    }
    if (time_after(state, now) + by > limits::time_ms_max) {
        reply(request, invalid("advance_clock.by_ms", "the clock ends with the year 9999", limits::time_ms_max), round);
        return;
    }
    state.advances.push_back({std::move(request), 0});
    if (state.advances.size() == 1) {
        state.advances.front().target = now + by;
    }
}

void finish_advance(State& state, TimeMs now, Round& round) {
    if (state.advances.empty() || now < state.advances.front().target || !at_rest(state, now)) {
        return;
    }
    const ClockAdvance done = std::move(state.advances.front());
    state.advances.pop_front();
    reply(done.origin, ClockShown{now, true}, round);
    // The time that was answered is on disk, or a restart would take it back.
    state.shard_dirty = true;
    round.needs_sync = true;
    if (!state.advances.empty()) {
        ClockAdvance& next = state.advances.front();
        next.target = now + std::get<AdvanceClock>(next.origin.body).by_ms;
    }
}

std::optional<TimeMs> Core::next_stop(TimeMs now) const {
    if (state_->advances.empty() || !at_rest(*state_, now)) {
        return std::nullopt;
    }
    const TimeMs target = state_->advances.front().target;
    const auto timer = earliest_timer(*state_);
    return timer ? std::min(*timer, target) : target;
}

std::optional<TimeMs> Core::next_deadline() const { return earliest_timer(*state_); }

}  // namespace baton::core
