// What reads that have come back lead to: bodies for the windows, and whatever waited for them goes on.
#include "server/core/cancel.hpp"
#include "server/core/finished_log.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_wait.hpp"
#include "server/core/jobs.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace baton::core {

bool is_produce_to(const Request& request, const Queue& queue) {
    const auto* produce = std::get_if<Produce>(&request.body);
    return produce != nullptr && produce->queue == queue.name;
}

void take_in(State& state, const std::vector<ChunkPtr>& chunks) {
    for (const ChunkPtr& chunk : chunks) {
        Queue* queue = state.find(chunk->log);
        if (queue == nullptr) {
            continue;
        }
        const auto done = static_cast<std::uint32_t>(queue->acks.count_set(chunk->first, chunk->count));
        if (done < chunk->count) {
            const std::size_t before = queue->window.bytes();
            queue->window.add(chunk, chunk->count - done);
            state.window_bytes += queue->window.bytes() - before;
        }
    }
}

namespace {

/// Chunks of its topic, for the window of a subscription.
void make_own(const Queue& subscription, std::vector<ChunkPtr>& chunks) {
    if (subscription.topic == nullptr) {
        return;
    }
    for (ChunkPtr& chunk : chunks) {
        auto own = std::make_shared<Chunk>(*chunk);
        own->log = subscription.id;
        chunk = std::move(own);
    }
}

void chunks_arrived(State& state, QueueId id, LoadChunks&& load, ChunksRead&& found, TimeMs now, Round& round) {
    Queue* queue = state.find(id);
    if (queue != nullptr) {
        make_own(*queue, found.chunks);
        take_in(state, found.chunks);
        lose_missing(state, *queue, found.chunks, round);
        if (!load.parked) {
            queue->chunk_read_pending = false;
        }
        // Asking again would go on for ever: a message that is owed and not stored is a broken promise.
        const bool came = std::any_of(found.chunks.begin(), found.chunks.end(), [&](const ChunkPtr& chunk) {
            return load.offset >= chunk->first && load.offset < chunk->first + chunk->count;
        });
        require(came || queue->acks.test(load.offset) || queue->window.resident(load.offset),
                "the chunk of a message that is not done is on disk");
        finish_moving(state, *queue, now, round);
        if (queue->attaching == 0) {
            expire_leases(state, *queue, now, round);
        }
        state.pump_later(*queue);
        state.arm(*queue, now);
    }
    if (load.parked) {
        if (queue != nullptr && is_produce_to(*load.parked, *queue)) {
            queue->produce_parked = false;
        }
        // Of a long run of holes nothing is kept: memory would grow with all that was compacted.
        std::copy_if(found.chunks.begin(), found.chunks.end(), std::back_inserter(load.brought.chunks),
                     [queue](const ChunkPtr& chunk) {
                         return queue == nullptr || chunk->missing.size() < chunk->count ||
                                queue->acks.count_set(chunk->first, chunk->count) < chunk->count;
                     });
        dispatch_with(state, std::move(load.brought), std::move(*load.parked), now, round);
    }
    resume_produces(state, id, now, round);
}

void task_arrived(State& state, Queue* queue, StepTask&& step, ReadAnswer&& answer, TimeMs now, Round& round) {
    if (queue == nullptr) {
        refuse(step.task->origin, RefusalCode::queue_deleted, "the queue was deleted meanwhile", "queue", round);
        return;
    }
    if (auto* lane = std::get_if<LaneRead>(&answer.found)) {
        const RequestBody& body = step.task->origin.body;
        const auto take_step = std::holds_alternative<PromoteAll>(body) ? step_promote_all
                               : std::holds_alternative<Redrive>(body)  ? step_redrive_lane
                                                                        : step_retry_failed;
        take_step(state, *queue, std::move(step.task), std::move(*lane), now, round);
        return;
    }
    std::vector<ChunkPtr>& chunks = std::get<ChunksRead>(answer.found).chunks;
    make_own(*queue, chunks);
    take_in(state, chunks);
    lose_missing(state, *queue, chunks, round);
    step_redrive(state, *queue, std::move(step.task), now, round);
}

/// Reads about what is kept of messages that are over, and about flows; false for others.
bool kept_answered(State& state, Queue* queue, PendingRead& pending, ReadAnswer& answer, TimeMs now, Round& round) {
    if (const auto* events = std::get_if<LoadEvents>(&pending.then)) {
        events_arrived(state, events->connection, events->stream, std::move(std::get<EventsRead>(answer.found)), round);
    } else if (std::holds_alternative<TrimOldEvents>(pending.then)) {
        if (queue != nullptr) {
            step_event_retention(state, *queue, std::move(std::get<EventsRead>(answer.found)), now, round);
        }
    } else if (std::holds_alternative<TrimOldMessages>(pending.then)) {
        if (queue != nullptr) {
            step_topic_retention(state, *queue, std::get<ChunksRead>(answer.found), now, round);
        }
    } else if (std::holds_alternative<CompactTopic>(pending.then)) {
        if (queue != nullptr) {
            step_topic_compaction(state, *queue, std::get<ChunksRead>(answer.found), now, round);
        }
    } else if (const auto* fill = std::get_if<FillReferences>(&pending.then)) {
        if (queue != nullptr) {
            fill_arrived(state, *queue, *fill, std::get<ChunksRead>(answer.found), round);
        }
    } else if (const auto* trim = std::get_if<TrimStep>(&pending.then)) {
        if (queue != nullptr) {
            step_retention(state, *queue, *trim, std::move(std::get<FinishedRead>(answer.found)), now, round);
        }
    } else if (const auto* sweep = std::get_if<SweepReports>(&pending.then)) {
        if (queue != nullptr) {
            sweep_reports(state, *queue, *sweep, std::move(std::get<ReportedRead>(answer.found)), now, round);
        }
    } else if (auto* members = std::get_if<LoadFlowMembers>(&pending.then)) {
        flow_members_arrived(state, std::move(*members), std::move(std::get<FlowMembersRead>(answer.found)), now,
                             round);
    } else if (auto* flow = std::get_if<LoadFlow>(&pending.then)) {
        const auto arrived = flow->wants_results ? flow_results_arrived : flow_arrived;
        arrived(state, std::move(*flow), std::move(std::get<FlowRead>(answer.found)), now, round);
    } else {
        return false;
    }
    return true;
}

/// Reads about what jobs said, and counts, for a request; false for others.
bool report_answered(State& state, Queue* queue, PendingRead& pending, ReadAnswer& answer, TimeMs now, Round& round) {
    if (auto* log = std::get_if<LoadLog>(&pending.then)) {
        log_arrived(state, pending.queue, std::move(*log), std::move(std::get<ReportRead>(answer.found)), now, round);
    } else if (auto* report = std::get_if<AnswerReport>(&pending.then)) {
        if (queue == nullptr) {
            refuse(report->origin, RefusalCode::queue_deleted, "the queue was deleted meanwhile", "queue", round);
        } else {
            report_arrived(state, *queue, std::move(*report), std::move(std::get<ReportRead>(answer.found)), round);
        }
    } else if (auto* slice = std::get_if<CountSlice>(&pending.then)) {
        if (queue == nullptr) {
            refuse(slice->origin, RefusalCode::queue_deleted, "the queue was deleted meanwhile", "queue", round);
        } else {
            priorities_arrived(state, *queue, std::move(slice->origin), std::get<LaneRead>(answer.found), round);
        }
    } else {
        return false;
    }
    return true;
}

}  // namespace

void read_answered(State& state, PendingRead&& pending, ReadAnswer&& answer, TimeMs now, Round& round) {
    Queue* queue = state.find(pending.queue);
    if (kept_answered(state, queue, pending, answer, now, round)) {
        return;
    }
    if (report_answered(state, queue, pending, answer, now, round)) {
        return;
    }
    if (const auto* zone = std::get_if<LoadZone>(&pending.then)) {
        zone_arrived(state, zone->name, std::move(std::get<ZoneRead>(answer.found).span), now, round);
    } else if (auto* chunks = std::get_if<LoadChunks>(&pending.then)) {
        chunks_arrived(state, pending.queue, std::move(*chunks), std::move(std::get<ChunksRead>(answer.found)), now,
                       round);
    } else if (auto* list = std::get_if<AnswerList>(&pending.then)) {
        if (queue == nullptr) {
            refuse(list->origin, RefusalCode::queue_deleted, "the queue was deleted meanwhile", "queue", round);
        } else {
            answer_list(state, *queue, std::move(list->origin), std::move(std::get<LaneRead>(answer.found)), round);
        }
    } else if (const auto* groups = std::get_if<LoadGroups>(&pending.then)) {
        groups_arrived(state, pending.queue, groups->read, std::move(std::get<GroupsRead>(answer.found)), now, round);
    } else if (auto* shown = std::get_if<AnswerGroups>(&pending.then)) {
        if (queue == nullptr) {
            refuse(shown->origin, RefusalCode::queue_deleted, "the queue was deleted meanwhile", "queue", round);
        } else {
            answer_groups(*queue, std::move(shown->origin), std::move(std::get<GroupsRead>(answer.found)), now, round);
        }
    } else if (auto* names = std::get_if<LoadNames>(&pending.then)) {
        names_arrived(state, pending.queue, std::move(*names), std::move(std::get<NamesRead>(answer.found)), now,
                      round);
    } else if (const auto* sweep = std::get_if<SweepNames>(&pending.then)) {
        sweep_arrived(state, pending.queue, *sweep, std::move(answer), now, round);
    } else if (auto* jobs = std::get_if<LoadJobs>(&pending.then)) {
        jobs_arrived(state, pending.queue, std::move(*jobs), std::move(std::get<LaneRead>(answer.found)), now, round);
    } else if (auto* tail = std::get_if<LoadTail>(&pending.then)) {
        tail_arrived(state, pending.queue, std::move(*tail), std::move(std::get<LaneRead>(answer.found)), now, round);
    } else if (auto* task = std::get_if<StepTask>(&pending.then)) {
        task_arrived(state, queue, std::move(*task), std::move(answer), now, round);
    } else if (queue != nullptr) {
        if (const auto* expiring = std::get_if<LoadExpiring>(&pending.then)) {
            expiries_arrived(state, *queue, *expiring, std::move(std::get<ExpiringRead>(answer.found)), now, round);
            state.pump_later(*queue);
            return;
        }
        LaneRead& lane = std::get<LaneRead>(answer.found);
        if (const auto* attach = std::get_if<AttachLane>(&pending.then)) {
            attach_lane(state, *queue, *attach, std::move(lane), now, round);
        } else if (const LoadLane load = std::get<LoadLane>(pending.then); load.generation == queue->lane_generation) {
            queue->window_of(load.lane).loaded(std::move(lane.records), lane.at_end);
            promote_due(state, *queue, now, round);
            state.pump_later(*queue);
        }
        state.arm(*queue, now);
    }
}

}  // namespace baton::core
