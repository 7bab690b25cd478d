// Delivery of what waits again in the plain lane, or was set aside there.
#include "server/core/delivery.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

bool Delivery::take_again(Offset offset) {
    const ChunkPtr chunk = queue_.window.resident(offset);
    if (!chunk) {
        state_.read_chunks(queue_, offset, std::nullopt, round_);
        reading_ = true;
        return false;
    }
    const MetaPtr meta = chunk->meta_of(offset);
    EntryRun body = chunk->at(offset);
    const TimeMs expires = expiry_of(queue_, chunk->stored_at, meta);
    if (expires != 0 && expires <= now_) {
        queue_.waiting_again.erase(offset);
        expire_plain(state_, queue_, chunk, offset, now_, round_);
        return true;
    }
    if (const auto returned = queue_.returned.find(offset);
        queue_.keys && returned != queue_.returned.end() && returned->second.not_before > now_) {
        // It was to be looked at when it expires, and does so later now.
        wait_on(state_, queue_, *chunk, offset, now_);
        return true;
    }
    if (!fits(body.size_of(0))) {
        full_ = true;
        return false;
    }
    LeasedDetail detail;
    // What was set aside was never delivered before.
    if (const auto returned = queue_.returned.find(offset); returned != queue_.returned.end()) {
        const ReturnedRecord& record = returned->second;
        detail.isolated = record.isolated;
        detail.counters = record.counters;
        detail.counters.deliveries += 1;
        detail.cause = record.cause;
        detail.attempts = record.attempts;
    }
    if (detail.isolated && !may_take_alone()) {
        return false;
    }
    queue_.waiting_again.erase(offset);
    if (queue_.keys) {
        queue_.keys->left(offset);
    }
    const ChunkSource source = chunk->source_of(offset);
    add_run(offset, chunk->stored_at, std::move(body), {source.log, source.first});
    plain_ += 1;
    add_detail(offset, std::move(detail), meta);
    return true;
}

}  // namespace baton::core
