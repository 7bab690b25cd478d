#pragma once
// A background task: one action on all messages of a queue that a filter means, carried out in slices between other
// work, with its progress on disk. Plain values.

#include "server/core/group_id.hpp"
#include "server/core/ids.hpp"
#include "server/core/job_filter.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

/// Stored on disk and sent on the wire: do not change these values.
enum class TaskKind : std::uint8_t {
    /// Removes what waits, and what is delayed.
    drain = 1,
    /// Removes completed and failed messages, or those of the states that are named.
    clean = 2,
    /// Removes the queue with all that is in it.
    obliterate = 3,
    /// Puts failed messages back, or completed ones.
    retry = 4,
    /// Removes.
    remove = 5,
    /// Makes delayed messages ready.
    promote = 6,
};
inline constexpr std::uint8_t task_kind_last = 6;

/// Stored on disk and sent on the wire: do not change these values.
enum class TaskState : std::uint8_t {
    running = 1,
    done = 2,
    cancelled = 3,
    /// It could not go on; its error says why.
    failed = 4,
};

struct TaskSpec {
    TaskKind kind{};
    std::string queue;
    /// With the states, the last offset and the grace of the task made part of it when it began.
    JobFilterPtr filter;
    /// Only what was stored, or has ended, at least this long ago.
    DurationMs grace_ms = 0;
    /// At most so many messages; 0 = all.
    std::uint64_t limit = 0;
    /// Messages a second; 0 = as fast as others leave room for.
    std::uint32_t rate = 0;
    /// Only counts what it would do.
    bool dry_run = false;
    /// Retry: failures and deliveries do not start from 0.
    bool keep_counters = false;
    /// Obliterate: also when messages are leased.
    bool force = false;
};
using TaskSpecPtr = std::shared_ptr<const TaskSpec>;

struct TaskProgress {
    TaskState state = TaskState::running;
    /// Messages looked at, those that the filter meant, those that the action was done to, and those that it could not
    /// be done to.
    std::uint64_t scanned = 0, matched = 0, done = 0, skipped = 0;
    TimeMs ended_at = 0;
    std::string error;
    /// Where to go on; state 0 = from the start of a pass, of which this one did something to so many.
    MessageState from_state{};
    TimeMs from_at = 0;
    Offset from_offset = 0;
    std::int64_t from_rank = 0;
    GroupId from_group = {};
    std::uint64_t pass_done = 0;
    std::uint32_t passes = 0;
};

struct TaskInfo {
    TaskId id{};
    TaskSpecPtr spec;
    TaskProgress progress;
    TimeMs created_at = 0;
};
using TaskInfoPtr = std::shared_ptr<const TaskInfo>;

// ---- on disk

struct PutTask {
    NamespaceId ns{};
    TaskId id{};
    QueueId queue{};
    TimeMs created_at = 0;
    TaskSpecPtr spec;
    TaskProgress progress;
};
struct RemoveTask {
    NamespaceId ns{};
    TaskId id{};
};

// ---- requests and answers

/// Answered by a TaskInfo.
struct StartTask {
    TaskSpec spec;
};
/// By number, the oldest first. Answered by TaskList.
struct ListTasks {
    /// Empty = of all queues of the namespace.
    std::string queue;
    std::uint64_t after = 0;
    std::uint32_t limit = 100;
};
struct ShowTask {
    TaskId id{};
};
/// What is done stays done. Answered by a TaskInfo.
struct CancelTask {
    TaskId id{};
};
struct TaskList {
    std::vector<TaskInfo> tasks;
    /// Where to go on; 0 = that was all.
    std::uint64_t next = 0;
};

}  // namespace baton::core
