// More time for leases that are held.
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// Only what is named is held for longer; what it was given before the restart is not known.
void extend_held(Queue& queue, LeaseBatch& hold, std::uint32_t position, TimeMs deadline) {
    const LeasedRun& run = *std::find_if(hold.runs.begin(), hold.runs.end(), [&](const LeasedRun& one) {
        return position >= one.position && position < one.position + one.count;
    });
    const Offset offset = run.first + (position - run.position);
    hold.details.try_emplace(position, detail_of(queue, hold, position, offset)).first->second.deadline = deadline;
}

}  // namespace

void extend_leases(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, std::uint32_t count,
                   const Extend& extend, TimeMs now, Round& round) {
    const DurationMs given = batch.restart_hold ? queue.settings.lease_ms : batch.lease_ms;
    const TimeMs deadline = now + (extend.lease_ms != 0 ? extend.lease_ms : given);
    if (batch.restart_hold) {
        for (std::uint32_t i = position; i < position + count; ++i) {
            extend_held(queue, batch, i, deadline);
        }
        queue.leases.refile(batch);
        state.arm(queue, batch.filed_deadline);
        return;
    }
    // Work that asks for more time has begun: losing it from now on counts.
    set_bits(batch.started, position, count);
    if (count == batch.size) {
        batch.deadline = deadline;
        for (auto& [at, detail] : batch.details) {
            detail.deadline = 0;
        }
    } else {
        for (std::uint32_t i = position; i < position + count; ++i) {
            batch.details[i].deadline = deadline;
        }
    }
    queue.leases.refile(batch);
    state.arm(queue, batch.filed_deadline);
    if (batch.recorded) {
        round.mutations.push_back(lease_record(queue, batch));
        state.touch(queue, round);
    }
}

}  // namespace baton::core
