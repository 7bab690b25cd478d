#pragma once
// Blocks of memory for receiving, used again instead of freed: a block of 256 KiB from the allocator costs more in page
// faults than the bytes in it. Blocks go back from any thread, since the last reference may die on the committer's.

#include <cstddef>
#include <memory>

namespace baton::session {

struct Block {
    std::shared_ptr<char[]> bytes;
    std::size_t capacity = 0;
};

class BlockPool {
public:
    BlockPool();
    /// A block of limits::block_bytes, or one of exactly `bytes` when that is more. Its content is undefined.
    Block take(std::size_t bytes = 0);

private:
    struct Spare;
    /// Shared with the blocks, which may outlive the pool.
    std::shared_ptr<Spare> spare_;
};

}  // namespace baton::session
