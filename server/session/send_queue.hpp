#pragma once
// What a connection has yet to write: small bytes gathered in blocks, and slices of stored messages kept alive until
// they are written. Handed to the socket as a few buffers at a time. Used by the I/O thread.

#include "server/core/entry_run.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

namespace baton::session {

class SendQueue {
public:
    /// `bytes` of contiguous room, to be filled by the caller at once.
    char* append(std::size_t bytes);
    void append(std::string_view bytes);
    /// A slice without a copy, or with one when it is small.
    void append(const core::EntryRun& run);

    std::size_t bytes() const { return bytes_; }
    bool empty() const { return bytes_ == 0; }
    /// The first buffers to write, at most `out.capacity()` of them.
    void front(std::vector<std::string_view>& out) const;
    /// Drops `bytes` that were written.
    void written(std::size_t bytes);

private:
    struct Segment {
        std::shared_ptr<const void> owner;
        const char* data = nullptr;
        std::size_t bytes = 0;
    };
    std::deque<Segment> segments_;
    /// The block that small bytes go to, and how much of it is used.
    std::shared_ptr<char[]> block_;
    std::size_t block_capacity_ = 0;
    std::size_t block_used_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace baton::session
