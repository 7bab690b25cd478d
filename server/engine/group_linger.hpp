#pragma once
// Decides whether a commit should wait a moment so that several producers, each with one message on its way, share one
// fsync: it looks at how many connections produced in the last rounds and how many of them are in the round at hand.
//
// Core thread. Pipelining producers are never waited for: their next batch is already there. Producers that do not come
// when they are waited for are waited for less and less often.

#include "server/core/request.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace baton::engine {

class GroupLinger {
public:
    /// How long a commit may be held: as long as the last one took, since whoever misses this one waits that long for
    /// the next; within bounds for disks of either extreme.
    static std::chrono::microseconds wait(std::chrono::microseconds last_commit) {
        return std::clamp(last_commit, std::chrono::microseconds(50), std::chrono::microseconds(500));
    }

    /// A request enters the round at hand.
    void entered(const core::Request& request, std::size_t bytes);
    /// True while it pays to hold the round: some of the connections that took part lately are missing.
    bool worth_waiting() const;
    /// How many of them are.
    std::size_t missing() const { return producers_.size() - present_; }
    /// The round at hand was sealed, and had been `held` for company or not. Rounds in which nobody produced do not
    /// count.
    void sealed(bool held);

private:
    struct Producer {
        core::ConnectionId connection{};
        /// Number of the last round that it was in.
        std::uint64_t round = 0;
    };
    std::uint64_t round_ = 2;
    /// Those of the last two rounds and of this one.
    std::vector<Producer> producers_;
    std::size_t present_ = 0;
    bool pipelined_ = false;
    /// Rounds to go without waiting, and how many those were after the last wait in vain.
    std::uint32_t skip_ = 0;
    std::uint32_t penalty_ = 0;
};

}  // namespace baton::engine
