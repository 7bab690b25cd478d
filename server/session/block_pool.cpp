#include "server/session/block_pool.hpp"

#include "server/session/session_limits.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace baton::session {

namespace {
constexpr std::size_t spare_max = 32;
}

struct BlockPool::Spare {
    std::mutex mutex;
    std::vector<std::unique_ptr<char[]>> blocks;

    void give_back(char* block) {
        std::unique_ptr<char[]> owned(block);
        const std::scoped_lock lock(mutex);
        if (blocks.size() < spare_max) {
            blocks.push_back(std::move(owned));
        }
    }
};

BlockPool::BlockPool() : spare_(std::make_shared<Spare>()) { spare_->blocks.reserve(spare_max); }

Block BlockPool::take(std::size_t bytes) {
    if (bytes > limits::block_bytes) {
        return Block{std::make_shared_for_overwrite<char[]>(bytes), bytes};
    }
    std::unique_ptr<char[]> block;
    {
        const std::scoped_lock lock(spare_->mutex);
        if (!spare_->blocks.empty()) {
            block = std::move(spare_->blocks.back());
            spare_->blocks.pop_back();
        }
    }
    if (!block) {
        block = std::make_unique_for_overwrite<char[]>(limits::block_bytes);
    }
    return Block{std::shared_ptr<char[]>(block.release(), [spare = spare_](char* p) { spare->give_back(p); }),
                 limits::block_bytes};
}

}  // namespace baton::session
