#include "cli/job_filter_options.hpp"

#include "cli/command.hpp"
#include "cli/header_option.hpp"
#include "cli/task_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <stdexcept>
#include <thread>

namespace baton::cli {

namespace {

constexpr std::chrono::hours one_wait{24};

const std::map<std::string, MessageState> filter_states{
    {"waiting", MessageState::waiting},     {"prioritized", MessageState::prioritized},
    {"grouped", MessageState::grouped},     {"delayed", MessageState::delayed},
    {"leased", MessageState::leased},       {"failed", MessageState::failed},
    {"completed", MessageState::completed}, {"waiting-children", MessageState::waiting_children},
};

std::int64_t time_of(const std::string& text) { return text.empty() ? 0 : parse_time_ms(text); }

}  // namespace

bool FilterOptions::any() const {
    const std::size_t given = states.size() + headers.size() + name.size() + error_class.size() + id_prefix.size() +
                              stored_after.size() + stored_before.size() + ended_after.size() + ended_before.size();
    return given != 0;
}

JobFilter FilterOptions::filter() const {
    JobFilter out;
    for (const std::string& state : states) {
        out.states.push_back(filter_states.at(state));
    }
    out.name = name;
    out.error_class = error_class;
    out.id_prefix = id_prefix;
    out.stored_from_ms = time_of(stored_after);
    out.stored_before_ms = time_of(stored_before);
    out.ended_from_ms = time_of(ended_after);
    out.ended_before_ms = time_of(ended_before);
    for (const std::string& header : headers) {
        out.headers.push_back(parse_header(header));
    }
    return out;
}

std::shared_ptr<FilterOptions> add_filter_options(CLI::App& command) {
    auto options = std::make_shared<FilterOptions>();
    command
        .add_option(
            "--state", options->states,
            "waiting, prioritized, grouped, delayed, leased, failed, completed or waiting-children; may be given "
            "several times")
        ->check(CLI::IsMember(filter_states))
        ->allow_extra_args(false);
    command.add_option("--name", options->name, "Name of the messages; * stands for anything");
    command.add_option("--error-class", options->error_class,
                       "Error class of the last failed attempt; * stands for anything");
    command.add_option("--id-prefix", options->id_prefix,
                       "How its id begins: QUEUE_ID-OFFSET, or the id of its producer");
    command.add_option("--stored-after", options->stored_after, "Stored at this time or after: 2026-11-25T08:00:00Z");
    command.add_option("--stored-before", options->stored_before, "Stored before this time");
    command.add_option("--ended-after", options->ended_after, "Failed or completed at this time or after");
    command.add_option("--ended-before", options->ended_before, "Failed or completed before this time");
    command.add_option("--with-header", options->headers, "KEY=VALUE; may be given several times")
        ->allow_extra_args(false);
    return options;
}

std::shared_ptr<TaskCommand> add_task_options(CLI::App& command) {
    auto options = std::make_shared<TaskCommand>();
    command.add_option("--older-than", options->grace, "Only what ended, or was stored, at least this long ago");
    command.add_option("--limit", options->limit, "At most so many messages");
    command.add_option("--rate", options->rate, "Messages a second");
    command.add_flag("--dry-run", options->dry_run, "Only count");
    command.add_flag("--no-wait", options->no_wait, "Leave the task to the server: see `baton task show`");
    return options;
}

ExitCode run_task(const Context& context, TaskKind kind, const std::string& queue, const FilterOptions& filter,
                  const TaskCommand& command) {
    TaskOptions options;
    options.filter = filter.filter();
    options.grace = command.grace.empty() ? std::chrono::milliseconds{0} : parse_duration(command.grace);
    options.limit = command.limit;
    options.rate = command.rate;
    options.dry_run = command.dry_run;
    options.keep_counters = command.keep_counters;
    options.force = command.force;
    Client client = context.connect();
    Tasks tasks(client);
    TaskInfo task = tasks.start(kind, queue, options);
    if (!command.no_wait) {
        task = tasks.wait(task.id, one_wait);
    }
    print_task(context, task);
    return task.state == TaskState::failed ? ExitCode::failed : ExitCode::ok;
}

}  // namespace baton::cli
