#pragma once
// The sequence numbers of a producer: which come next, and up to where all have been answered. Not thread-safe.

#include <cstdint>
#include <deque>

namespace baton::detail {

class SequenceWindow {
public:
    /// The server remembers at most 1,024 open sequences of a producer; a little less is used.
    static constexpr std::uint64_t open_max = 1'000;

    bool has_room() const { return answered_.size() < open_max; }
    std::uint64_t next() {
        answered_.push_back(false);
        return acked_through_ + answered_.size();
    }
    void answer(std::uint64_t sequence) {
        answered_[sequence - acked_through_ - 1] = true;
        while (!answered_.empty() && answered_.front()) {
            answered_.pop_front();
            acked_through_ += 1;
        }
    }
    std::uint64_t acked_through() const { return acked_through_; }
    std::uint64_t last() const { return acked_through_ + answered_.size(); }

private:
    std::uint64_t acked_through_ = 0;
    /// Of sequence acked_through_ + 1 + i.
    std::deque<bool> answered_;
};

}  // namespace baton::detail
