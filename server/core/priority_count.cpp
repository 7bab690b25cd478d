#include "server/core/priority_count.hpp"

#include "server/core/lane_placing.hpp"
#include "server/core/monitor_limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

LaneKey behind(const LaneKey& key) { return {key.at, key.offset + 1, key.rank}; }

/// As the key says: in a queue that ages, where nothing goes in front, the rank is built on the ready time.
std::uint32_t priority_in(const Queue& queue, const LaneKey& key) {
    const DurationMs step = queue.settings.aging_ms;
    return static_cast<std::uint32_t>(step == 0 ? key.rank : (key.rank - key.at) / step);
}

/// What is ready outside of the lane has no priority.
std::uint64_t ready_elsewhere(const Queue& queue) {
    return queue.waiting_count() - queue.prioritized_waiting() - queue.grouped_waiting();
}

void answer(const Queue& queue, const Request& request, const PriorityCount& count, Round& round) {
    PriorityCounts out;
    for (const std::uint32_t priority : std::get<CountPriorities>(request.body).priorities) {
        out.ready.push_back(count.ready(priority) + (priority == 0 ? ready_elsewhere(queue) : 0));
    }
    reply(request, std::move(out), round);
}

void read_slice(State& state, Queue& queue, Request&& origin, Round& round) {
    const LaneKey from = queue.counting.running->begin_slice();
    state.read_lane(queue, Lane::prioritized, from, limits::priority_slice_messages,
                    PendingRead{queue.id, CountSlice{std::move(origin)}}, round);
}

}  // namespace

PriorityCount::PriorityCount(const std::vector<std::uint32_t>& priorities, bool aging) : aging_(aging) {
    for (const std::uint32_t priority : priorities) {
        counts_[priority] = 0;
    }
    next_ = first_key();
}

LaneKey PriorityCount::first_key() const { return {INT64_MIN, 0, aging_ ? INT64_MIN : counts_.begin()->first}; }

void PriorityCount::add(std::uint32_t priority, bool ready) {
    if (const auto wanted = counts_.find(priority); wanted != counts_.end()) {
        wanted->second += ready ? 1U : UINT64_MAX;
    }
}

void PriorityCount::changed(const LaneKey& key, std::uint32_t priority, bool ready) {
    if (key < next_) {
        add(priority, ready);
    } else {
        noted_[key] = {priority, ready};
    }
}

void PriorityCount::restart() {
    for (auto& [priority, count] : counts_) {
        count = 0;
    }
    next_ = first_key();
    noted_.clear();
    stale_ = true;
}

LaneKey PriorityCount::begin_slice() {
    noted_.clear();
    stale_ = false;
    return next_;
}

bool PriorityCount::take_slice(const std::vector<MessageRecord>& records, bool at_end,
                               const std::function<bool(Offset)>& is_out) {
    if (stale_) {
        return false;
    }
    for (const MessageRecord& record : records) {
        if (!noted_.contains(key_of(Lane::prioritized, record)) && !is_out(record.offset)) {
            add(priority_of(record), true);
        }
    }
    const auto upto = at_end ? noted_.end() : noted_.lower_bound(behind(key_of(Lane::prioritized, records.back())));
    for (auto note = noted_.begin(); note != upto; ++note) {
        if (note->second.ready) {
            add(note->second.priority, true);
        }
    }
    if (at_end) {
        return true;
    }
    const LaneKey last = key_of(Lane::prioritized, records.back());
    next_ = behind(last);
    if (!aging_) {
        // What has other priorities is not read.
        const auto wanted = counts_.lower_bound(static_cast<std::uint32_t>(last.rank));
        if (wanted == counts_.end()) {
            return true;
        }
        next_ = std::max(next_, LaneKey{INT64_MIN, 0, wanted->first});
    }
    return false;
}

MessageRecord take_ranked(Queue& queue, std::map<LaneKey, MessageRecord>::iterator at) {
    note_ready(queue, at->second, false);
    return queue.prioritized.take(at);
}

void note_ready(Queue& queue, const MessageRecord& record, bool ready) {
    if (queue.counting.running) {
        queue.counting.running->changed(key_of(Lane::prioritized, record), priority_of(record), ready);
    }
}

void note_leaving(Queue& queue, const LaneKey& key) {
    if (queue.counting.running && !queue.prioritized.is_out(key.offset)) {
        queue.counting.running->changed(key, priority_in(queue, key), false);
    }
}

void apply_count_priorities(State& state, Request&& request, Round& round) {
    const CountPriorities& wanted = std::get<CountPriorities>(request.body);
    Queue* queue = state.find(request.ns, wanted.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(wanted.queue), round);
        return;
    }
    if (queue->attaching != 0 || !queue->to_attach.empty()) {
        queue->waiting_attach.push_back(std::move(request));  // What is leased since before a restart is not known yet.
        return;
    }
    if (queue->counting.running) {
        queue->counting.waiting.push_back(std::move(request));
        return;
    }
    auto count = std::make_unique<PriorityCount>(wanted.priorities, queue->settings.aging_ms != 0);
    if (queue->prioritized.complete()) {
        for (const auto& [key, record] : queue->prioritized.records()) {
            count->add(priority_of(record), true);
        }
        answer(*queue, request, *count, round);
        return;
    }
    queue->counting.running = std::move(count);
    read_slice(state, *queue, std::move(request), round);
}

void priorities_arrived(State& state, Queue& queue, Request&& origin, const LaneRead& found, Round& round) {
    const bool all = queue.counting.running->take_slice(
        found.records, found.at_end, [&queue](Offset offset) { return queue.prioritized.is_out(offset); });
    if (!all && state.session_of(origin.connection) != nullptr) {
        read_slice(state, queue, std::move(origin), round);
        return;
    }
    if (all) {
        answer(queue, origin, *queue.counting.running, round);
    }
    queue.counting.running.reset();
    for (Request& waiting : std::exchange(queue.counting.waiting, {})) {
        state.rerun.push_back(std::move(waiting));
    }
}

}  // namespace baton::core
