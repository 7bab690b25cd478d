#pragma once
// Giving up messages by their ids, whoever holds them. Plain values.

#include "server/core/ids.hpp"
#include "server/core/limits.hpp"
#include "server/core/own_ids.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

/// What became of each named message.
struct JobsCancelled {
    /// Gone.
    std::vector<Offset> cancelled;
    /// Held by a worker that was told: gone when it settles, or when the grace is over.
    std::vector<Offset> cancelling;
    std::vector<std::pair<Offset, Refusal>> refused;
    /// Those that were named by their ids.
    std::vector<std::pair<std::string, Refusal>> refused_ids = {};
};

struct CancelJobs {
    std::string queue;
    /// Those that are not done yet.
    std::vector<Offset> offsets;
    /// How long a holder may take to settle; 0 = none.
    DurationMs grace_ms = limits::cancel_grace_ms_default;
    /// How far it came; empty when it enters.
    JobsCancelled done;
    OwnIds own = {};
};

}  // namespace baton::core
