#pragma once
// Requests that name messages of a queue by their ids, and what a removal answers. Plain values.

#include "server/core/ids.hpp"
#include "server/core/job_filter.hpp"
#include "server/core/outcome.hpp"
#include "server/core/own_ids.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

struct ShowJob {
    std::string queue;
    Offset offset = 0;
    /// Its own id; instead of the offset unless empty.
    std::string id = {};
};
/// Absent fields stay as they are. At most one of delay_ms (from now) and due_at.
struct ChangeJob {
    std::string queue;
    Offset offset = 0;
    std::optional<std::uint32_t> priority;
    /// True: to the front of its priority, now. False: to its place by time.
    std::optional<bool> lifo;
    std::optional<DurationMs> delay_ms;
    std::optional<TimeMs> due_at;
    std::string id = {};
};
/// A delayed message becomes ready now.
struct PromoteJob {
    std::string queue;
    Offset offset = 0;
    std::string id = {};
    /// Of a task: only while it is meant by this; null = in any case.
    JobFilterPtr only = nullptr;
};
struct PromoteAll {
    std::string queue;
};
struct RemoveJobs {
    std::string queue;
    /// Those that are not done yet.
    std::vector<Offset> offsets;
    /// How far it came; empty when it enters.
    std::uint64_t removed = 0;
    std::vector<std::pair<Offset, Refusal>> refused;
    /// Of a task: only while they are meant by this; null = in any case.
    JobFilterPtr only = nullptr;
    OwnIds own = {};
    /// Their parents are not to wait for them, and learn nothing of their end.
    bool detach = false;
};

/// Answered by JobEnded when the message is over, or when the time is up.
struct WaitJob {
    std::string queue;
    Offset offset = 0;
    DurationMs timeout_ms = 0;
    /// Set when it enters.
    TimeMs deadline = 0;
    /// Empty once the message is known.
    std::string id = {};
};
/// How a message ended.
struct JobEnded {
    JobOutcome outcome{};
    /// The last error, or whereto it went.
    std::string text;
    /// Of a completed one; null when there is none.
    JobResultPtr result = nullptr;
    /// Which one it was, for those who named it by its id.
    Offset offset = 0;
};

/// Which of the named messages were removed; the others with the reason.
struct JobsRemoved {
    std::uint64_t removed = 0;
    std::vector<std::pair<Offset, Refusal>> refused;
    /// Those that were named by their ids.
    std::vector<std::pair<std::string, Refusal>> refused_ids = {};
};

}  // namespace baton::core
