#include "server/core/job_lookup.hpp"

#include "server/core/finished_log.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace baton::core {

namespace {

Refusal not_found() { return {RefusalCode::message_not_found, "the queue has no message with this offset", "offset"}; }

Refusal needs_profile_job() {
    return {RefusalCode::wrong_profile,
            "a delayed or prioritized message can be named by its offset only in a queue of profile job", "queue"};
}

JobLookup leased(Queue& queue, Offset offset) {
    FoundJob found;
    found.state = MessageState::leased;
    LeaseBatch* batch = queue.leases.holder_of(offset);
    if (batch != nullptr) {
        found.batch = batch;
        found.position = batch->position_of(*batch->run_of(offset), offset);
        const auto detail = batch->details.find(found.position);
        if (detail != batch->details.end() && detail->second.lane) {
            found.record = *detail->second.lane;
            return found;
        }
    }
    const ChunkPtr chunk = queue.window.resident(offset);
    if (!chunk) {
        return UnreadJob::chunk;
    }
    found.record = record_of(queue, chunk, offset);
    return found;
}

JobLookup stored(State& state, Queue& queue, Offset offset, TimeMs now) {
    const FoundJobs& read = state.brought.jobs_of(queue.id);
    const auto known = read.records.find(offset);
    const bool current = known != read.records.end() && read.lane_generation == queue.lane_generation &&
                         read.failed_generation == queue.failed_generation &&
                         read.completed_generation == queue.completed_generation &&
                         queue.job_reads.holds(offset, read.version);
    if (!current) {
        return UnreadJob::record;
    }
    if (!known->second) {
        const bool in_lane =
            !keeps_locators(queue) && queue.timed_count + queue.prioritized_count + queue.grouped_waiting() != 0;
        return in_lane ? needs_profile_job() : not_found();
    }
    FoundJob found;
    found.record = *known->second;
    switch (found.record.lane) {
        case Lane::failed:
            found.state = MessageState::failed;
            break;
        case Lane::completed:
            found.state = MessageState::completed;
            break;
        case Lane::prioritized:
            found.state = MessageState::prioritized;
            break;
        case Lane::grouped:
            found.state = MessageState::grouped;
            break;
        case Lane::waiting_children:
            found.state = MessageState::waiting_children;
            break;
        case Lane::timed:
            found.state = queue.lane.is_held(found.record, now) ? MessageState::leased : MessageState::delayed;
            queue.lane.presume_delivered(found.record);
            break;
    }
    return found;
}

}  // namespace

MessageRecord record_of(const Queue& queue, const ChunkPtr& chunk, Offset offset) {
    MessageRecord record;
    record.offset = offset;
    record.ready_at = record.stored_at = record.at = chunk->stored_at;
    record.body = chunk->at(offset);
    record.meta = chunk->parting_meta_of(offset);
    if (const auto returned = queue.returned.find(offset); returned != queue.returned.end()) {
        auto meta = record.meta ? std::make_shared<MessageMeta>(*record.meta) : std::make_shared<MessageMeta>();
        meta->counters = returned->second.counters;
        meta->cause = returned->second.cause;
        meta->attempts = returned->second.attempts;
        meta->fence = returned->second.fence;
        meta->isolated = returned->second.isolated;
        record.meta = std::move(meta);
    }
    return record;
}

JobLookup look_up_job(State& state, Queue& queue, Offset offset, TimeMs now) {
    if (offset >= queue.end) {
        return not_found();
    }
    if (!queue.acks.test(offset)) {
        const bool waits = offset >= queue.next || queue.waiting_again.contains(offset);
        if (!waits) {
            return leased(queue, offset);
        }
        const ChunkPtr chunk = queue.window.resident(offset);
        if (!chunk) {
            return UnreadJob::chunk;
        }
        if (chunk->is_missing(offset)) {
            return not_found();
        }
        FoundJob found;
        found.state = MessageState::waiting;
        found.plain = true;
        found.record = record_of(queue, chunk, offset);
        if (const TimeMs at = queue.keys ? queue.keys->not_before(offset) : 0; at != 0) {
            found.state = MessageState::delayed;
            found.record.at = at;
        }
        return found;
    }
    if (const MessageRecord* ready = queue.lane.find_ready(offset)) {
        FoundJob found;
        found.state = MessageState::waiting;
        found.record = *ready;
        return found;
    }
    if (queue.is_out(offset)) {
        return leased(queue, offset);
    }
    return stored(state, queue, offset, now);
}

void read_jobs(State& state, Queue& queue, std::vector<Offset> offsets, Request&& request, Round& round) {
    LoadJobs then{std::move(request), {}, std::exchange(state.brought, {})};
    if (then.brought.jobs.erase(queue.id) != 0) {
        queue.job_reads.end();
    }
    then.found.version = queue.job_reads.begin();
    then.found.lane_generation = queue.lane_generation;
    then.found.failed_generation = queue.failed_generation;
    then.found.completed_generation = queue.completed_generation;
    for (const Offset offset : offsets) {
        then.found.records.emplace(offset, std::nullopt);
    }
    // A produce asks where the holders of its names are; their bodies, up to one an entry, are not needed.
    const auto* transaction = std::get_if<RunTransaction>(&then.parked.body);
    const bool sizes_only = transaction != nullptr || std::holds_alternative<Produce>(then.parked.body);
    const std::optional<Offset> whole = transaction != nullptr ? transaction->changed : std::nullopt;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, std::move(then)});
    round.reads.push_back({ticket, ReadJobs{queue.ns, queue.id, queue.lane_generation, queue.failed_generation,
                                            std::move(offsets), queue.completed_generation, sizes_only, whole}});
}

MessageRecord take_job(State& state, Queue& queue, FoundJob&& job, Round& round) {
    require(job.state != MessageState::leased, "a leased message is taken from its lease only");
    MessageRecord record = std::move(job.record);
    state.touch(queue, round);
    if (queue.groups) {
        state.pump_later(queue);  // Its group may have waited for it.
    }
    if (job.plain) {
        // The hold of a restart has no batch of its own, so that no token could be told to be the last.
        const auto returned = queue.returned.find(record.offset);
        if (returned != queue.returned.end() && returned->second.cause != Cause::restart) {
            queue.lane_fences[record.offset] = {
                returned->second.fence, Lane::timed, {}, record.body.size_of(0), traced_meta(record.meta)};
        }
        queue.waiting_again.erase(record.offset);
        leave_plain(state, queue, record.offset, 1, round);
        round.bytes += record.body.size_of(0);
        return record;
    }
    if (is_finished(job.state)) {
        leave_finished(state, queue, record, round);
        return record;
    }
    if (job.state == MessageState::waiting) {
        take_ready(queue, record.offset);
    }
    remove_lane_record(queue, record, round);
    return record;
}

MessageState state_as_told(const FoundJob& job) {
    const MetaPtr& meta = job.record.meta;
    const bool plain = job.state == MessageState::prioritized && meta && meta->priority == 0 && !meta->lifo;
    return plain ? MessageState::waiting : job.state;
}

Refusal wrong_state(MessageState state, const char* wanted) {
    return {RefusalCode::wrong_message_state,
            std::string("the message is ") + state_in_words(state) + ": only " + wanted, "offset"};
}

const char* state_in_words(MessageState state) {
    switch (state) {
        case MessageState::waiting:
            return "waiting";
        case MessageState::delayed:
            return "delayed";
        case MessageState::leased:
            return "leased";
        case MessageState::failed:
            return "failed";
        case MessageState::prioritized:
            return "prioritized";
        case MessageState::grouped:
            return "grouped";
        case MessageState::completed:
            return "completed";
        case MessageState::waiting_children:
            return "waiting for children";
    }
    return "unknown";
}

void put_ready(State& state, Queue& queue, MessageRecord&& record, TimeMs now, Round& round) {
    record.at = now;
    round.bytes += record.body.size_of(0);
    const bool room = queue.lane.ready_count() < limits::lane_window_messages_max;
    put_lane_record(state, queue, std::move(record), is_ranked(queue, record.meta) || room, round);
    state.pump_later(queue);
}

void put_in_place(State& state, Queue& queue, MessageRecord&& record, bool ready, TimeMs now, Round& round) {
    if (ready) {
        put_ready(state, queue, std::move(record), now, round);
    } else {
        round.bytes += record.body.size_of(0);
        put_lane_record(state, queue, std::move(record), false, round);
    }
}

void change_due(MessageRecord& record, TimeMs due) {
    record.at = due;
    if (record.meta && record.meta->counters.deliveries != 0) {
        return;
    }
    if (record.meta && record.meta->expires_at != 0) {
        auto meta = std::make_shared<MessageMeta>(*record.meta);
        meta->expires_at += due - record.ready_at;
        record.meta = std::move(meta);
    }
    record.ready_at = due;
}

}  // namespace baton::core
