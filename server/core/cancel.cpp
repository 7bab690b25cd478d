#include "server/core/cancel.hpp"

#include "server/core/consumer.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/job_names.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

constexpr std::size_t recent_ends_max = 1'024;

std::optional<Refusal> check(const CancelJobs& cancel) {
    const std::size_t named = cancel.offsets.size() + cancel.own.ids.size() + cancel.done.cancelled.size() +
                              cancel.done.cancelling.size() + cancel.done.refused.size() + cancel.own.refused.size();
    if (named == 0 || named > limits::jobs_per_request_max) {
        return invalid("cancel_jobs.offsets", "a request names 1 to 1000 messages", limits::jobs_per_request_max);
    }
    if (cancel.grace_ms < 0 || cancel.grace_ms > limits::cancel_grace_ms_max) {
        return invalid("cancel_jobs.grace_ms", "grace_ms is from 0 to 600000", limits::cancel_grace_ms_max);
    }
    return std::nullopt;
}

class Cancelling {
public:
    Cancelling(State& state, Queue& queue, Request& request, TimeMs now, Round& round)
        : state_(state),
          queue_(queue),
          request_(request),
          cancel_(std::get<CancelJobs>(request.body)),
          now_(now),
          round_(round) {}

    void run();

private:
    void one(Offset offset, FoundJob&& job);
    void held(Offset offset, LeaseBatch& batch, std::uint32_t position);
    void take_from_hold(FoundJob&& job);
    void gone(FoundJob&& job);

    State& state_;
    Queue& queue_;
    Request& request_;
    CancelJobs& cancel_;
    TimeMs now_;
    Round& round_;
};

/// Cancels what it can; what must be read first parks the request with the rest.
void Cancelling::run() {
    std::vector<Offset> in_chunks, in_records;
    for (const Offset offset : std::exchange(cancel_.offsets, {})) {
        JobLookup found = look_up_job(state_, queue_, offset, now_);
        if (auto* job = std::get_if<FoundJob>(&found)) {
            one(offset, std::move(*job));
        } else if (auto* refusal = std::get_if<Refusal>(&found)) {
            cancel_.done.refused.emplace_back(offset, std::move(*refusal));
        } else {
            (std::get<UnreadJob>(found) == UnreadJob::chunk ? in_chunks : in_records).push_back(offset);
        }
    }
    cancel_.offsets = in_chunks;
    cancel_.offsets.insert(cancel_.offsets.end(), in_records.begin(), in_records.end());
    if (!in_chunks.empty()) {
        state_.read_chunks(queue_, in_chunks.front(), std::move(request_), round_);
    } else if (!in_records.empty()) {
        read_jobs(state_, queue_, std::move(in_records), std::move(request_), round_);
    } else {
        tell_by_id(cancel_.own, cancel_.done.refused);
        cancel_.done.refused_ids = std::move(cancel_.own.refused);
        reply(request_, std::move(cancel_.done), round_);
    }
}

void Cancelling::one(Offset offset, FoundJob&& job) {
    if (is_finished(job.state)) {
        cancel_.done.refused.emplace_back(offset, wrong_state(job.state, "one that is not done can be cancelled"));
        return;
    }
    if (job.state != MessageState::leased) {
        gone(std::move(job));
        return;
    }
    if (job.batch != nullptr && !job.batch->restart_hold) {
        held(offset, *queue_.leases.find(job.batch->number), job.position);
    } else if (job.batch != nullptr) {
        take_from_hold(std::move(job));
    } else if (queue_.acks.test(offset)) {
        // Held in its lane after a restart, by nobody who is known.
        job.state = MessageState::delayed;
        gone(std::move(job));
    } else {
        cancel_.done.refused.emplace_back(
            offset, Refusal{RefusalCode::busy, "the message is on its way out of the queue", "offset", 0, true, 100});
    }
}

void Cancelling::gone(FoundJob&& job) {
    MessageRecord record = take_job(state_, queue_, std::move(job), round_);
    cancel_.done.cancelled.push_back(record.offset);
    queue_.lane_fences.erase(record.offset);
    move_out(state_, queue_, std::move(record), EndReason::cancelled, now_, round_);
}

/// Its holder of before the restart is not known: it learns of it when it settles.
void Cancelling::take_from_hold(FoundJob&& job) {
    const Offset offset = job.record.offset;
    LeaseBatch& hold = *queue_.leases.find(job.batch->number);
    queue_.leased_plain -= 1;
    close_lease(state_, queue_, hold, job.position, 1, 0, round_);
    leave_plain(state_, queue_, offset, 1, round_);
    cancel_.done.cancelled.push_back(offset);
    move_out(state_, queue_, std::move(job.record), EndReason::cancelled, now_, round_);
}

void Cancelling::held(Offset offset, LeaseBatch& batch, std::uint32_t position) {
    LeasedDetail& detail =
        batch.details.try_emplace(position, detail_of(queue_, batch, position, offset)).first->second;
    const TimeMs ends_at = now_ + cancel_.grace_ms;
    detail.cancelled = true;
    const TimeMs before = batch.ends_of(position);
    detail.ends_at = before == 0 ? ends_at : std::min(before, ends_at);
    tell_revoked(queue_, batch, {{offset, 1}}, RevokeReason::cancelled, detail.ends_at - now_, round_);
    if (cancel_.grace_ms == 0 && ready_to_end(state_, queue_, batch, position, offset, round_)) {
        give_back(state_, queue_, batch, position, offset, {Cause::none, false, 0, ""}, now_, round_);
        cancel_.done.cancelled.push_back(offset);
        return;
    }
    cancel_.done.cancelling.push_back(offset);
    queue_.leases.refile(batch);
    state_.arm(queue_, batch.filed_deadline);
    // The promise outlives a restart.
    batch.recorded = true;
    round_.mutations.push_back(lease_record(queue_, batch));
    state_.touch(queue_, round_);
}

}  // namespace

void tell_revoked(const Queue& queue, const LeaseBatch& batch, std::vector<OffsetRange>&& ranges, RevokeReason reason,
                  DurationMs grace_ms, Round& round) {
    if (batch.consumer == nullptr || value(batch.consumer->connection) == 0) {
        return;
    }
    if (auto* last = round.effects.empty() ? nullptr : std::get_if<LeaseRevoked>(&round.effects.back())) {
        OffsetRange& range = last->ranges.back();
        if (last->token.queue == queue.id && last->token.batch == batch.number && last->reason == reason &&
            last->grace_ms == grace_ms && range.first + range.count == ranges.front().first) {
            range.count += ranges.front().count;
            return;
        }
    }
    round.effects.emplace_back(LeaseRevoked{batch.consumer->connection,
                                            batch.consumer_id,
                                            {batch.epoch, queue.id, batch.number},
                                            std::move(ranges),
                                            reason,
                                            grace_ms});
}

void tell_revoked_again(Queue& queue, const Consumer& consumer, TimeMs now, Round& round) {
    for (const BatchNumber number : consumer.batches) {
        const LeaseBatch& batch = *queue.leases.find(number);
        for (const LeasedRun& run : batch.runs) {
            for (std::uint32_t i = 0; i < run.count && !batch.details.empty(); ++i) {
                const auto detail = batch.details.find(run.position + i);
                if (detail != batch.details.end() && detail->second.cancelled && !batch.is_settled(detail->first)) {
                    tell_revoked(queue, batch, {{run.first + i, 1}}, RevokeReason::cancelled,
                                 std::max<DurationMs>(0, detail->second.ends_at - now), round);
                }
            }
        }
    }
}

void remember_end(Queue& queue, BatchNumber batch, Offset offset, RefusalCode code) {
    queue.recent_ends.push_back({batch, offset, code});
    if (queue.recent_ends.size() > recent_ends_max) {
        queue.recent_ends.pop_front();
    }
}

void apply_cancel_jobs(State& state, Request&& request, TimeMs now, Round& round) {
    const CancelJobs& cancel = std::get<CancelJobs>(request.body);
    Queue* queue = state.find(request.ns, cancel.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(cancel.queue), round);
        return;
    }
    if (auto fault = check(cancel)) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (queue->attaching != 0) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    if (!find_by_id(state, *queue, request, round)) {
        return;
    }
    close_chunks(state, *queue, round);
    promote_due(state, *queue, now, round);
    Cancelling(state, *queue, request, now, round).run();
}

}  // namespace baton::core
