#include "server/session/send_queue.hpp"

#include "server/session/session_limits.hpp"

#include <algorithm>
#include <cstring>

namespace baton::session {

namespace {
constexpr std::size_t small_block_bytes = 4 * 1024;
constexpr std::size_t large_block_bytes = 64 * 1024;
}  // namespace

char* SendQueue::append(std::size_t bytes) {
    if (block_capacity_ - block_used_ < bytes) {
        // A first block is small, since most connections rarely have more than one reply to write.
        const std::size_t usual = block_capacity_ == 0 ? small_block_bytes : large_block_bytes;
        block_capacity_ = std::max(bytes, usual);
        block_ = std::make_shared_for_overwrite<char[]>(block_capacity_);
        block_used_ = 0;
    }
    char* const place = block_.get() + block_used_;
    block_used_ += bytes;
    bytes_ += bytes;
    if (!segments_.empty() && segments_.back().data + segments_.back().bytes == place &&
        segments_.back().owner == block_) {
        segments_.back().bytes += bytes;
    } else {
        segments_.push_back(Segment{block_, place, bytes});
    }
    return place;
}

void SendQueue::append(std::string_view bytes) {
    if (!bytes.empty()) {
        std::memcpy(append(bytes.size()), bytes.data(), bytes.size());
    }
}

void SendQueue::append(const core::EntryRun& run) {
    const std::string_view bytes = run.bytes();
    if (bytes.size() < limits::slice_bytes_min) {
        append(bytes);
        return;
    }
    segments_.push_back(Segment{run.buffer.owner, bytes.data(), bytes.size()});
    bytes_ += bytes.size();
}

void SendQueue::front(std::vector<std::string_view>& out) const {
    out.clear();
    for (const Segment& segment : segments_) {
        if (out.size() == out.capacity()) {
            break;
        }
        out.emplace_back(segment.data, segment.bytes);
    }
}

void SendQueue::written(std::size_t bytes) {
    bytes_ -= bytes;
    while (bytes > 0) {
        Segment& first = segments_.front();
        if (bytes < first.bytes) {
            first.data += bytes;
            first.bytes -= bytes;
            return;
        }
        bytes -= first.bytes;
        segments_.pop_front();
    }
    if (segments_.empty()) {
        if (block_capacity_ == small_block_bytes && block_.use_count() == 1) {
            block_used_ = 0;
        } else {
            block_.reset();
            block_capacity_ = block_used_ = 0;
        }
    }
}

}  // namespace baton::session
