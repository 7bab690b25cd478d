#pragma once
// What a connection has received and not yet understood: a shared block that produces may pin. Memory follows the bytes
// that have arrived, never a declared length; an idle connection holds no block. Used by the I/O thread.

#include "server/session/block_pool.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace baton::session {

class ReceiveBuffer {
public:
    explicit ReceiveBuffer(BlockPool& pool) : pool_(&pool) {}

    /// Room to receive into, not empty. `wanted` is how long the frame at the front is, 0 when unknown.
    std::span<char> room(std::size_t wanted);
    /// `bytes` of the room were filled.
    void received(std::size_t bytes) { end_ += bytes; }
    std::string_view unread() const { return {block_.bytes.get() + begin_, end_ - begin_}; }
    /// Drops bytes from the front.
    void consume(std::size_t bytes) { begin_ += bytes; }
    /// Keeps what unread() showed valid.
    const std::shared_ptr<char[]>& pin() const { return block_.bytes; }
    /// Lets go of the block when nothing is unread.
    void release_if_empty();

private:
    void move_to(Block&& block);

    BlockPool* pool_;
    Block block_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace baton::session
