#include "client/receive_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

namespace baton::detail {

namespace {

constexpr std::size_t block_bytes = 512 * 1024;
constexpr std::size_t room_bytes_min = 16 * 1024;
constexpr std::size_t blocks_kept_max = 8;

}  // namespace

struct ReceiveBuffer::Block {
    explicit Block(std::size_t size) : bytes(new char[size]), capacity(size) {}
    std::unique_ptr<char[]> bytes;
    std::size_t capacity;
};

/// Blocks come back under a lock, because the last share of one may be dropped by any thread.
class BlockPool : public std::enable_shared_from_this<BlockPool> {
public:
    std::shared_ptr<ReceiveBuffer::Block> take(std::size_t bytes) {
        std::unique_ptr<ReceiveBuffer::Block> block;
        if (bytes <= block_bytes) {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                block = std::move(free_.back());
                free_.pop_back();
            }
        }
        if (block == nullptr) {
            block = std::make_unique<ReceiveBuffer::Block>(std::max(bytes, block_bytes));
        }
        return {block.release(), [pool = shared_from_this()](ReceiveBuffer::Block* used) { pool->give_back(used); }};
    }

private:
    void give_back(ReceiveBuffer::Block* used) {
        std::unique_ptr<ReceiveBuffer::Block> block(used);
        const std::lock_guard lock(mutex_);
        if (block->capacity == block_bytes && free_.size() < blocks_kept_max) {
            free_.push_back(std::move(block));
        }
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<ReceiveBuffer::Block>> free_;
};

ReceiveBuffer::ReceiveBuffer() : pool_(std::make_shared<BlockPool>()), block_(pool_->take(block_bytes)) {}

ReceiveBuffer::~ReceiveBuffer() = default;

ReceiveBuffer::Room ReceiveBuffer::room(std::size_t wanted) {
    const std::size_t waiting = end_ - begin_;
    if (waiting == 0 && !shared_) {
        begin_ = end_ = 0;
    }
    const std::size_t left = block_->capacity - end_;
    const bool fits = wanted == 0 || begin_ + wanted <= block_->capacity;
    if (left >= room_bytes_min && (fits || left >= block_bytes / 2)) {
        return {block_->bytes.get() + end_, left};
    }
    auto next = pool_->take(waiting + std::max(room_bytes_min, waiting));
    std::memcpy(next->bytes.get(), block_->bytes.get() + begin_, waiting);
    block_ = std::move(next);
    begin_ = 0;
    end_ = waiting;
    shared_ = false;
    return {block_->bytes.get() + end_, block_->capacity - end_};
}

std::string_view ReceiveBuffer::bytes() const { return {block_->bytes.get() + begin_, end_ - begin_}; }

std::shared_ptr<const void> ReceiveBuffer::share() {
    shared_ = true;
    return block_;
}

void ReceiveBuffer::reset() { begin_ = end_; }

}  // namespace baton::detail
