#pragma once
// The options by which commands say which messages of a queue they mean, and how a background task goes about them.

#include "baton/tasks.hpp"
#include "cli/exit_code.hpp"

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace baton::cli {

struct Context;

/// As they were given.
struct FilterOptions {
    std::vector<std::string> states, headers;
    std::string name, error_class, id_prefix, stored_after, stored_before, ended_after, ended_before;

    /// Some option was given.
    bool any() const;
    /// Throws std::invalid_argument.
    JobFilter filter() const;
};
std::shared_ptr<FilterOptions> add_filter_options(CLI::App& command);

struct TaskCommand {
    std::string grace;
    std::uint64_t limit = 0;
    std::uint32_t rate = 0;
    bool dry_run = false;
    bool no_wait = false;
    bool keep_counters = false;
    bool force = false;

    bool any() const { return !grace.empty() || limit != 0 || rate != 0 || dry_run || no_wait; }
};
std::shared_ptr<TaskCommand> add_task_options(CLI::App& command);
/// Starts a task, waits for it unless told not to, and prints what it did.
ExitCode run_task(const Context& context, TaskKind kind, const std::string& queue, const FilterOptions& filter,
                  const TaskCommand& command);

}  // namespace baton::cli
