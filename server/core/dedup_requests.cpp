// Deduplication keys shown and cleared by hand.
#include "server/core/dedup_request.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/names.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

namespace {

const std::string& queue_of(const RequestBody& body) {
    const auto* show = std::get_if<ShowDedup>(&body);
    return show != nullptr ? show->queue : std::get<ClearDedup>(body).queue;
}

const std::string& key_of(const RequestBody& body) {
    const auto* show = std::get_if<ShowDedup>(&body);
    return show != nullptr ? show->key : std::get<ClearDedup>(body).key;
}

Refusal nobody_has_it() {
    return {RefusalCode::dedup_not_found, "nobody has this deduplication id in the queue", "id"};
}

/// The holder forgets its key, so that its end does not free the key of another.
void forget_key(State& state, Queue& queue, FoundJob&& job, Round& round) {
    const MetaPtr meta = without_key(job.record.meta);
    const Offset offset = job.record.offset;
    if (job.state == MessageState::leased) {
        LeaseBatch& batch = *queue.leases.holder_of(offset);
        LeasedDetail& detail = batch.details.at(job.position);
        detail.lane->meta = meta;
        round.bytes += detail.lane->body.size_of(0);
        round.mutations.push_back(
            PutLaneRecord{queue.ns, queue.id, detail.lane->lane, queue.lane_generation, *detail.lane});
        queue.job_reads.changed(offset);
        state.touch(queue, round);
        return;
    }
    if (const auto fence = queue.lane_fences.find(offset); fence != queue.lane_fences.end()) {
        fence->second.meta = meta;
    }
    const bool ready = job.state != MessageState::delayed;
    MessageRecord record = take_job(state, queue, std::move(job), round);
    record.meta = meta;
    round.bytes += record.body.size_of(0);
    put_lane_record(state, queue, std::move(record), ready, round);
}

void show_dedup(Queue& queue, const Request& request, const NameRecord& record, const FoundJob* job, Round& round) {
    const auto parked = queue.names.parked.find(key_of(request.body));
    const bool waits = parked != queue.names.parked.end() && parked->second.holder == record.holder;
    reply(
        request,
        DedupShown{queue.id, record.holder, job != nullptr ? state_as_told(*job) : MessageState{}, record.until, waits},
        round);
}

void clear_dedup(State& state, Queue& queue, const Request& request, const NameRecord& record, FoundJob* job,
                 TimeMs now, Round& round) {
    const ClearDedup& clear = std::get<ClearDedup>(request.body);
    if (clear.if_holder && *clear.if_holder != record.holder) {
        reply(request,
              Refusal{RefusalCode::dedup_changed,
                      "the message at offset " + std::to_string(record.holder) + " has this deduplication id",
                      "clear_dedup.if_holder"},
              round);
        return;
    }
    const bool keyed = job != nullptr && job->record.meta && job->record.meta->identity &&
                       job->record.meta->identity->dedup && !is_finished(job->state);
    if (keyed && !has_window(*job->record.meta->identity->dedup)) {
        forget_key(state, queue, std::move(*job), round);
    }
    remove_name(state, queue, {queue.id, NameKind::dedup, clear.key}, record, round);
    if (std::optional<Parked> parked = take_parked(state, queue, clear.key, round)) {
        release_parked(state, queue, std::move(*parked), now, round);
    }
    reply(request, Done{}, round);
}

}  // namespace

void apply_dedup_request(State& state, Request&& request, TimeMs now, Round& round) {
    Queue* queue = state.find(request.ns, queue_of(request.body));
    if (queue == nullptr) {
        reply(request, no_such_queue(queue_of(request.body)), round);
        return;
    }
    if (queue->attaching != 0) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    const Name name{queue->id, NameKind::dedup, key_of(request.body)};
    const auto* known = state.names.find(name);
    if (known == nullptr) {
        read_names(state, *queue, {name}, std::move(request), round);
        return;
    }
    if (!*known || !is_held(*queue, NameKind::dedup, **known, now)) {
        reply(request, nobody_has_it(), round);
        return;
    }
    const NameRecord record = **known;
    JobLookup found = look_up_job(state, *queue, record.holder, now);
    if (std::holds_alternative<UnreadJob>(found)) {
        read_jobs(state, *queue, {record.holder}, std::move(request), round);
        return;
    }
    auto* job = std::get_if<FoundJob>(&found);
    const bool finished = job == nullptr || is_finished(job->state);
    if (finished && record.until == 0) {
        reply(request, nobody_has_it(), round);
    } else if (std::holds_alternative<ShowDedup>(request.body)) {
        show_dedup(*queue, request, record, job, round);
    } else {
        clear_dedup(state, *queue, request, record, job, now, round);
    }
}

}  // namespace baton::core
