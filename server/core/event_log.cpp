#include "server/core/event_log.hpp"

#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

/// How far back an event looks for one to join.
constexpr std::size_t event_look_back = 8;
constexpr std::uint64_t event_bytes = 16;

std::uint64_t size_of(const Event& event) {
    return event_bytes + (event.detail ? event.detail->text.size() + event.detail->data.size() : 0);
}

/// Two deliveries to one worker tell the same.
bool same_detail(EventType type, const EventDetailPtr& a, const EventDetailPtr& b) {
    return a == b || (type == EventType::active && a && b && a->text == b->text);
}

/// Makes one event of two where that leaves the order of every single message as it was.
bool joins(std::vector<Event>& open, EventType type, Offset first, std::uint32_t count, const EventDetailPtr& detail) {
    for (std::size_t i = 0; i < std::min(event_look_back, open.size()); ++i) {
        Event& before = open[open.size() - 1 - i];
        if (before.type == type && same_detail(type, before.detail, detail) && before.count != 0) {
            if (before.first + before.count == first) {
                before.count += count;
                return true;
            }
            if (first + count == before.first) {
                before.first = first;
                before.count += count;
                return true;
            }
        }
        const bool apart = before.count != 0 && (first + count <= before.first || before.first + before.count <= first);
        if (!apart) {
            return false;
        }
    }
    return false;
}

void write_chunk(State& state, Queue& queue, std::vector<Event>&& events, TimeMs now, Round& round) {
    EventCounts& counts = queue.events.counts;
    auto chunk = std::make_shared<EventChunk>();
    chunk->first_seq = counts.next;
    chunk->at = now;
    chunk->events = std::move(events);
    for (const Event& event : chunk->events) {
        chunk->bytes += size_of(event);
    }
    if (counts.first_chunk == counts.next) {
        counts.oldest_at = now;
    }
    counts.next = chunk->end_seq();
    counts.bytes += chunk->bytes;
    round.bytes += chunk->bytes;
    round.mutations.push_back(PutEvents{queue.ns, queue.id, chunk});
    send_appended(state, queue, *chunk, round);
}

}  // namespace

EventDetailPtr event_text(std::string text) {
    return std::make_shared<const EventDetail>(EventDetail{std::move(text), {}});
}

void add_event(State& state, Queue& queue, EventType type, Offset first, std::uint32_t count, Round& round,
               EventDetailPtr detail) {
    if (!queue.keeps_events()) {
        return;
    }
    queue.events.acked = queue.events.acked || type == EventType::completed;
    state.touch(queue, round);
    if (count != 0 && joins(queue.events.open, type, first, count, detail)) {
        return;
    }
    queue.events.open.push_back({type, first, count, std::move(detail)});
}

void close_events(State& state, Queue& queue, TimeMs now, Round& round) {
    EventLog& log = queue.events;
    if (log.open.empty()) {
        return;
    }
    if (std::exchange(log.acked, false) && queue.waiting_count() == 0 && queue.leased_count() == 0) {
        add_event(state, queue, EventType::drained, 0, 0, round);
    }
    std::vector<Event> events = std::exchange(log.open, {});
    if (planted(PlantedBug::event_lost) && events.size() > 2) {
        events.pop_back();
    }
    while (events.size() > limits::event_chunk_max) {
        const auto cut = events.begin() + limits::event_chunk_max;
        std::vector<Event> rest(std::make_move_iterator(cut), std::make_move_iterator(events.end()));
        events.resize(limits::event_chunk_max);
        write_chunk(state, queue, std::move(events), now, round);
        events = std::move(rest);
    }
    write_chunk(state, queue, std::move(events), now, round);
    EventCounts& counts = log.counts;
    const std::uint64_t keep = queue.settings.event_retention.messages;
    if (keep != 0 && counts.next - counts.head > keep) {
        counts.head = counts.next - keep;
    }
    run_event_retention(state, queue, now, round);
}

void run_event_retention(State& state, Queue& queue, TimeMs now, Round& round) {
    EventLog& log = queue.events;
    const EventCounts& counts = log.counts;
    if (counts.first_chunk == counts.next || log.trimming) {
        return;
    }
    const Retention& keep = queue.settings.event_retention;
    const bool by_count = counts.head - counts.first_chunk >= limits::event_chunk_max || counts.head == counts.next;
    const bool by_bytes = keep.bytes != 0 && counts.bytes > keep.bytes;
    const bool by_age = keep.age_ms != 0 && counts.oldest_at + keep.age_ms <= now;
    if (!by_count && !by_bytes && !by_age) {
        if (keep.age_ms != 0) {
            state.arm(queue, counts.oldest_at + keep.age_ms);
        }
        return;
    }
    if (now < log.trim_from) {
        state.arm(queue, log.trim_from);
        return;
    }
    log.trimming = true;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, TrimOldEvents{}});
    round.reads.push_back({ticket, ReadEvents{queue.ns, queue.id, counts.first_chunk, limits::event_chunks_per_step_max,
                                              limits::commit_bytes_max}});
}

void step_event_retention(State& state, Queue& queue, EventsRead&& found, TimeMs now, Round& round) {
    EventLog& log = queue.events;
    EventCounts& counts = log.counts;
    log.trimming = false;
    log.trim_from = now + limits::retention_every_ms;
    state.arm(queue, now);
    const Retention& keep = queue.settings.event_retention;
    const std::uint64_t from = counts.first_chunk;
    for (const EventChunkPtr& chunk : found.chunks) {
        counts.oldest_at = chunk->at;
        const bool by_bytes = keep.bytes != 0 && counts.bytes > keep.bytes;
        const bool by_age = keep.age_ms != 0 && chunk->at + keep.age_ms <= now;
        if (chunk->end_seq() > counts.head && !by_bytes && !by_age) {
            break;
        }
        counts.bytes -= chunk->bytes;
        counts.first_chunk = chunk->end_seq();
        counts.head = std::max(counts.head, counts.first_chunk);
        if (chunk == found.chunks.back()) {
            log.trim_from = now;
        }
    }
    if (counts.first_chunk == counts.next) {
        counts.oldest_at = 0;
    }
    state.touch(queue, round);
    if (from != counts.first_chunk) {
        round.mutations.push_back(TrimEventChunks{queue.ns, queue.id, from, counts.first_chunk});
    }
}

}  // namespace baton::core
