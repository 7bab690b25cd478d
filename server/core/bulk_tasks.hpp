#pragma once
// The background tasks of a shard. A task makes the same requests as a client would, one slice at a time, and is told
// their answers; between two slices everything else has its turn. Included by the core's sources only.

#include "server/core/bulk_task.hpp"
#include "server/core/effect.hpp"
#include "server/core/ids.hpp"
#include "server/core/mutation.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

struct Round;
struct State;

struct BulkTask {
    NamespaceId ns{};
    TaskId id{};
    QueueId queue{};
    TimeMs created_at = 0;
    TaskSpecPtr spec;
    TaskProgress progress;

    // ---- memory only
    /// Requests of the slice under way that are not answered, and where the next slice begins.
    std::uint32_t unanswered = 0;
    TaskProgress behind;
    std::uint32_t slice_done = 0;
    /// The slice has to be tried again: the queue was busy. What had been counted before it.
    bool again = false;
    std::uint64_t scanned_before = 0, matched_before = 0;
    std::optional<TimeMs> armed_at;
};

struct BulkTasks {
    std::map<TaskId, BulkTask> all;
    std::uint64_t next_id = 1;
    std::set<std::pair<TimeMs, TaskId>> timers;
    /// Those whose next slice comes with the next round, and how many slices this round has begun.
    std::vector<TaskId> next_round;
    std::uint32_t begun = 0;

    void arm(BulkTask& task, TimeMs at);
    void disarm(BulkTask& task);
};

void apply_task_request(State& state, Request&& request, TimeMs now, Round& round);
/// One slice of each task whose time has come.
void run_tasks(State& state, TimeMs now, Round& round);  // task_steps.cpp
/// A round ends: what waited for the next one is due.
void end_task_round(State& state, TimeMs now);  // task_steps.cpp
/// The answer to a request that a task made.
void task_answered(State& state, TaskId id, ReplyBody&& body, TimeMs now, Round& round);  // task_steps.cpp
void restore_task(State& state, const PutTask& record);
void finish_restoring_tasks(State& state, TimeMs now);

// Shared between the files above.
void put_task(const BulkTask& task, Round& round);
void end_task(State& state, BulkTask& task, TaskState how, std::string error, TimeMs now, Round& round);

}  // namespace baton::core
