// Background tasks: looked at, waited for, cancelled; and those that take a queue apart.
#include "baton/tasks.hpp"
#include "cli/command.hpp"
#include "cli/job_filter_options.hpp"
#include "cli/message_output.hpp"
#include "cli/task_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>

namespace baton::cli {

namespace json = boost::json;

void print_task(const Context& context, const TaskInfo& task) {
    if (!context.json) {
        const char* would = task.dry_run ? " (dry run)" : "";
        fmt::print("task {} {} of {}{}: {}, {} looked at, {} matched, {} done, {} skipped{}{}\n", task.id,
                   to_text(task.kind), task.queue, would, to_text(task.state), task.scanned, task.matched, task.done,
                   task.skipped, task.error.empty() ? "" : ": ", printable(task.error, 200));
        return;
    }
    json::object out{{"id", task.id},
                     {"kind", to_text(task.kind)},
                     {"queue", task.queue},
                     {"state", to_text(task.state)},
                     {"created_at", format_time(task.created_ms)},
                     {"scanned", task.scanned},
                     {"matched", task.matched},
                     {"done", task.done},
                     {"skipped", task.skipped},
                     {"dry_run", task.dry_run}};
    out["ended_at"] = task.ended_ms == 0 ? json::value(nullptr) : json::value(format_time(task.ended_ms));
    if (!task.error.empty()) {
        out["error"] = task.error;
    }
    print_json(out);
}

namespace {

void add_task_list(CLI::App& task, Context& context) {
    CLI::App* command = task.add_subcommand("list", "Lists tasks that run, and those that ended last");
    const auto queue = std::make_shared<std::string>();
    command->add_option("queue", *queue, "Only those of this queue");
    command->footer("Examples:\n  baton task list\n  baton task list emails");
    command->callback([&context, queue] {
        context.run = [&context, queue] {
            Client client = context.connect();
            Tasks tasks(client);
            std::uint64_t after = 0;
            do {
                const TaskPage page = tasks.list(*queue, after);
                for (const TaskInfo& one : page.tasks) {
                    print_task(context, one);
                }
                after = page.next;
            } while (after != 0);
            return ExitCode::ok;
        };
    });
}

template <typename Action>
void add_task_command(CLI::App& task, Context& context, const char* name, const char* help, Action action) {
    CLI::App* command = task.add_subcommand(name, help);
    const auto id = std::make_shared<std::uint64_t>(0);
    command->add_option("id", *id, "Number of the task")->required();
    command->footer(fmt::format("Examples:\n  baton task {} 17", name));
    command->callback([&context, id, action] {
        context.run = [&context, id, action] {
            Client client = context.connect();
            Tasks tasks(client);
            print_task(context, action(tasks, *id));
            return ExitCode::ok;
        };
    });
}

void add_queue_task(CLI::App& queue, Context& context, TaskKind kind, const char* help, const char* footer) {
    CLI::App* command = queue.add_subcommand(to_text(kind), help);
    const auto name = std::make_shared<std::string>();
    command->add_option("queue", *name, "Name of the queue")->required();
    std::shared_ptr<FilterOptions> filter = std::make_shared<FilterOptions>();
    std::shared_ptr<TaskCommand> options = std::make_shared<TaskCommand>();
    if (kind == TaskKind::obliterate) {
        command->add_flag("--force", options->force, "Also when messages are leased");
        command->add_flag("--dry-run", options->dry_run, "Only count");
    } else {
        filter = add_filter_options(*command);
        options = add_task_options(*command);
    }
    command->footer(footer);
    command->callback([&context, kind, name, filter, options] {
        context.run = [&context, kind, name, filter, options] {
            return run_task(context, kind, *name, *filter, *options);
        };
    });
}

}  // namespace

void add_task(CLI::App& app, Context& context) {
    CLI::App* task = app.add_subcommand("task", "Shows and cancels background tasks");
    task->require_subcommand(1);
    add_task_list(*task, context);
    add_task_command(*task, context, "show", "Shows how far a task is",
                     [](Tasks& tasks, std::uint64_t id) { return tasks.show(id); });
    add_task_command(*task, context, "cancel", "Ends a task; what it has done stays done",
                     [](Tasks& tasks, std::uint64_t id) { return tasks.cancel(id); });
}

void add_queue_tasks(CLI::App& queue, Context& context) {
    add_queue_task(queue, context, TaskKind::drain, "Removes what waits and what is delayed, in the background",
                   "Acts on messages that are waiting, prioritized, grouped or delayed; another --state is refused.\n"
                   "Needs a queue of profile job: one of profile message cannot be drained, but purged.\n"
                   "Examples:\n  baton queue drain emails --name 'report.*' --dry-run");
    add_queue_task(queue, context, TaskKind::clean, "Removes failed and completed messages, or those of other states",
                   "With --state also waiting, prioritized, grouped and delayed ones; leased and waiting-children are "
                   "refused.\nNeeds a queue of profile job: one of profile message cannot be cleaned, but purged.\n"
                   "Examples:\n  baton queue clean emails --state completed --older-than 1h --limit 1000");
    add_queue_task(queue, context, TaskKind::obliterate, "Removes a queue with all that is in it",
                   "Examples:\n  baton queue obliterate emails --force");
}

}  // namespace baton::cli
