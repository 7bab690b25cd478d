#pragma once
// What one round of the core produced: mutations for one commit, effects that wait for it, reads to do after it.

#include "server/core/effect.hpp"
#include "server/core/mutation.hpp"
#include "server/core/read.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace baton::core {

struct Round {
    std::vector<Mutation> mutations;
    std::vector<Effect> effects;
    /// To be started once this round's commit is applied, so that they see it.
    std::vector<ReadRequest> reads;
    /// Answers to requests that tasks made, for the core itself.
    std::vector<std::pair<TaskId, ReplyBody>> task_answers;
    /// Answers to requests of walks over flows.
    std::vector<std::pair<std::uint64_t, ReplyBody>> walk_answers;
    /// True when some mutation must be on disk before the effects: a queue with durability sync was touched.
    bool needs_sync = false;
    /// Body bytes of the mutations, so that the engine can bound a commit.
    std::size_t bytes = 0;
    /// Lane records written anew because they became due, so that a commit stays short.
    std::uint32_t lane_moves = 0;

    bool empty() const { return mutations.empty() && effects.empty() && reads.empty(); }
};

}  // namespace baton::core
