#include "server/session/receive_buffer.hpp"

#include "server/session/session_limits.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace baton::session {

namespace {
/// Less room than this at the end of a block is not worth a read.
constexpr std::size_t room_bytes_min = 4 * 1024;
}  // namespace

std::span<char> ReceiveBuffer::room(std::size_t wanted) {
    const std::size_t unread_bytes = end_ - begin_;
    if (!block_.bytes) {
        block_ = pool_->take();
    }
    const bool frame_fits = begin_ + wanted <= block_.capacity;
    if (!frame_fits || block_.capacity - end_ < room_bytes_min) {
        // A frame larger than a block gets room by doubling what has arrived: that bounds both the copies and what a
        // peer can make the server hold.
        const std::size_t least = unread_bytes + room_bytes_min;
        const std::size_t needed = wanted <= limits::block_bytes
                                       ? std::max(wanted, least)
                                       : std::min(std::max(wanted, least), unread_bytes + least);
        if (block_.bytes.use_count() == 1 && needed <= block_.capacity) {
            std::memmove(block_.bytes.get(), block_.bytes.get() + begin_, unread_bytes);
            begin_ = 0;
            end_ = unread_bytes;
        } else if (needed > block_.capacity - begin_ || block_.capacity - end_ < room_bytes_min) {
            move_to(pool_->take(needed));
        }
    }
    return {block_.bytes.get() + end_, block_.capacity - end_};
}

void ReceiveBuffer::move_to(Block&& block) {
    const std::size_t unread_bytes = end_ - begin_;
    std::memcpy(block.bytes.get(), block_.bytes.get() + begin_, unread_bytes);
    block_ = std::move(block);
    begin_ = 0;
    end_ = unread_bytes;
}

void ReceiveBuffer::release_if_empty() {
    if (begin_ == end_) {
        block_ = {};
        begin_ = end_ = 0;
    }
}

}  // namespace baton::session
