#include "server/core/expiry_index.hpp"

#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

/// A held message whose time is over is looked at again when its lease ends, and not sooner than this.
constexpr DurationMs held_again_ms = 1'000;

/// The index has something at this time.
void note(State& state, Queue& queue, TimeMs at) {
    queue.next_expiry = queue.next_expiry == 0 ? at : std::min(queue.next_expiry, at);
    state.arm(queue, at);
}

void put(State& state, Queue& queue, PutExpiry&& entry, Round& round) {
    if (planted(PlantedBug::expiry_not_indexed)) {
        return;
    }
    queue.has_expiries = true;
    state.touch(queue, round);
    note(state, queue, entry.at);
    round.mutations.emplace_back(entry);
}

void put_chunk(State& state, Queue& queue, Offset first, TimeMs at, Round& round) {
    queue.window.expires(first, at);
    put(state, queue, {queue.ns, queue.id, at, first, false, Lane::timed, 0, 0, {}}, round);
}

class Expiring {
public:
    Expiring(State& state, Queue& queue, const LoadExpiring& load, TimeMs now, Round& round)
        : state_(state), queue_(queue), load_(load), now_(now), round_(round) {}

    void chunk(const ExpiringRead::Entry& entry);
    void record(const ExpiringRead::Entry& entry);

private:
    void remove(const ExpiringRead::Entry& entry) {
        round_.mutations.push_back(RemoveExpiry{queue_.ns, queue_.id, entry.at, entry.offset, entry.in_lane});
    }
    /// When to look at a held message again.
    TimeMs lease_end(Offset offset) {
        const LeaseBatch* holder = queue_.leases.holder_of(offset);
        const TimeMs end =
            holder == nullptr ? 0 : holder->deadline_of(holder->position_of(*holder->run_of(offset), offset));
        return std::max(end, now_ + held_again_ms);
    }

    State& state_;
    Queue& queue_;
    const LoadExpiring& load_;
    TimeMs now_;
    Round& round_;
};

void Expiring::chunk(const ExpiringRead::Entry& entry) {
    remove(entry);
    if (!entry.chunk || queue_.acks.count_set(entry.chunk->first, entry.chunk->count) == entry.chunk->count) {
        return;
    }
    const ChunkPtr chunk = entry.chunk;
    take_in(state_, {chunk});
    lose_missing(state_, queue_, {chunk}, round_);
    TimeMs next = 0;
    const auto later = [&next](TimeMs at) { next = next == 0 ? at : std::min(next, at); };
    for (const auto& [slot, meta] : chunk->metas) {
        const Offset offset = chunk->first + slot;
        if (meta->expires_at == 0 || queue_.acks.test(offset)) {
            continue;
        }
        const TimeMs expires = expiry_of(queue_, chunk->stored_at, meta);
        const bool waits = offset >= queue_.next || queue_.waiting_again.contains(offset);
        if (expires > now_) {
            later(expires);
        } else if (waits) {
            queue_.waiting_again.erase(offset);
            expire_plain(state_, queue_, chunk, offset, now_, round_);
        } else {
            later(lease_end(offset));
        }
    }
    if (next != 0) {
        put_chunk(state_, queue_, chunk->first, next, round_);
    }
}

void Expiring::record(const ExpiringRead::Entry& entry) {
    if (!queue_.job_reads.holds(entry.offset, load_.version)) {
        note(state_, queue_, now_);  // It changed while it was read: looked at anew.
        queue_.next_expiry = std::min(queue_.next_expiry, entry.at);
        return;
    }
    const MessageRecord* ready = queue_.lane.find_ready(entry.offset);
    const bool held = queue_.is_out(entry.offset);
    if (!entry.record || (held && ready == nullptr)) {
        remove(entry);  // Gone, or leased: when it comes back it is put anew.
        return;
    }
    MessageRecord record = ready != nullptr ? *ready : *entry.record;
    const TimeMs expires = expiry_of(queue_, record.ready_at, record.meta);
    if (expires == 0 || expires > now_) {
        remove(entry);
        if (expires != 0) {
            index_record(state_, queue_, record, round_);
        }
        return;
    }
    if (record.lane == Lane::timed && ready == nullptr && queue_.lane.is_held(record, now_)) {
        remove(entry);
        PutExpiry again{queue_.ns, queue_.id, queue_.lane.held_until(), record.offset, true, record.lane, record.at,
                        0,         {}};
        put(state_, queue_, std::move(again), round_);
        return;
    }
    if (ready != nullptr) {
        take_ready(queue_, entry.offset);
    }
    remove(entry);
    queue_.lane_fences.erase(entry.offset);
    remove_lane_record(queue_, record, round_);
    move_out(state_, queue_, std::move(record), EndReason::expired, now_, round_);
    if (queue_.groups) {
        state_.pump_later(queue_);  // Its group may have waited for it.
    }
}

}  // namespace

void index_chunk(State& state, Queue& queue, const Chunk& chunk, Round& round) {
    if (chunk.expires_first != 0) {
        put(state, queue, {queue.ns, queue.id, chunk.expires_first, chunk.first, false, Lane::timed, 0, 0, {}}, round);
    }
}

void index_record(State& state, Queue& queue, const MessageRecord& record, Round& round) {
    const TimeMs at = expiry_of(queue, record.ready_at, record.meta);
    if (at != 0) {
        const LaneKey key = key_of(record.lane, record);
        put(state, queue, {queue.ns, queue.id, at, record.offset, true, record.lane, key.at, key.rank, key.group},
            round);
    }
}

void unindex_record(const Queue& queue, const MessageRecord& record, Round& round) {
    const TimeMs at = expiry_of(queue, record.ready_at, record.meta);
    if (at != 0) {
        round.mutations.push_back(RemoveExpiry{queue.ns, queue.id, at, record.offset, true});
    }
}

void index_again(State& state, Queue& queue, Offset offset, TimeMs now, Round& round) {
    if (queue.topic != nullptr) {
        return;  // Its chunk is not its own: it expires when its turn comes.
    }
    const auto [first, at] = queue.window.expiry_of(offset);
    if (at != 0) {
        put_chunk(state, queue, first, now, round);
    } else if (!queue.window.knows(offset)) {
        // After a restart only the disk knows whether something in its chunk expires.
        put(state, queue, {queue.ns, queue.id, now, offset, false, Lane::timed, 0, 0, {}}, round);
    }
}

void index_survivors(State& state, Queue& queue, const std::set<Offset>& survivors, Round& round) {
    std::set<Offset> chunks;
    for (const Offset offset : survivors) {
        const auto [first, at] = queue.window.expiry_of(offset);
        if (at != 0 && chunks.insert(first).second) {
            put_chunk(state, queue, first, at, round);
        }
    }
}

void fire_expiries(State& state, Queue& queue, TimeMs now, Round& round) {
    if (queue.next_expiry == 0 || queue.expiries_read_pending || queue.attaching != 0) {
        return;
    }
    if (queue.next_expiry > now) {
        state.arm(queue, queue.next_expiry);
        return;
    }
    queue.expiries_read_pending = true;
    const TimeMs from = std::exchange(queue.next_expiry, 0);
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, LoadExpiring{queue.job_reads.begin(), queue.lane_generation}});
    round.reads.push_back({ticket, ReadExpiring{queue.ns, queue.id, queue.lane_generation, from, now,
                                                limits::expiries_per_round_max, limits::commit_bytes_max}});
}

void expiries_arrived(State& state, Queue& queue, const LoadExpiring& load, ExpiringRead&& found, TimeMs now,
                      Round& round) {
    queue.expiries_read_pending = false;
    if (found.next_at != 0) {
        note(state, queue, found.next_at);
    }
    Expiring expiring(state, queue, load, now, round);
    for (const ExpiringRead::Entry& entry : found.entries) {
        // A purge meanwhile began a new generation of the lanes and a new index.
        const bool stale = load.lane_generation != queue.lane_generation || queue.attaching != 0;
        if (stale || round.bytes > limits::commit_bytes_max) {
            note(state, queue, entry.at);
        } else if (entry.in_lane) {
            expiring.record(entry);
        } else {
            expiring.chunk(entry);
        }
    }
    if (queue.next_expiry != 0) {
        state.arm(queue, queue.next_expiry);  // What was put meanwhile found a read under way.
    } else if (found.entries.empty() && queue.has_expiries) {
        queue.has_expiries = false;
        state.touch(queue, round);
    }
    queue.job_reads.end();
}

}  // namespace baton::core
