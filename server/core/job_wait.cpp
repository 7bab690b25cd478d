#include "server/core/job_wait.hpp"

#include "server/core/job_lookup.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

namespace {

/// One wait of a connection fewer.
void count_out(State& state, ConnectionId connection) {
    const auto found = state.waits_by.find(connection);
    if (--found->second == 0) {
        state.waits_by.erase(found);
    }
}

void end_wait(State& state, Queue& queue, const JobWait& wait, ReplyBody&& body, Round& round) {
    if (auto* ended = std::get_if<JobEnded>(&body)) {
        ended->offset = wait.offset;
    }
    count_out(state, wait.connection);
    if (queue.waits.empty()) {
        state.queues_waited_for.erase(queue.id);
    }
    round.effects.push_back(Reply{wait.connection, wait.request, std::move(body)});
}

}  // namespace

void wait_for_found(State& state, Queue& queue, Request&& request, const FoundJob& job, Round& round) {
    if (job.state == MessageState::completed) {
        reply(request, JobEnded{JobOutcome::completed, "", job.record.completion->result, job.record.offset}, round);
        return;
    }
    if (job.state == MessageState::failed) {
        const MetaPtr& meta = job.record.meta;
        const bool said = meta && !meta->attempts.empty();
        const std::string why = said ? meta->attempts.back().reason : to_text(job.record.reason);
        reply(request, JobEnded{JobOutcome::failed, why, nullptr, job.record.offset}, round);
        return;
    }
    const WaitJob& wait = std::get<WaitJob>(request.body);
    if (value(request.id) == 0) {
        return;
    }
    std::uint32_t& waiting = state.waits_by[request.connection];
    if (waiting >= limits::waits_per_connection_max) {
        reply(request,
              Refusal{RefusalCode::too_many_requests, "too many waits for jobs on this connection", "wait_job",
                      limits::waits_per_connection_max, true, 1'000},
              round);
        return;
    }
    ++waiting;
    queue.waits.add({request.connection, request.id, wait.offset, wait.deadline});
    state.queues_waited_for.insert(queue.id);
    state.arm(queue, wait.deadline);
}

void wait_for_none(State&, Queue& queue, const Request& request, Refusal&& why, Round& round) {
    const Offset offset = std::get<WaitJob>(request.body).offset;
    if (why.code == RefusalCode::message_not_found && offset < queue.end) {
        reply(request, JobEnded{JobOutcome::gone, "", nullptr, offset}, round);
    } else {
        reply(request, std::move(why), round);
    }
}

void answer_waits(State& state, Queue& queue, const Ending& ending, Round& round) {
    while (const auto wait = queue.waits.take(ending.first, ending.count)) {
        end_wait(state, queue, *wait, JobEnded{ending.outcome, ending.text, ending.result}, round);
    }
}

void answer_purged_waits(State& state, Queue& queue, Round& round) {
    for (auto offset = queue.waits.next_offset(0); offset; offset = queue.waits.next_offset(*offset + 1)) {
        if (queue.leases.holder_of(*offset) == nullptr && !queue.moving.contains(*offset)) {
            answer_waits(state, queue, {JobOutcome::removed, *offset, 1, "purged"}, round);
        }
    }
}

void refuse_waits(State& state, Queue& queue, Round& round) {
    while (const auto wait = queue.waits.take(0, UINT64_MAX)) {
        end_wait(state, queue, *wait,
                 Refusal{RefusalCode::queue_deleted, "the queue was deleted meanwhile", "wait_job.queue"}, round);
    }
}

void expire_waits(State& state, Queue& queue, TimeMs now, Round& round) {
    while (const auto wait = queue.waits.take_due(now)) {
        end_wait(state, queue, *wait, JobEnded{JobOutcome::timeout}, round);
    }
    if (const auto next = queue.waits.next_deadline()) {
        state.arm(queue, *next);
    }
}

void cancel_wait(State& state, ConnectionId connection, RequestId request, Round& round) {
    if (!state.waits_by.contains(connection)) {
        return;
    }
    for (const QueueId id : std::set<QueueId>(state.queues_waited_for)) {
        Queue& queue = *state.find(id);
        while (const auto wait = queue.waits.take(connection, request)) {
            end_wait(state, queue, *wait, JobEnded{JobOutcome::timeout}, round);
        }
    }
}

void drop_waits(State& state, ConnectionId connection) {
    Round nobody_hears_it;
    cancel_wait(state, connection, RequestId{}, nobody_hears_it);
}

}  // namespace baton::core
