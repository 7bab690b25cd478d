#include "server/core/state.hpp"

#include "server/core/limits.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {
constexpr std::uint32_t read_chunks_max = 64;
constexpr std::uint64_t read_bytes_max = 4 * 1024 * 1024;
}  // namespace

Queue* State::find(QueueId id) {
    const auto found = queues.find(value(id));
    return found == queues.end() ? nullptr : found->second.get();
}

Queue* State::find(std::string_view ns, std::string_view name) {
    const auto space = namespaces.find(ns.empty() ? std::string_view("default") : ns);
    if (space == namespaces.end()) {
        return nullptr;
    }
    const auto found = space->second.queues.find(name);
    return found == space->second.queues.end() ? nullptr : found->second;
}

Session* State::session_of(ConnectionId connection) {
    const auto found = connections.find(connection);
    return found == connections.end() ? nullptr : found->second;
}

void State::touch(Queue& queue, Round& round) {
    if (!queue.dirty) {
        queue.dirty = true;
        dirty.push_back(queue.id);
    }
    round.needs_sync = round.needs_sync || queue.settings.durability == Durability::sync;
}

void State::pump_later(Queue& queue) {
    if (!queue.to_pump) {
        queue.to_pump = true;
        to_pump.push_back(queue.id);
    }
}

void State::arm(Queue& queue, TimeMs at) {
    if (queue.armed_at && *queue.armed_at <= at) {
        return;
    }
    if (queue.armed_at) {
        queue_timers.erase({*queue.armed_at, queue.id});
    }
    queue.armed_at = at;
    queue_timers.emplace(at, queue.id);
}

void State::read_chunks(Queue& queue, Offset offset, std::optional<Request> request, Round& round) {
    if (!request) {
        if (queue.chunk_read_pending) {
            return;
        }
        queue.chunk_read_pending = true;
    }
    LoadChunks then;
    then.offset = offset;
    const bool for_request = request.has_value();
    if (request) {
        then.brought = std::exchange(brought, {});
        then.parked = std::move(*request);
    }
    const std::uint64_t ticket = next_ticket++;
    reads.emplace(ticket, PendingRead{queue.id, std::move(then)});
    round.reads.push_back({ticket, ReadChunks{queue.ns, log_of(queue), offset, for_request ? 1 : read_chunks_max,
                                              for_request ? 0 : read_bytes_max}});
}

void State::read_lane(Queue& queue, Lane lane, LaneKey from, std::uint32_t records, PendingRead&& then, Round& round) {
    const std::uint64_t ticket = next_ticket++;
    reads.emplace(ticket, std::move(then));
    const std::uint32_t generation = lane == Lane::failed      ? queue.failed_generation
                                     : lane == Lane::completed ? queue.completed_generation
                                                               : queue.lane_generation;
    round.reads.push_back({ticket, ReadLane{queue.ns, queue.id, lane, generation, from.at, from.offset, records,
                                            read_bytes_max, from.rank, false, from.group}});
}

void State::shrink_window(Queue& queue) {
    std::size_t allowed = limits::window_bytes_per_queue_max;
    if (window_bytes > options.window_bytes_max) {
        const std::size_t over = window_bytes - options.window_bytes_max;
        allowed = std::min(allowed, queue.window.bytes() > over ? queue.window.bytes() - over : 0);
    }
    if (queue.window.bytes() > allowed) {
        window_bytes -= queue.window.shrink(queue.acks.next_clear(queue.next), allowed);
    }
}

void reply(const Request& origin, ReplyBody&& body, Round& round) {
    if (origin.task != TaskId{}) {
        round.task_answers.emplace_back(origin.task, std::move(body));
        return;
    }
    if (origin.walk != 0) {
        round.walk_answers.emplace_back(origin.walk, std::move(body));
        return;
    }
    if (value(origin.id) != 0) {
        round.effects.push_back(Reply{origin.connection, origin.id, std::move(body)});
    }
}

void refuse(const Request& origin, RefusalCode code, std::string message, std::string field, Round& round) {
    reply(origin, Refusal{code, std::move(message), std::move(field)}, round);
}

Refusal no_such_queue(const std::string& name) {
    return Refusal{RefusalCode::queue_not_found, "there is no queue named '" + name + "'", "queue"};
}

}  // namespace baton::core
