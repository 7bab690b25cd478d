// Names that have ended, by time or by count, are forgotten in the order of their end; after a purge the whole index is
// looked through once for names whose holders it took. One read a round, so that it holds up nobody.
#include "server/core/names.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

constexpr std::uint32_t swept_names = 256;
/// Between two looks through all names: what they find blocks nobody, since a holder is looked up when its name is
/// used.
constexpr DurationMs between_sweeps_ms = 60'000;

template <typename Read>
void begin_sweep(State& state, Queue& queue, Read&& wanted, Round& round) {
    queue.names.sweep_reading = true;
    SweepNames sweep{state.names.begin(), queue.job_reads.begin(), queue.lane_generation};
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, sweep});
    round.reads.push_back({ticket, std::forward<Read>(wanted)});
}

void end_sweep(State& state, Queue& queue, TimeMs now) {
    queue.job_reads.end();
    queue.names.sweep_reading = false;
    state.arm(queue, now);
}

bool is_over(const Queue& queue, const NameEnd& end, TimeMs now) {
    return end.until == INT64_MAX ? end.turn + queue.settings.id_memory_count <= queue.names.counts.turns
                                  : end.until <= now;
}

}  // namespace

void sweep_names(State& state, Queue& queue, TimeMs now, Round& round) {
    const NameCounts& names = queue.names.counts;
    if (!names.used || queue.names.sweep_reading) {
        return;
    }
    if (names.timed != 0 && queue.names.ends_at <= now) {
        queue.names.ends_at = INT64_MAX;
        begin_sweep(state, queue, ReadNameEnds{queue.ns, queue.id, false, swept_names}, round);
    } else if (names.counted > queue.settings.id_memory_count) {
        begin_sweep(state, queue, ReadNameEnds{queue.ns, queue.id, true, swept_names}, round);
    } else if (names.sweeping && now >= queue.names.sweep_not_before) {
        begin_sweep(state, queue,
                    ReadNames{queue.ns,
                              queue.id,
                              {},
                              queue.names.sweep_from,
                              swept_names,
                              queue.lane_generation,
                              queue.failed_generation},
                    round);
    } else if (names.timed != 0) {
        state.arm(queue, queue.names.ends_at);
    }
    if (names.sweeping && !queue.names.sweep_reading) {
        state.arm(queue, queue.names.sweep_not_before);
    }
}

namespace {

void forget_ended(State& state, Queue& queue, const SweepNames& sweep, const NameEndsRead& found, TimeMs now,
                  Round& round) {
    const bool by_time = found.ends.empty() || found.ends.front().end.until != INT64_MAX;
    TimeMs next = found.ends.size() < swept_names ? INT64_MAX : INT64_MIN;
    for (const auto& [end, current] : found.ends) {
        if (!is_over(queue, end, now)) {
            next = end.until;
            break;
        }
        if (current && !state.names.holds(end.name, sweep.begun)) {
            next = INT64_MIN;  // Changed since, or learnt: the next look tells.
            continue;
        }
        remove_name_end(state, queue, end.until, end.number, round);
        if (current) {
            remove_name(state, queue, end.name, std::nullopt, round);
        }
    }
    if (by_time) {
        queue.names.ends_at = std::min(queue.names.ends_at, next);
    }
}

void forget_strays(State& state, Queue& queue, const SweepNames& sweep, const NamesRead& found, TimeMs now,
                   Round& round) {
    bool all = true;
    for (const auto& [name, record] : found.found) {
        const Offset holder = record.holder;
        if (queue.is_out(holder) || record.remembered || record.until != 0) {
            continue;
        }
        if (state.names.holds(name, sweep.begun) && queue.job_reads.holds(holder, sweep.version)) {
            remove_name(state, queue, name, std::nullopt, round);
        } else {
            all = false;
        }
    }
    state.touch(queue, round);
    if (!all) {
        return;  // Changed since, or learnt: the next look at these tells.
    }
    queue.names.counts.sweeping = found.last.has_value();
    queue.names.sweep_from = found.last.value_or(Name{});
    if (!found.last) {
        queue.names.sweep_not_before = now + between_sweeps_ms;
    }
}

}  // namespace

void sweep_arrived(State& state, QueueId id, const SweepNames& sweep, ReadAnswer&& answer, TimeMs now, Round& round) {
    Queue* queue = state.find(id);
    const auto* ends = std::get_if<NameEndsRead>(&answer.found);
    if (queue != nullptr && ends != nullptr) {
        forget_ended(state, *queue, sweep, *ends, now, round);
    } else if (queue != nullptr && sweep.generation == queue->lane_generation) {
        forget_strays(state, *queue, sweep, std::get<NamesRead>(answer.found), now, round);
    }
    state.names.end(sweep.begun);
    if (queue != nullptr) {
        end_sweep(state, *queue, now);
    }
}

}  // namespace baton::core
