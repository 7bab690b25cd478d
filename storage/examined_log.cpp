// The plain lane: every message that is not done lies in a chunk. And the leases: each holds something.
#include "server/core/ack_map.hpp"
#include "server/core/limits.hpp"
#include "storage/chunk_codec.hpp"
#include "storage/damage.hpp"
#include "storage/queue_examination.hpp"
#include "storage/record_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace baton::storage {

void QueueExamination::read_acks() {
    acks_.restore(state_);
    each(queue_range(queue_.ns, queue_.id, KeyKind::ack_page), [this](const ParsedKey& key, std::string_view value) {
        const auto record = decode_record(key, value);
        acks_.restore(std::get<core::PutAckPage>(*record));
    });
}

void QueueExamination::missing_before(core::Offset end) {
    const core::Offset first = acks_.next_clear(next_offset_);
    if (first < end) {
        const std::uint64_t lost = end - first - acks_.count_set(first, end - first);
        say(Ailment::Kind::message_lost, fmt::format("{} messages from {} on are in no chunk", lost, first));
    }
    next_offset_ = std::max(next_offset_, end);
}

void QueueExamination::plain() {
    read_acks();
    next_offset_ = acks_.low();
    each(queue_range(queue_.ns, log(), KeyKind::chunk),
         [this](const ParsedKey& key, std::string_view value) { chunk(key.number, value); });
    if (!reads_.stopped()) {
        missing_before(state_.end);
    }
}

void QueueExamination::chunk(core::Offset first, std::string_view value) {
    if (first + core::limits::chunk_messages_max <= next_offset_) {
        return;  // All of it is done with: a topic has much of what its subscriptions are past.
    }
    const core::ChunkPtr chunk = decode_chunk(log(), first, std::make_shared<const std::string>(value));
    if (chunk->end() <= next_offset_) {
        return;
    }
    missing_before(std::min(std::max(first, next_offset_), state_.end));
    if (chunk->end() > state_.end) {
        say(Ailment::Kind::counter,
            fmt::format("a chunk ends at {}, behind the end of the log at {}", chunk->end(), state_.end));
    }
    for (core::Offset at = acks_.next_clear(std::max(first, next_offset_)); at < chunk->end();
         at = acks_.next_clear(at + 1)) {
        const std::uint32_t size = chunk->at(at).size_of(0);
        // A subscription is done with what compaction took out when it comes to it.
        if (queue_.kind == core::QueueKind::topic && chunk->is_missing(at)) {
            holes_.add(1, size);
        } else {
            live_bytes_ += size;
        }
    }
    next_offset_ = chunk->end();
}

void QueueExamination::leases() {
    each(queue_range(queue_.ns, queue_.id, KeyKind::lease), [this](const ParsedKey& key, std::string_view value) {
        const auto record = decode_record(key, value);
        const auto& lease = std::get<core::PutLease>(*record);
        if (lease.batch >= state_.next_batch) {
            say(Ailment::Kind::lease, fmt::format("batch {} was never delivered", lease.batch));
        }
        // What was settled since the record was written is told by the messages.
        const bool holds = std::any_of(lease.ranges.begin(), lease.ranges.end(),
                                       [this](const core::PutLease::Range& range) { return is_there(range); });
        if (!holds) {
            say(Ailment::Kind::lease, fmt::format("batch {} of worker '{}' holds nothing", lease.batch, lease.worker));
        }
    });
}

bool QueueExamination::is_there(const core::PutLease::Range& range) {
    if (range.from_lane) {
        const core::LaneKey place{range.lane_at, range.first, range.lane_rank, range.lane_group};
        return value_at(lane_key(queue_.ns, queue_.id, range.lane, state_.lane_generation, place)).has_value();
    }
    return acks_.next_clear(range.first) < std::min<core::Offset>(range.first + range.count, state_.end);
}

}  // namespace baton::storage
