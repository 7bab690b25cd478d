// Jobs by their ids: shown, promoted, given up, given another priority or delay, removed.
#include "cli/job.hpp"

#include "cli/command.hpp"
#include "cli/job_filter_options.hpp"
#include "cli/message_output.hpp"
#include "cli/named_messages.hpp"
#include "cli/units.hpp"
#include "cli/why.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

/// By a filter or as a task, instead of by names.
bool bulk(const NamedMessages& named, const FilterOptions& filter, const TaskCommand& task, bool all) {
    if (!filter.any() && !task.any()) {
        return false;
    }
    if (!named.none() || all || !filter.any()) {
        throw CLI::ValidationError("filter", "messages are named, or meant by a filter");
    }
    return true;
}

void say_done(const Context& context, const Counted& counted, const char* what) {
    if (context.json) {
        print_json(to_json(counted));
    } else {
        fmt::print("{} messages {}\n", counted.messages, what);
    }
}

ExitCode change_each(const Context& context, const NamedMessages& named, const JobChange& change) {
    Client client = context.connect();
    Admin admin(client);
    const std::vector<JobName> jobs = named.jobs(admin);
    for (const JobName& job : jobs) {
        admin.change_job(named.queue, job, change);
    }
    say_done(context, {jobs.size(), 0}, "changed");
    return ExitCode::ok;
}

void add_job_show(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("show", "Shows messages: state, times, counters, attempts, payload");
    const auto named = add_named_messages(*command, true);
    command->footer(
        "Examples:\n  baton job show emails 3-17\n  baton --output json job show emails 17 18\n  baton job show emails "
        "--id welcome-4711");
    command->callback([&context, named] {
        context.run = [&context, named] {
            Client client = context.connect();
            Admin admin(client);
            for (const JobName& name : named->jobs(admin)) {
                const StoredMessage message = admin.show_job(named->queue, name);
                context.json ? print_json(to_json(message)) : print_text(message);
            }
            return ExitCode::ok;
        };
    });
}

void add_job_retry(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("retry", "Puts failed and completed messages back into their queue");
    const auto named = add_named_messages(*command, false);
    const auto options = std::make_shared<RetryOptions>();
    const auto all = std::make_shared<std::string>();
    command->add_option("--all", *all, "All of a set: failed or completed")
        ->check(CLI::IsMember({"failed", "completed"}));
    command->add_flag("--keep-counters", options->keep_counters, "Do not start failures and deliveries from 0");
    const auto filter = add_filter_options(*command);
    const auto task = add_task_options(*command);
    command->footer(
        "By a filter, another --state than failed or completed is refused.\n"
        "Examples:\n  baton job retry emails 3-17\n  baton job retry emails --id welcome-4711\n"
        "  baton job retry emails --all completed\n"
        "  baton job retry emails --state failed --error-class 'net.*' --rate 50");
    command->callback([&context, named, options, all, filter, task] {
        if (bulk(*named, *filter, *task, !all->empty())) {
            task->keep_counters = options->keep_counters;
            context.run = [&context, named, filter, task] {
                return run_task(context, TaskKind::retry, named->queue, *filter, *task);
            };
            return;
        }
        if (named->none() == all->empty()) {
            throw CLI::ValidationError("retry", "name messages, say --all, or say by a filter which are meant");
        }
        context.run = [&context, named, options, all] {
            options->completed = *all == "completed";
            Client client = context.connect();
            Admin admin(client);
            const Counted counted = retry_named(admin, *named, *options);
            say_done(context, counted, "put back");
            return counted.messages == 0 && counted.skipped > 0 ? ExitCode::not_found : ExitCode::ok;
        };
    });
}

void add_promote(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("promote", "Makes delayed messages ready now");
    const auto named = add_named_messages(*command, false);
    const auto all = std::make_shared<bool>(false);
    command->add_flag("--all", *all, "Every delayed message");
    const auto filter = add_filter_options(*command);
    const auto task = add_task_options(*command);
    command->footer(
        "By a filter it needs a queue of profile job, and another --state than delayed is refused.\n"
        "Examples:\n  baton job promote emails 3-17\n  baton job promote emails --all\n"
        "  baton job promote emails --name welcome --limit 100");
    command->callback([&context, named, all, filter, task] {
        if (bulk(*named, *filter, *task, *all)) {
            context.run = [&context, named, filter, task] {
                return run_task(context, TaskKind::promote, named->queue, *filter, *task);
            };
            return;
        }
        if (named->none() != *all) {
            throw CLI::ValidationError("promote", "name messages, or say --all");
        }
        context.run = [&context, named, all] {
            Client client = context.connect();
            Admin admin(client);
            if (*all) {
                say_done(context, admin.promote_all(named->queue), "promoted");
                return ExitCode::ok;
            }
            const std::vector<JobName> jobs = named->jobs(admin);
            for (const JobName& name : jobs) {
                admin.promote_job(named->queue, name);
            }
            say_done(context, {jobs.size(), 0}, "promoted");
            return ExitCode::ok;
        };
    });
}

void add_priority(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("priority", "Gives messages that wait or are delayed another priority");
    const auto named = add_named_messages(*command, true);
    const auto to = std::make_shared<std::uint32_t>(0);
    const auto lifo = std::make_shared<bool>(false);
    CLI::Option* level =
        command->add_option("--to", *to, "0 (none, before all others) to 2097151")->check(CLI::Range(0, 2'097'151));
    CLI::Option* front = command->add_flag("--lifo,!--no-lifo", *lifo, "To the front of its priority, or back");
    command->footer("Examples:\n  baton job priority emails 3-17 --to 5\n  baton job priority emails 3-17 --lifo");
    command->callback([&context, named, to, lifo, level, front] {
        JobChange change;
        if (level->count() != 0) {
            change.priority = *to;
        }
        if (front->count() != 0) {
            change.lifo = *lifo;
        }
        if (!change.priority && !change.lifo) {
            throw CLI::ValidationError("priority", "say --to or --lifo");
        }
        context.run = [&context, named, change] { return change_each(context, *named, change); };
    });
}

void add_delay(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("delay", "Makes messages that wait or are delayed ready at another time");
    const auto named = add_named_messages(*command, true);
    const auto by = std::make_shared<std::string>();
    const auto due = std::make_shared<std::string>();
    CLI::Option* from_now = command->add_option("--by", *by, "This long from now: 10s, 5m, 2h; 0 = at once");
    command->add_option("--due", *due, "At this time: 2026-11-25T08:00:00Z")->excludes(from_now);
    command->footer("Examples:\n  baton job delay reminders 3-17 --by 2h");
    command->callback([&context, named, by, due] {
        if (by->empty() == due->empty()) {
            throw CLI::ValidationError("delay", "say --by or --due");
        }
        context.run = [&context, named, by, due] {
            JobChange change;
            if (by->empty()) {
                change.due_ms = parse_time_ms(*due);
            } else {
                change.delay = parse_duration(*by);
            }
            return change_each(context, *named, change);
        };
    });
}

struct Removed {
    Counted counted;
    ExitCode exit_code = ExitCode::ok;

    void add(const JobsRemoved& removed) {
        counted.messages += removed.removed;
        counted.skipped += removed.refusals.size();
        exit_code = say_refused(removed.refusals, exit_code);
    }
};

ExitCode remove(const Context& context, const NamedMessages& named) {
    Client client = context.connect();
    Admin admin(client);
    const std::vector<std::uint64_t> offsets = named.offsets(admin);
    Removed all;
    for (std::size_t from = 0; from < offsets.size(); from += named_at_once_max) {
        all.add(admin.remove_jobs(named.queue, part_of(offsets, from)));
    }
    for (std::size_t from = 0; from < named.own_ids.size(); from += named_at_once_max) {
        all.add(admin.remove_jobs_by_id(named.queue, part_of(named.own_ids, from)));
    }
    say_done(context, all.counted, "removed");
    return all.exit_code;
}

void add_remove(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("remove", "Removes messages that nobody holds");
    const auto named = add_named_messages(*command, false);
    const auto filter = add_filter_options(*command);
    const auto task = add_task_options(*command);
    command->footer(
        "By a filter it needs a queue of profile job, and the --state leased is refused.\n"
        "Examples:\n  baton job remove emails 3-17 3-18\n  baton job remove emails --id welcome-4711\n"
        "  baton job remove emails --state failed --name welcome --dry-run");
    command->callback([&context, named, filter, task] {
        if (bulk(*named, *filter, *task, false)) {
            context.run = [&context, named, filter, task] {
                return run_task(context, TaskKind::remove, named->queue, *filter, *task);
            };
            return;
        }
        if (named->none()) {
            throw CLI::ValidationError("remove", "name messages, or say by a filter which are meant");
        }
        context.run = [&context, named] { return remove(context, *named); };
    });
}

}  // namespace

void add_job(CLI::App& app, Context& context) {
    CLI::App* job = app.add_subcommand(
        "job", "Shows, lists, retries, promotes, changes, cancels and removes messages, prints their logs");
    job->require_subcommand(1);
    add_job_show(*job, context);
    add_job_list(*job, context);
    add_job_retry(*job, context);
    add_job_wait(*job, context);
    add_promote(*job, context);
    add_priority(*job, context);
    add_delay(*job, context);
    add_remove(*job, context);
    add_job_cancel(*job, context);
    add_job_why(*job, context);
    add_job_logs(*job, context);
}

}  // namespace baton::cli
