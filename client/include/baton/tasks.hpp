#pragma once
// Which messages of a queue are meant, and what is done to all of them in the background: drain, clean, obliterate,
// bulk retry, removal and promotion. A task works in slices beside other work, tells its progress, can be cancelled and
// goes on after a restart.
//
// Every call blocks until the server has answered and throws Exception on a refusal. May be used by several threads.

#include "baton/connection.hpp"
#include "baton/stored_message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton {

/// All of it must hold; what is empty or 0 holds of every message.
struct JobFilter {
    std::vector<MessageState> states;
    /// Patterns, in which `*` stands for any bytes. The error class is that of the last attempt that failed.
    std::string name, error_class;
    /// How its id begins, in text: `queue_id-offset`, or the id that its producer gave it.
    std::string id_prefix;
    /// When it was stored, and when it failed or was completed: at or after, and before. Milliseconds since 1970.
    std::int64_t stored_from_ms = 0, stored_before_ms = 0;
    std::int64_t ended_from_ms = 0, ended_before_ms = 0;
    /// Each must be there; at most 8, with 1,024 bytes each.
    std::vector<Header> headers;
};

/// The numbers are those of the protocol.
enum class TaskKind : std::uint8_t {
    unknown = 0,
    drain = 1,
    clean = 2,
    obliterate = 3,
    retry = 4,
    remove = 5,
    promote = 6
};
enum class TaskState : std::uint8_t { unknown = 0, running = 1, done = 2, cancelled = 3, failed = 4 };
const char* to_text(TaskKind kind);
const char* to_text(TaskState state);

struct TaskOptions {
    JobFilter filter;
    /// Only what has ended, or was stored, at least this long ago.
    std::chrono::milliseconds grace{0};
    /// At most so many messages; 0 = all.
    std::uint64_t limit = 0;
    /// Messages a second; 0 = as fast as there is room for.
    std::uint32_t rate = 0;
    /// Only counts.
    bool dry_run = false;
    /// Retry: failures and deliveries do not start from 0.
    bool keep_counters = false;
    /// Obliterate: also when messages are leased.
    bool force = false;
};

struct TaskInfo {
    std::uint64_t id = 0;
    TaskKind kind = TaskKind::unknown;
    std::string queue;
    TaskState state = TaskState::unknown;
    std::int64_t created_ms = 0;
    /// 0 while it runs.
    std::int64_t ended_ms = 0;
    /// Why it failed.
    std::string error;
    /// Messages looked at, those that the filter meant, those that it was done to, and those that it could not be done
    /// to.
    std::uint64_t scanned = 0, matched = 0, done = 0, skipped = 0;
    bool dry_run = false;
};

struct TaskPage {
    std::vector<TaskInfo> tasks;
    /// Pass as `after` for the next page; 0 on the last.
    std::uint64_t next = 0;
};

class Tasks {
public:
    explicit Tasks(const Client& client);

    /// Messages that a filter means, state by state; `limit` 0 = 10, at most 1,000. A page may be short, or empty, and
    /// still have a next.
    MessagePage list_jobs(const std::string& queue, const JobFilter& filter, const std::string& cursor = {},
                          std::uint32_t limit = 0);

    /// Throws wrong_profile: all but obliterate and retry need a queue of profile job; queue_in_use: an obliterate
    /// without `force` while messages are leased.
    TaskInfo start(TaskKind kind, const std::string& queue, const TaskOptions& options = {});
    /// Throws task_not_found; so does cancel().
    TaskInfo show(std::uint64_t id);
    /// What it has done stays done.
    TaskInfo cancel(std::uint64_t id);
    /// By number, the oldest first; `limit` 0 = 100. Empty queue = of all queues.
    TaskPage list(const std::string& queue = {}, std::uint64_t after = 0, std::uint32_t limit = 0);
    /// Looks at a task until it has ended, at most for `timeout`; as it is then.
    TaskInfo wait(std::uint64_t id, std::chrono::milliseconds timeout);

private:
    std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace baton
