// Compaction of topics by key: in passes over the log, of which each step reads some chunks together with what is
// superseded in them. What goes leaves a hole in its chunk, which is written again without it; chunks of which nothing
// is left become one, so that what is gone costs little for good, and vanish at the front.
#include "server/core/entry_fields.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

constexpr std::uint32_t pass_chunks = 64;
constexpr std::uint64_t pass_bytes = 4ULL << 20, mib = 1ULL << 20;
constexpr DurationMs between_steps_ms = 5;
/// Between two passes, the second for each MiB: whatever the topic's size, looking through it costs little.
constexpr DurationMs rest_ms = 1'000, rest_ms_per_mib = 10'000;

/// How long the topic rests after a pass, with so many bytes more in its log since it began.
DurationMs rest_of(const Queue& topic, std::uint64_t fresh) {
    const bool worth_it = fresh >= mib && fresh >= topic.live_bytes / 2;
    const auto by_size = static_cast<DurationMs>(topic.live_bytes * rest_ms_per_mib / mib);
    return rest_ms + (worth_it ? 0 : by_size);
}

/// What subscriptions still need of the topic.
class Needs {
public:
    Needs(State& state, Queue& topic) {
        for (const Route* route : routes_of(state, topic)) {
            if (route->subscription != nullptr && route->subscription->hold &&
                !planted(PlantedBug::compaction_forgets_hold)) {
                held_from_ = std::min(held_from_, needed_from(*route->subscription, topic.id));
            }
        }
        for (const auto& [name, subscription] : topic.subscriptions) {
            readers_.emplace_back(subscription, in_flight_from(*subscription));
        }
    }
    bool of(Offset offset) const {
        return offset >= held_from_ || std::any_of(readers_.begin(), readers_.end(), [offset](const auto& reader) {
                   Queue& queue = *reader.first;
                   return !queue.acks.test(offset) &&
                          (queue.hold || queue.returned.contains(offset) || queue.waiting_again.contains(offset) ||
                           (offset >= reader.second &&
                            (queue.moving.contains(offset) || queue.leases.holder_of(offset) != nullptr)));
               });
    }

    /// A read that was under way may have brought a message that had gone, which somebody then got.
    bool in_flight_below(Offset end) const {
        return std::any_of(readers_.begin(), readers_.end(), [end](const auto& one) { return one.second < end; });
    }

private:
    Offset held_from_ = needs_nothing;
    /// With where they begin to have something in flight.
    std::vector<std::pair<Queue*, Offset>> readers_;
};

class CompactionStep {
public:
    CompactionStep(State& state, Queue& topic, TimeMs now, Round& round)
        : state_(state), topic_(topic), pass_(topic.compaction), now_(now), round_(round), needs_(state, topic) {}

    void run(const ChunksRead& found) {
        const Offset began_at = pass_.at;
        for (std::size_t i = 0; i < found.chunks.size(); ++i) {
            const Chunk& chunk = *found.chunks[i];
            if (chunk.end() > std::max(pass_.at, topic_.acks.low())) {
                compact(chunk, found.superseded[i], found.last_of_keys[i]);
            }
        }
        if (found.at_end) {
            write_empty();
            end_pass();
            return;
        }
        // Its neighbours in the next step may be as empty.
        if (!empty_.empty() && (empty_.size() > 1 || empty_.front()->first > began_at)) {
            pass_.at = empty_.front()->first;
        }
        write_empty();
    }

private:
    using Slots = std::vector<std::uint32_t>;

    void compact(const Chunk& chunk, const Slots& superseded, const Slots& named) {
        const Slots slots = what_goes(chunk, superseded, named);
        const ChunkPtr left = without(chunk, slots);
        pass_.at = left->end();
        const Offset low = topic_.acks.low(), from = std::max(low, left->first);
        const bool at_front = left->first <= low && !needs_.in_flight_below(left->end());
        if (at_front && left->missing_in(from, left->end()).messages == left->end() - from) {
            take_out(state_, topic_, *left, left->end(), round_);
            return;
        }
        if (left->missing.size() != left->count) {
            write_empty();
            if (!slots.empty()) {
                write(*left, left);
            }
            return;
        }
        if (count_ + left->count > limits::chunk_messages_max || bytes_ + left->bytes > limits::chunk_bytes_max) {
            write_empty();
        }
        empty_.push_back(left);
        count_ += left->count;
        bytes_ += left->bytes;
        changed_ = changed_ || !slots.empty();
    }

    /// Slots, ascending.
    Slots what_goes(const Chunk& chunk, const Slots& superseded, const Slots& named) {
        Slots slots;
        for (const auto& [slot, meta] : chunk.metas) {
            const Offset offset = chunk.first + slot;
            if (!meta->group || offset < topic_.acks.low() || chunk.is_missing(offset)) {
                continue;
            }
            const bool is_last = !std::binary_search(superseded.begin(), superseded.end(), slot) &&
                                 !planted(PlantedBug::compaction_takes_last);
            // There is always a newest message.
            if (is_last && (offset + 1 == topic_.end || !has_empty_payload(chunk.at(offset)))) {
                continue;
            }
            // It came before there was an index, which then does not tell either what of its key comes before it.
            if (is_last && !std::binary_search(named.begin(), named.end(), slot)) {
                continue;
            }
            // While one before it is there, that would be the last of its key again.
            const bool may_go =
                !is_last || (pass_.clean && offset < pass_.end && chunk.stored_at + topic_.keeps.tombstone_ms <= now_);
            if (!may_go || needs_.of(offset)) {
                pass_.left = true;
                pass_.clean = pass_.clean && is_last;
                continue;
            }
            if (is_last) {
                round_.mutations.push_back(RemoveLastOfKey{topic_.ns, topic_.id, meta->group->id, offset});
            }
            slots.push_back(slot);
        }
        return slots;
    }

    /// The chunk as it is when these have gone.
    ChunkPtr without(const Chunk& chunk, const std::vector<std::uint32_t>& slots) {
        auto left = std::make_shared<Chunk>(chunk);
        if (slots.empty()) {
            return left;
        }
        const auto before = static_cast<std::ptrdiff_t>(left->missing.size());
        left->missing.insert(left->missing.end(), slots.begin(), slots.end());
        std::inplace_merge(left->missing.begin(), left->missing.begin() + before, left->missing.end());
        std::erase_if(left->metas, [&](const auto& meta) { return left->is_missing(left->first + meta.first); });
        for (const std::uint32_t slot : slots) {
            const std::uint32_t size = left->at(left->first + slot).size_of(0);
            topic_.holes.add(1, size);
            topic_.live_bytes -= size;
            topic_.totals.compacted += 1;
        }
        state_.touch(topic_, round_);
        tell_windows(left);
        for (const auto& [name, subscription] : topic_.subscriptions) {
            tell(*subscription, left, slots);
        }
        return left;
    }

    /// Those who know the chunk are done with what went, the others when they come to it.
    void tell(Queue& subscription, const ChunkPtr& left, const std::vector<std::uint32_t>& slots) {
        Holes holes;
        for (const std::uint32_t slot : slots) {
            if (!subscription.acks.test(left->first + slot)) {
                holes.add(1, left->at(left->first + slot).size_of(0));
            }
        }
        if (holes.messages != 0) {
            subscription.holes.add(holes.messages, holes.bytes);
            state_.touch(subscription, round_);
        }
        // What went before, while a read of its was under way, it does not know of yet.
        if (subscription.window.knows(left->first)) {
            lose_missing(state_, subscription, {left}, round_);
        }
    }

    void tell_windows(const ChunkPtr& left) {
        const auto replace = [&](ChunkWindow& window) {
            const std::size_t before = window.bytes();
            window.replace(left);
            state_.window_bytes += window.bytes() - before;
        };
        replace(topic_.window);
        for (const auto& [name, subscription] : topic_.subscriptions) {
            replace(subscription->window);
        }
    }

    /// In the place of what stood there from the first message of `old` on.
    void write(const Chunk& old, const ChunkPtr& left) {
        // A key that is put again is removed first: storage removes it once for each time.
        round_.mutations.push_back(RemoveChunk{topic_.ns, topic_.id, old.first});
        round_.mutations.push_back(PutChunk{topic_.ns, left});
        round_.bytes += left->bytes;
    }

    /// Chunks of which nothing is left, as one.
    void write_empty() {
        if (empty_.size() == 1 && changed_) {
            write(*empty_.front(), empty_.front());
        } else if (empty_.size() > 1) {
            auto whole = std::make_shared<Chunk>(*empty_.front());
            for (auto next = empty_.begin() + 1; next != empty_.end(); ++next) {
                for (const std::uint32_t slot : (*next)->missing) {
                    whole->missing.push_back(whole->count + slot);
                }
                whole->count += (*next)->count;
                whole->bytes += (*next)->bytes;
                whole->stored_at = (*next)->stored_at;
                whole->runs.insert(whole->runs.end(), (*next)->runs.begin(), (*next)->runs.end());
                round_.mutations.push_back(RemoveChunk{topic_.ns, topic_.id, (*next)->first});
            }
            const ChunkPtr left = std::move(whole);
            write(*left, left);
            tell_windows(left);
        }
        empty_.clear();
        count_ = bytes_ = 0;
        changed_ = false;
    }

    void end_pass() {
        pass_.running = false;
        pass_.ended = now_;
        if (topic_.compacted_bytes != pass_.log_bytes) {
            topic_.compacted_bytes = pass_.log_bytes;
            state_.touch(topic_, round_);
        }
    }

    State& state_;
    Queue& topic_;
    TopicCompaction& pass_;
    TimeMs now_;
    Round& round_;
    Needs needs_;
    /// Adjacent chunks of which nothing is left, and whether the only one is to be written.
    std::vector<ChunkPtr> empty_;
    std::uint64_t count_ = 0, bytes_ = 0;
    bool changed_ = false;
};

}  // namespace

void run_topic_compaction(State& state, Queue& topic, TimeMs now, Round& round) {
    TopicCompaction& pass = topic.compaction;
    const Offset low = topic.acks.low();
    if (!topic.keeps.compact || low == topic.end || topic.trim.reading || pass.reading) {
        return;
    }
    if (!pass.running) {
        const std::uint64_t fresh = topic.log_bytes - topic.compacted_bytes;
        if (fresh == 0 && !pass.left) {
            return;
        }
        pass.ended = pass.ended == 0 ? now : pass.ended;
        pass.from = pass.ended + rest_of(topic, fresh);
    }
    if (now < pass.from) {
        state.arm(topic, pass.from);
        return;
    }
    close_chunks(state, topic, round);
    if (!pass.running) {
        pass = {true, false, low, topic.log_bytes, topic.end, true, false, pass.from, pass.ended};
    }
    pass.reading = true;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{topic.id, CompactTopic{}});
    round.reads.push_back(
        {ticket, ReadChunks{topic.ns, topic.id, std::max(pass.at, low), pass_chunks, pass_bytes, true}});
}

void step_topic_compaction(State& state, Queue& topic, const ChunksRead& found, TimeMs now, Round& round) {
    TopicCompaction& pass = topic.compaction;
    pass.reading = false;
    pass.from = now + between_steps_ms;
    if (topic.keeps.compact && pass.running) {
        CompactionStep(state, topic, now, round).run(found);
    } else {
        pass.running = false;
    }
    state.arm(topic, std::min(topic.trim.from, pass.from));
}

void index_keys(const Queue& topic, const Chunk& chunk, Round& round) {
    if (!topic.keeps.compact) {
        return;
    }
    std::set<GroupId> seen;
    for (auto meta = chunk.metas.rbegin(); meta != chunk.metas.rend(); ++meta) {
        const GroupPtr& key = meta->second->group;
        if (key && seen.insert(key->id).second) {
            round.mutations.push_back(PutLastOfKey{topic.ns, topic.id, key->id, chunk.first + meta->first});
        }
    }
}

Holes holes_from(const Queue& topic, Offset offset) {
    const Offset low = topic.acks.low();
    if (offset <= low || topic.holes.messages == 0) {
        return topic.holes;
    }
    if (offset >= topic.end) {
        return {};
    }
    const double part = static_cast<double>(topic.end - offset) / static_cast<double>(topic.end - low);
    return {std::min<std::uint64_t>(static_cast<std::uint64_t>(static_cast<double>(topic.holes.messages) * part),
                                    topic.end - offset),
            static_cast<std::uint64_t>(static_cast<double>(topic.holes.bytes) * part)};
}

}  // namespace baton::core
