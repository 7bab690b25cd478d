#include "server/engine/group_linger.hpp"

#include <variant>

namespace baton::engine {

namespace {
/// Beyond this a round is worth its fsync without company, and the list would cost more than it brings.
constexpr std::size_t producers_max = 64;
constexpr std::size_t small_bytes_max = 16 * 1024;
constexpr std::uint32_t penalty_max = 63;
}  // namespace

void GroupLinger::entered(const core::Request& request, std::size_t bytes) {
    if (!std::holds_alternative<core::Produce>(request.body) || pipelined_) {
        return;
    }
    if (bytes > small_bytes_max) {
        pipelined_ = true;
        return;
    }
    for (Producer& producer : producers_) {
        if (producer.connection == request.connection) {
            pipelined_ = producer.round == round_;
            present_ += producer.round == round_ ? 0 : 1;
            producer.round = round_;
            return;
        }
    }
    if (producers_.size() == producers_max) {
        pipelined_ = true;
        return;
    }
    producers_.push_back(Producer{request.connection, round_});
    present_ += 1;
}

bool GroupLinger::worth_waiting() const {
    return !pipelined_ && skip_ == 0 && present_ > 0 && present_ < producers_.size();
}

void GroupLinger::sealed(bool held) {
    if (present_ == 0 && !pipelined_) {
        return;
    }
    if (held) {
        penalty_ = missing() == 0 ? 0 : std::min(2 * penalty_ + 1, penalty_max);
        skip_ = penalty_;
    } else {
        skip_ -= std::min<std::uint32_t>(skip_, 1);
    }
    const std::uint64_t oldest = round_ - 1;
    std::erase_if(producers_, [oldest](const Producer& producer) { return producer.round < oldest; });
    round_ += 1;
    present_ = 0;
    pipelined_ = false;
}

}  // namespace baton::engine
