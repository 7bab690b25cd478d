// Jobs by their ids: shown, promoted, given up, given another priority or delay, removed.
#include "cli/job.hpp"

#include "cli/command.hpp"
#include "cli/message_name.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

constexpr std::size_t remove_at_once_max = 1'000;

/// The queue and the messages that a command is about.
struct Named {
    std::string queue;
    std::vector<std::string> ids;
};

std::shared_ptr<Named> add_names(CLI::App& command, bool required) {
    auto named = std::make_shared<Named>();
    command.add_option("queue", named->queue, "Name of the queue")->required();
    CLI::Option* ids = command.add_option("ids", named->ids, "Message ids or offsets");
    if (required) {
        ids->required();
    }
    return named;
}

void say_done(const Context& context, const Counted& counted, const char* what) {
    if (context.json) {
        print_json(to_json(counted));
    } else {
        fmt::print("{} messages {}\n", counted.messages, what);
    }
}

ExitCode change_each(const Context& context, const Named& named, const JobChange& change) {
    Client client = context.connect();
    Admin admin(client);
    const std::vector<std::uint64_t> offsets = offsets_of(named.ids);
    for (const std::uint64_t offset : offsets) {
        admin.change_job(named.queue, offset, change);
    }
    say_done(context, {offsets.size(), 0}, "changed");
    return ExitCode::ok;
}

void add_job_show(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("show", "Shows messages: state, times, counters, attempts, payload");
    const auto named = add_names(*command, true);
    command->footer("Examples:\n  baton job show emails 3-17\n  baton --output json job show emails 17 18");
    command->callback([&context, named] {
        context.run = [&context, named] {
            Client client = context.connect();
            Admin admin(client);
            for (const std::uint64_t offset : offsets_of(named->ids)) {
                const StoredMessage message = admin.show_job(named->queue, offset);
                context.json ? print_json(to_json(message)) : print_text(message);
            }
            return ExitCode::ok;
        };
    });
}

void add_promote(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("promote", "Makes delayed messages ready now");
    const auto named = add_names(*command, false);
    const auto all = std::make_shared<bool>(false);
    command->add_flag("--all", *all, "Every delayed message");
    command->footer("Examples:\n  baton job promote emails 3-17\n  baton job promote emails --all");
    command->callback([&context, named, all] {
        if (named->ids.empty() != *all) {
            throw CLI::ValidationError("promote", "name messages, or say --all");
        }
        context.run = [&context, named, all] {
            Client client = context.connect();
            Admin admin(client);
            if (*all) {
                say_done(context, admin.promote_all(named->queue), "promoted");
                return ExitCode::ok;
            }
            const std::vector<std::uint64_t> offsets = offsets_of(named->ids);
            for (const std::uint64_t offset : offsets) {
                admin.promote_job(named->queue, offset);
            }
            say_done(context, {offsets.size(), 0}, "promoted");
            return ExitCode::ok;
        };
    });
}

void add_priority(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("priority", "Gives messages that wait or are delayed another priority");
    const auto named = add_names(*command, true);
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
    const auto named = add_names(*command, true);
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

void add_remove(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("remove", "Removes messages that nobody holds");
    const auto named = add_names(*command, true);
    command->footer("Examples:\n  baton job remove emails 3-17 3-18");
    command->callback([&context, named] {
        context.run = [&context, named] {
            Client client = context.connect();
            Admin admin(client);
            const std::vector<std::uint64_t> offsets = offsets_of(named->ids);
            Counted counted;
            for (std::size_t from = 0; from < offsets.size(); from += remove_at_once_max) {
                const std::size_t to = std::min(offsets.size(), from + remove_at_once_max);
                const JobsRemoved removed =
                    admin.remove_jobs(named->queue, {offsets.begin() + static_cast<std::ptrdiff_t>(from),
                                                     offsets.begin() + static_cast<std::ptrdiff_t>(to)});
                counted.messages += removed.removed;
                counted.skipped += removed.refusals.size();
                for (const JobsRemoved::Refusal& refusal : removed.refusals) {
                    fmt::print(stderr, "{}: {}\n", refusal.offset, refusal.error.message);
                }
            }
            say_done(context, counted, "removed");
            return counted.skipped != 0 ? ExitCode::conflict : ExitCode::ok;
        };
    });
}

}  // namespace

void add_job(CLI::App& app, Context& context) {
    CLI::App* job = app.add_subcommand("job", "Shows, promotes, changes, cancels and removes messages by their ids");
    job->require_subcommand(1);
    add_job_show(*job, context);
    add_promote(*job, context);
    add_priority(*job, context);
    add_delay(*job, context);
    add_remove(*job, context);
    add_job_cancel(*job, context);
}

}  // namespace baton::cli
