// Following the events of a queue: from a number on, by type and message, as many as the follower allows. What is
// appended goes out at once to those who have everything before it; others are served from disk.
#include "server/core/event_log.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

using StreamKey = std::pair<ConnectionId, std::uint64_t>;

bool wants(const EventStream& stream, const Event& event) {
    if (stream.types != 0 && (stream.types & event_bit(event.type)) == 0) {
        return false;
    }
    return !stream.offset || event.count == 0 ||
           (*stream.offset >= event.first && *stream.offset < event.first + event.count);
}

/// Puts what the stream wants of a chunk into its batch, as far as its credit goes.
void take_chunk(EventStream& stream, const EventChunk& chunk, EventBatch& out) {
    for (std::size_t i = stream.next_seq > chunk.first_seq ? stream.next_seq - chunk.first_seq : 0;
         i < chunk.events.size() && stream.credit != 0; ++i) {
        if (wants(stream, chunk.events[i])) {
            out.events.push_back({chunk.first_seq + i, chunk.at, chunk.events[i]});
            stream.credit -= 1;
        }
        stream.next_seq = chunk.first_seq + i + 1;
    }
}

EventBatch batch_for(const EventStream& stream) {
    EventBatch out;
    out.connection = stream.connection;
    out.stream = stream.id;
    return out;
}

void send(EventStream& stream, const Queue& queue, EventBatch&& out, Round& round) {
    out.next_seq = stream.next_seq;
    const bool all = stream.next_seq == queue.events.counts.next;
    out.caught_up = all;
    const bool news = !out.events.empty() || out.missed_first != 0 || (all && !stream.told_caught_up);
    stream.told_caught_up = all;
    if (news) {
        round.effects.emplace_back(std::move(out));
    }
}

/// What was wanted and is gone is told once.
void skip_missing(EventStream& stream, std::uint64_t head, EventBatch& out) {
    if (stream.next_seq < head) {
        out.missed_first = stream.next_seq;
        out.missed_last = head - 1;
        stream.next_seq = head;
    }
}

EventStream* find_stream(State& state, ConnectionId connection, std::uint64_t id) {
    const auto found = state.event_streams.find(StreamKey{connection, id});
    return found == state.event_streams.end() ? nullptr : found->second.get();
}

void forget(State& state, const EventStream& stream) {
    if (Queue* queue = state.find(stream.queue)) {
        std::erase(queue->events.streams, &stream);
    }
    state.event_streams.erase(StreamKey{stream.connection, stream.id});
}

void open_stream(State& state, Queue& queue, const Request& request, Round& round) {
    const StreamEvents& wanted = std::get<StreamEvents>(request.body);
    const auto first = state.event_streams.lower_bound(StreamKey{request.connection, 0});
    std::uint32_t open = 0;
    for (auto at = first; at != state.event_streams.end() && at->first.first == request.connection; ++at) {
        ++open;
    }
    if (find_stream(state, request.connection, wanted.stream) != nullptr) {
        reply(request, invalid("stream_events.stream_id", "this connection has a stream of this id"), round);
        return;
    }
    if (open >= limits::event_streams_per_connection_max) {
        reply(request,
              Refusal{RefusalCode::too_many_streams, "too many streams are open on this connection",
                      "stream_events.stream_id", limits::event_streams_per_connection_max},
              round);
        return;
    }
    auto owned = std::make_unique<EventStream>();
    EventStream& stream = *owned;
    stream.connection = request.connection;
    stream.id = wanted.stream;
    stream.queue = queue.id;
    const EventCounts& counts = queue.events.counts;
    // 0 is the oldest that is kept, whatever its number; what is not there yet cannot be waited for.
    const std::uint64_t from = wanted.from_seq.value_or(counts.next);
    stream.next_seq = from == 0 ? counts.head : std::min(from, counts.next);
    stream.types = wanted.types;
    stream.offset = wanted.offset;
    stream.credit = wanted.credit;
    state.event_streams.emplace(StreamKey{stream.connection, stream.id}, std::move(owned));
    queue.events.streams.push_back(&stream);
    reply(request, Done{}, round);
    pump_stream(state, queue, stream, round);
}

void credit_stream(State& state, const Request& request, Round& round) {
    const CreditEvents& more = std::get<CreditEvents>(request.body);
    EventStream* stream = find_stream(state, request.connection, more.stream);
    if (stream == nullptr) {
        refuse(request, RefusalCode::stream_not_found, "there is no such stream on this connection",
               "credit_events.stream_id", round);
        return;
    }
    stream->credit = std::min<std::uint64_t>(stream->credit + more.events, limits::event_credit_max);
    reply(request, Done{}, round);
    pump_stream(state, *state.find(stream->queue), *stream, round);
}

void close_stream(State& state, const Request& request, Round& round) {
    if (const EventStream* stream =
            find_stream(state, request.connection, std::get<CloseEvents>(request.body).stream)) {
        forget(state, *stream);
    }
    reply(request, Done{}, round);
}

void emit_event(State& state, Queue& queue, const Request& request, Round& round) {
    const EmitEvent& emit = std::get<EmitEvent>(request.body);
    add_event(state, queue, EventType::custom, emit.offset.value_or(0), emit.offset ? 1 : 0, round,
              std::make_shared<const EventDetail>(EventDetail{emit.name, emit.data}));
    reply(request, Done{}, round);
}

void trim_events(State& state, Queue& queue, const Request& request, TimeMs now, Round& round) {
    EventCounts& counts = queue.events.counts;
    const std::uint64_t before = counts.head;
    const std::uint64_t keep = std::get<TrimEvents>(request.body).keep;
    if (counts.next - counts.head > keep) {
        counts.head = counts.next - keep;
    }
    state.touch(queue, round);
    state.arm(queue, now);
    reply(request, Counted{counts.head - before, 0}, round);
}

}  // namespace

void pump_stream(State& state, Queue& queue, EventStream& stream, Round& round) {
    if (stream.reading || stream.credit == 0) {
        return;
    }
    const EventCounts& counts = queue.events.counts;
    EventBatch out = batch_for(stream);
    skip_missing(stream, counts.head, out);
    if (stream.next_seq < counts.next) {
        stream.reading = true;
        stream.told_caught_up = false;
        const std::uint64_t ticket = state.next_ticket++;
        state.reads.emplace(ticket, PendingRead{queue.id, LoadEvents{stream.connection, stream.id}});
        round.reads.push_back({ticket, ReadEvents{queue.ns, queue.id, stream.next_seq,
                                                  limits::event_chunks_per_read_max, limits::event_batch_bytes_max}});
        if (out.missed_first == 0) {
            return;
        }
    }
    send(stream, queue, std::move(out), round);
}

void events_arrived(State& state, ConnectionId connection, std::uint64_t id, EventsRead&& found, Round& round) {
    EventStream* stream = find_stream(state, connection, id);
    Queue* queue = stream == nullptr ? nullptr : state.find(stream->queue);
    if (queue == nullptr) {
        return;
    }
    stream->reading = false;
    EventBatch out = batch_for(*stream);
    skip_missing(*stream, queue->events.counts.head, out);
    for (const EventChunkPtr& chunk : found.chunks) {
        if (chunk->end_seq() > stream->next_seq) {
            take_chunk(*stream, *chunk, out);
        }
    }
    send(*stream, *queue, std::move(out), round);
    pump_stream(state, *queue, *stream, round);
}

void send_appended(State& state, Queue& queue, const EventChunk& chunk, Round& round) {
    for (EventStream* stream : queue.events.streams) {
        if (stream->next_seq == chunk.first_seq && !stream->reading && stream->credit != 0) {
            EventBatch out = batch_for(*stream);
            stream->told_caught_up = true;
            take_chunk(*stream, chunk, out);
            send(*stream, queue, std::move(out), round);
        } else {
            pump_stream(state, queue, *stream, round);
        }
    }
}

void drop_streams(State& state, ConnectionId connection) {
    auto at = state.event_streams.lower_bound(StreamKey{connection, 0});
    while (at != state.event_streams.end() && at->first.first == connection) {
        const EventStream& stream = *(at++)->second;
        forget(state, stream);
    }
}

void close_streams(State& state, Queue& queue, Round& round) {
    for (const EventStream* stream : std::vector<EventStream*>(queue.events.streams)) {
        EventBatch out = batch_for(*stream);
        out.next_seq = stream->next_seq;
        out.closed = "the queue was deleted";
        round.effects.emplace_back(std::move(out));
        forget(state, *stream);
    }
}

void apply_event_request(State& state, Request&& request, TimeMs now, Round& round) {
    if (std::holds_alternative<CreditEvents>(request.body)) {
        return credit_stream(state, request, round);
    }
    if (std::holds_alternative<CloseEvents>(request.body)) {
        return close_stream(state, request, round);
    }
    const std::string& name =
        std::holds_alternative<StreamEvents>(request.body) ? std::get<StreamEvents>(request.body).queue
        : std::holds_alternative<EmitEvent>(request.body)  ? std::get<EmitEvent>(request.body).queue
                                                           : std::get<TrimEvents>(request.body).queue;
    Queue* queue = state.find(request.ns, name);
    if (queue == nullptr) {
        return reply(request, no_such_queue(name), round);
    }
    if (!queue->keeps_events()) {
        return refuse(request, RefusalCode::events_not_kept,
                      "the queue keeps no events: set keep_events, or delivery_log of its topic", "queue", round);
    }
    if (std::holds_alternative<StreamEvents>(request.body)) {
        open_stream(state, *queue, request, round);
    } else if (std::holds_alternative<EmitEvent>(request.body)) {
        emit_event(state, *queue, request, round);
    } else {
        trim_events(state, *queue, request, now, round);
    }
}

}  // namespace baton::core
