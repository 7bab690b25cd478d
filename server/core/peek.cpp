// Looking at messages without leasing them, page by page.
#include "server/core/limits.hpp"
#include "server/core/state.hpp"
#include "server/core/stored_message.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// Pages first go through the ready records of the lane by place, then through the plain lane by offset.
constexpr TimeMs plain_pages = INT64_MAX;
/// At so many messages that compaction took a page ends, however few it has: what was read of them is in memory.
constexpr std::uint32_t holes_max = 4'096;

void peek_waiting(State& state, Queue& queue, Request&& request, Round& round) {
    const Peek& peek = std::get<Peek>(request.body);
    MessageList out;
    out.queue = queue.id;
    const bool in_lane = peek.from_at != plain_pages;
    if (in_lane) {
        const auto& ready = queue.lane.ready();
        for (auto at = ready.lower_bound(Place{peek.from_rank, peek.from_at, peek.from_offset}); at != ready.end();
             ++at) {
            if (out.messages.size() == peek.limit) {
                out.more = true;
                out.next_rank = at->first.rank;
                out.next_at = at->first.ready_at;
                out.next_offset = at->first.offset;
                answer_page(state, std::move(request), std::move(out), round);
                return;
            }
            out.messages.push_back(shown(at->second, MessageState::waiting));
        }
    }
    Offset offset = queue.acks.next_clear(in_lane ? 0 : peek.from_offset);
    std::uint32_t holes = 0;
    for (; offset < queue.end && out.messages.size() < peek.limit; offset = queue.acks.next_clear(offset + 1)) {
        const bool delayed = queue.keys && queue.keys->not_before(offset) != 0;
        if (delayed || (offset < queue.next && !queue.waiting_again.contains(offset))) {
            continue;
        }
        const ChunkPtr chunk = queue.window.resident(offset);
        if (!chunk) {
            if (out.messages.empty()) {
                state.read_chunks(queue, offset, std::move(request), round);
                return;
            }
            break;
        }
        if (chunk->is_missing(offset)) {
            if (++holes < holes_max) {
                continue;
            }
            ++offset;
            break;
        }
        out.messages.push_back(shown(queue, chunk, offset, MessageState::waiting));
    }
    out.more = offset < queue.end;
    out.next_at = plain_pages;
    out.next_offset = offset;
    answer_page(state, std::move(request), std::move(out), round);
}

/// Of a key-shared subscription: what waits for a time in its place. Pages first go through these, then through the
/// lane, which they tell by a rank that no record there has.
constexpr std::int64_t lane_pages = 1;

/// False: there is nothing of it on this page, which is one of the lane.
bool peek_in_place(State& state, Queue& queue, Request& request, Round& round) {
    Peek& peek = std::get<Peek>(request.body);
    if (!queue.keys || peek.from_rank == lane_pages) {
        return false;
    }
    const auto& delayed = queue.keys->delayed();
    auto at = delayed.lower_bound({peek.from_at, peek.from_offset});
    if (at == delayed.end()) {
        peek.from_rank = lane_pages;
        peek.from_at = 0;
        peek.from_offset = 0;
        return false;
    }
    MessageList out;
    out.queue = queue.id;
    for (; at != delayed.end() && out.messages.size() < peek.limit; ++at) {
        const ChunkPtr chunk = queue.window.resident(at->second);
        if (!chunk && out.messages.empty()) {
            state.read_chunks(queue, at->second, std::move(request), round);
            return true;
        }
        if (!chunk) {
            break;
        }
        StoredMessage message = shown(queue, chunk, at->second, MessageState::delayed);
        message.at = at->first;
        out.messages.push_back(std::move(message));
    }
    const bool all = at == delayed.end();
    out.more = !all || queue.timed_count != 0;
    out.next_rank = all ? lane_pages : 0;
    out.next_at = all ? 0 : at->first;
    out.next_offset = all ? 0 : at->second;
    answer_page(state, std::move(request), std::move(out), round);
    return true;
}

void peek_leased(State& state, Queue& queue, Request&& request, Round& round) {
    const Peek& peek = std::get<Peek>(request.body);
    struct Leased {
        const LeaseBatch* batch;
        std::uint32_t position;
    };
    std::map<Offset, Leased> leased;
    for (const auto& [number, batch] : queue.leases.batches()) {
        for (const LeasedRun& run : batch->runs) {
            for (std::uint32_t i = 0; i < run.count; ++i) {
                if (run.first + i >= peek.from_offset && !batch->is_settled(run.position + i)) {
                    leased.emplace(run.first + i, Leased{batch.get(), run.position + i});
                }
            }
        }
    }
    MessageList out;
    out.queue = queue.id;
    for (const auto& [offset, where] : leased) {
        out.next_offset = offset;
        if (out.messages.size() == peek.limit) {
            out.more = true;
            break;
        }
        const auto detail = where.batch->details.find(where.position);
        StoredMessage message;
        if (detail != where.batch->details.end() && detail->second.lane) {
            message = shown(*detail->second.lane, MessageState::leased);
        } else if (const ChunkPtr chunk = queue.window.resident(offset)) {
            message = shown(queue, chunk, offset, MessageState::leased);
        } else if (out.messages.empty()) {
            state.read_chunks(queue, offset, std::move(request), round);
            return;
        } else {
            out.more = true;
            break;
        }
        add_lease(message, *where.batch, where.position);
        out.messages.push_back(std::move(message));
    }
    answer_page(state, std::move(request), std::move(out), round);
}

Lane lane_of(MessageState state) {
    return state == MessageState::failed             ? Lane::failed
           : state == MessageState::grouped          ? Lane::grouped
           : state == MessageState::prioritized      ? Lane::prioritized
           : state == MessageState::waiting_children ? Lane::waiting_children
                                                     : Lane::timed;
}

/// The completed set by when they ended; pages go on behind (batch, offset).
void peek_completed(State& state, Queue& queue, Request&& request, Round& round) {
    const Peek& peek = std::get<Peek>(request.body);
    const FinishedCounts& counts = queue.completed.counts;
    ReadNewest read{queue.ns, queue.id, queue.completed_generation, counts.head, counts.next};
    if (peek.from_at > 0) {
        read.from_seq = static_cast<std::uint64_t>(peek.from_at);
        read.behind_offset = true;
        read.offset = peek.from_offset;
    }
    read.max_records = peek.limit + 1;
    read.max_bytes = limits::commit_bytes_max;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, AnswerList{std::move(request)}});
    round.reads.push_back({ticket, read});
}

void answer_completed(State& state, Request&& origin, LaneRead&& found, MessageList&& out, Round& round) {
    const std::uint32_t limit = std::get<Peek>(origin.body).limit;
    out.more = !found.at_end || found.records.size() > limit;
    for (const MessageRecord& record : found.records) {
        if (out.messages.size() == limit) {
            break;
        }
        out.messages.push_back(shown(record, MessageState::completed));
        out.next_at = static_cast<TimeMs>(record.finished_seq);
        out.next_offset = record.offset;
    }
    answer_page(state, std::move(origin), std::move(out), round);
}

}  // namespace

void apply_peek(State& state, Request&& request, TimeMs now, Round& round) {
    (void)now;
    const bool one = std::holds_alternative<ShowFailed>(request.body);
    const std::string name = one ? std::get<ShowFailed>(request.body).queue : std::get<Peek>(request.body).queue;
    Queue* queue = state.find(request.ns, name);
    if (queue == nullptr) {
        reply(request, no_such_queue(name), round);
        return;
    }
    if (one) {
        const Offset offset = std::get<ShowFailed>(request.body).offset;
        state.read_lane(*queue, Lane::failed, {0, offset}, 1, PendingRead{queue->id, AnswerList{std::move(request)}},
                        round);
        return;
    }
    Peek& peek = std::get<Peek>(request.body);
    peek.limit = std::clamp<std::uint32_t>(peek.limit == 0 ? 10 : peek.limit, 1, limits::page_messages_max);
    close_chunks(state, *queue, round);
    if (peek.state == MessageState::delayed && peek_in_place(state, *queue, request, round)) {
        return;
    }
    const Lane lane = lane_of(peek.state);
    LaneKey from{peek.from_at, peek.from_offset, peek.from_rank, peek.from_group};
    if ((lane == Lane::prioritized || lane == Lane::grouped) && from == LaneKey{}) {
        // What went in front stands before everything with a time.
        from = {INT64_MIN, 0, INT64_MIN, peek.group.empty() ? GroupId{} : group_id_of(peek.group)};
    }
    const std::uint32_t records = peek.limit + 1;
    switch (peek.state) {
        case MessageState::waiting:
            return peek_waiting(state, *queue, std::move(request), round);
        case MessageState::leased:
            return peek_leased(state, *queue, std::move(request), round);
        case MessageState::completed:
            return peek_completed(state, *queue, std::move(request), round);
        case MessageState::delayed:
        case MessageState::failed:
        case MessageState::prioritized:
        case MessageState::grouped:
        case MessageState::waiting_children:
            break;
    }
    state.read_lane(*queue, lane, from, records, PendingRead{queue->id, AnswerList{std::move(request)}}, round);
}

void answer_list(State& state, Queue& queue, Request&& origin, LaneRead&& found, Round& round) {
    MessageList out;
    out.queue = queue.id;
    if (const auto* show = std::get_if<ShowFailed>(&origin.body)) {
        if (found.records.empty() || found.records.front().offset != show->offset) {
            refuse(origin, RefusalCode::message_not_found, "the failed set has no message with this offset", "offset",
                   round);
            return;
        }
        out.messages.push_back(shown(found.records.front(), MessageState::failed));
        name_topics(state, out);
        reply(origin, std::move(out), round);
        return;
    }
    const Peek& peek = std::get<Peek>(origin.body);
    if (peek.state == MessageState::completed) {
        answer_completed(state, std::move(origin), std::move(found), std::move(out), round);
        return;
    }
    const Lane lane = lane_of(peek.state);
    for (const MessageRecord& record : found.records) {
        const LaneKey key = key_of(lane, record);
        if (!peek.group.empty() && record.meta->group->name != peek.group) {
            found.at_end = true;  // The next group.
            break;
        }
        out.next_group = key.group;
        out.next_at = key.at;
        out.next_rank = peek.state == MessageState::delayed && queue.keys ? lane_pages : key.rank;
        out.next_offset = key.offset;
        if (out.messages.size() == peek.limit) {
            out.more = true;
            break;
        }
        if (lane == Lane::failed || !queue.is_out(lane, record.offset)) {
            out.messages.push_back(shown(record, peek.state));
        }
        out.next_offset += 1;
    }
    out.more = out.more || !found.at_end;
    answer_page(state, std::move(origin), std::move(out), round);
}

}  // namespace baton::core
