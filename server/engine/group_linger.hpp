#pragma once
// Decides whether a commit should wait a moment so that several producers, each with one message on its way, share one
// fsync: it looks at how many connections produced in the last rounds and how many of them are in the round at hand.
//
// Core thread. Pipelining producers are never waited for: their next batch is already there.

#include "server/core/request.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace baton::engine {

class GroupLinger {
public:
    /// The longest that a commit is held.
    static constexpr std::int64_t wait_us_max = 100;

    /// A request enters the round at hand.
    void entered(const core::Request& request, std::size_t bytes);
    /// True while it pays to hold the round: some of the connections that took part lately are missing.
    bool worth_waiting() const;
    /// The round at hand was sealed. Rounds in which nobody produced do not count.
    void sealed();

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
};

}  // namespace baton::engine
