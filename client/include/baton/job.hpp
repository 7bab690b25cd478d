#pragma once
// Messages named by their ids: what can be changed of one, and what became of a removal. Plain values; the calls are
// those of Admin.

#include "baton/error.hpp"
#include "baton/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

/// What to change of a message; absent fields stay as they are.
struct JobChange {
    /// 0 to 2,097,151.
    std::optional<std::uint32_t> priority;
    /// True: to the front of its priority, now. False: back to its place by time.
    std::optional<bool> lifo;
    /// From now; 0 makes it ready at once. Excludes due_ms.
    std::optional<std::chrono::milliseconds> delay;
    /// Milliseconds since 1970.
    std::optional<std::int64_t> due_ms;
};

/// Why one of the named messages was left as it is.
struct JobRefusal {
    std::uint64_t offset = 0;
    Error error;
};

/// What became of messages that were given up.
struct JobsCancelled {
    /// Gone.
    std::vector<std::uint64_t> cancelled;
    /// Held: their workers were told, and they are gone when the grace is over.
    std::vector<std::uint64_t> cancelling;
    std::vector<JobRefusal> refusals;
};

/// How many of the named messages were removed, and why the others were not.
struct JobsRemoved {
    using Refusal = JobRefusal;
    std::uint64_t removed = 0;
    std::vector<JobRefusal> refusals;
};

/// How a job ended, or that it has not yet. The numbers are those of the protocol.
enum class JobOutcome : std::uint8_t {
    unknown = 0,
    completed = 1,
    failed = 2,
    removed = 3,
    expired = 4,
    dead_lettered = 5,
    dropped = 6,
    cancelled = 7,
    timeout = 20,
    /// It is over, and nothing is kept of it.
    gone = 21,
};
/// "completed", "dead_lettered", ...
const char* to_text(JobOutcome outcome);

struct JobEnd {
    JobOutcome outcome = JobOutcome::unknown;
    /// The last error, or where it went.
    std::string text;
    std::optional<JobResult> result;
};

}  // namespace baton
