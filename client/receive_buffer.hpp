#pragma once
// Where received bytes land, and how deliveries keep them. Frames are parsed in place inside blocks of a pool; whoever
// needs a frame's bytes for longer takes a share of its block, and the block returns to the pool after the last share
// is gone. The buffer belongs to the I/O thread; shares may be dropped by any thread.

#include <cstddef>
#include <memory>
#include <string_view>

namespace baton::detail {

class BlockPool;

class ReceiveBuffer {
public:
    ReceiveBuffer();
    ~ReceiveBuffer();
    ReceiveBuffer(const ReceiveBuffer&) = delete;
    ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;

    struct Room {
        char* data;
        std::size_t bytes;
    };
    /// Where to receive into; never empty. `wanted` is how many bytes the frame at the front takes (0 = unknown); room
    /// grows with what has really arrived, not with what a peer announced.
    Room room(std::size_t wanted);
    void received(std::size_t bytes) { end_ += bytes; }
    /// What has arrived and was not consumed.
    std::string_view bytes() const;
    void consume(std::size_t bytes) { begin_ += bytes; }
    /// Keeps what bytes() shows valid for as long as the share lives.
    std::shared_ptr<const void> share();
    /// Forgets everything unconsumed: a new connection begins.
    void reset();

private:
    struct Block;
    friend class BlockPool;

    std::shared_ptr<BlockPool> pool_;
    std::shared_ptr<Block> block_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool shared_ = false;
};

}  // namespace baton::detail
