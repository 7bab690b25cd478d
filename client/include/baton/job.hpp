#pragma once
// Messages named by their ids: what can be changed of one, and what became of a removal. Plain values; the calls are
// those of Admin.

#include "baton/error.hpp"
#include "baton/result.hpp"
#include "baton/stored_message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace baton {

/// One message of a queue: by its offset, or by the id that its producer gave it. A value: copies may be used by
/// several threads. Whether there is such a message is for the call that takes the name to say (message_not_found).
class JobName {
public:
    /// An offset is a name: calls take a plain number too.
    JobName(std::uint64_t offset) : offset_(offset) {}  // NOLINT: converts on purpose
    /// Throws std::invalid_argument when it is empty: that would name the message at offset 0.
    static JobName by_id(std::string id) {
        if (id.empty()) {
            throw std::invalid_argument("an id has 1 to 256 bytes");
        }
        JobName name(0);
        name.id_ = std::move(id);
        return name;
    }
    /// 0 when it is named by its id.
    std::uint64_t offset() const { return offset_; }
    /// Empty when it is named by its offset.
    const std::string& id() const { return id_; }

private:
    std::uint64_t offset_;
    std::string id_;
};

/// Who has a deduplication id.
struct DedupInfo {
    MessageId holder;
    /// unspecified when the holder is gone and its window still runs.
    MessageState state = MessageState::unspecified;
    /// When the window ends, milliseconds since 1970; 0 = with the holder.
    std::int64_t until_ms = 0;
    /// A message waits parked for the end of the holder.
    bool parked = false;
};

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
    /// Set instead of the offset when the message was named by its own id.
    std::string id = {};
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
    /// Which message it was, also of one that was named by its own id.
    std::uint64_t offset = 0;
};

}  // namespace baton
