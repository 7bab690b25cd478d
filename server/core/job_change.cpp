#include "server/core/job_change.hpp"

#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace baton::core {

std::optional<Refusal> check_change(const ChangeJob& change, const Queue& queue) {
    if (queue.keys) {
        return Refusal{RefusalCode::wrong_kind, "messages of a key-shared subscription keep their places",
                       "change_job.queue"};
    }
    if (!change.priority && !change.lifo && !change.delay_ms && !change.due_at) {
        return invalid("change_job", "nothing to change is named");
    }
    if (change.priority && *change.priority > limits::priority_max) {
        return invalid("change_job.priority", "priority is from 0 to 2097151", limits::priority_max);
    }
    if (change.lifo.value_or(false) && queue.settings.aging_ms != 0) {
        return invalid("change_job.lifo", "a queue with aging_ms serves by age: nothing goes in front");
    }
    if (change.delay_ms && change.due_at) {
        return invalid("change_job.due_ms", "a message has either delay_ms or due_ms");
    }
    if (change.delay_ms && (*change.delay_ms < 0 || *change.delay_ms > limits::ten_years_ms)) {
        return invalid("change_job.delay_ms", "delay_ms is from 0 to ten years",
                       static_cast<std::uint64_t>(limits::ten_years_ms));
    }
    if (change.due_at && (*change.due_at < 0 || *change.due_at > std::numeric_limits<std::int64_t>::max() / 4)) {
        return invalid("change_job.due_ms", "due_ms is a time in milliseconds since 1970");
    }
    return std::nullopt;
}

std::optional<Refusal> check_changeable(const FoundJob& job) {
    if (job.state == MessageState::leased || is_finished(job.state) || job.state == MessageState::waiting_children) {
        return wrong_state(job.state, "a waiting, prioritized, grouped or delayed one can be changed");
    }
    return std::nullopt;
}

void change_found(State& state, Queue& queue, const ChangeJob& change, FoundJob&& job, TimeMs now, Round& round) {
    // One that is due and was only not read yet is ready too: put back as delayed, what a restart presumes of it would
    // be presumed once more.
    bool ready = job.state != MessageState::delayed || job.record.at <= now;
    MessageRecord record = take_job(state, queue, std::move(job), round);
    if (change.priority || change.lifo) {
        auto meta = record.meta ? std::make_shared<MessageMeta>(*record.meta) : std::make_shared<MessageMeta>();
        meta->priority = change.priority.value_or(meta->priority);
        if (change.lifo) {
            meta->lifo = *change.lifo;
            meta->front = 0;
        }
        record.meta = std::move(meta);
    }
    if (change.delay_ms || change.due_at) {
        const TimeMs due = change.due_at ? std::max(now, *change.due_at) : now + *change.delay_ms;
        change_due(record, due);
        ready = due <= now;
    }
    put_in_place(state, queue, std::move(record), ready, now, round);
}

}  // namespace baton::core
