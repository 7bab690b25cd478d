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
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

constexpr std::size_t remove_at_once_max = 1'000;
constexpr std::uint64_t list_at_once_max = 1'000;

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

const std::map<std::string, MessageState> listed_states{{"waiting", MessageState::waiting},
                                                        {"prioritized", MessageState::prioritized},
                                                        {"delayed", MessageState::delayed},
                                                        {"leased", MessageState::leased},
                                                        {"completed", MessageState::completed},
                                                        {"failed", MessageState::failed},
                                                        {"waiting-children", MessageState::waiting_children}};

void add_job_list(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("list", "Lists messages in a state; of completed ones the newest first");
    const auto queue = std::make_shared<std::string>();
    const auto state = std::make_shared<std::string>("waiting");
    const auto count = std::make_shared<std::uint64_t>(100);
    command->add_option("queue", *queue, "Name of the queue")->required();
    command
        ->add_option("--state", *state, "waiting, prioritized, delayed, leased, waiting-children, completed or failed")
        ->check(CLI::IsMember(listed_states))
        ->capture_default_str();
    command->add_option("-n,--count", *count, "How many")->capture_default_str();
    command->footer("Examples:\n  baton job list emails --state completed -n 20");
    command->callback([&context, queue, state, count] {
        context.run = [&context, queue, state, count] {
            Client client = context.connect();
            Admin admin(client);
            PeekOptions options;
            options.state = listed_states.at(*state);
            std::uint64_t left = *count;
            do {
                options.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, list_at_once_max));
                const MessagePage page = admin.peek(*queue, options);
                for (const StoredMessage& message : page.messages) {
                    context.json ? print_json(to_json(message)) : print_text(message);
                }
                left -= std::min<std::uint64_t>(left, page.messages.size());
                options.cursor = page.next;
            } while (left > 0 && !options.cursor.empty());
            return ExitCode::ok;
        };
    });
}

void add_job_retry(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("retry", "Puts failed and completed messages back into their queue");
    const auto named = add_names(*command, false);
    const auto options = std::make_shared<RetryOptions>();
    const auto all = std::make_shared<std::string>();
    command->add_option("--all", *all, "All of a set: failed or completed")
        ->check(CLI::IsMember({"failed", "completed"}));
    command->add_flag("--keep-counters", options->keep_counters, "Do not start failures and deliveries from 0");
    command->footer("Examples:\n  baton job retry emails 3-17\n  baton job retry emails --all completed");
    command->callback([&context, named, options, all] {
        if (named->ids.empty() == all->empty()) {
            throw CLI::ValidationError("retry", "name messages, or say --all");
        }
        context.run = [&context, named, options, all] {
            options->offsets = offsets_of(named->ids);
            options->completed = *all == "completed";
            Client client = context.connect();
            const Counted counted = Admin(client).retry_failed(named->queue, *options);
            say_done(context, counted, "put back");
            return counted.messages == 0 && counted.skipped > 0 ? ExitCode::not_found : ExitCode::ok;
        };
    });
}

/// What a wait for one job ends with, for scripts.
ExitCode end_exit_code(JobOutcome outcome) {
    switch (outcome) {
        case JobOutcome::completed:
            return ExitCode::ok;
        case JobOutcome::timeout:
            return ExitCode::timed_out;
        case JobOutcome::gone:
            return ExitCode::not_found;
        case JobOutcome::failed:
        case JobOutcome::removed:
        case JobOutcome::expired:
        case JobOutcome::dead_lettered:
        case JobOutcome::dropped:
        case JobOutcome::cancelled:
        case JobOutcome::unknown:
            break;
    }
    return ExitCode::failed;
}

void add_job_wait(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("wait", "Waits until a job is over; prints how, and what it returned");
    const auto queue = std::make_shared<std::string>();
    const auto id = std::make_shared<std::string>();
    const auto timeout = std::make_shared<std::string>("30s");
    command->add_option("queue", *queue, "Name of the queue")->required();
    command->add_option("id", *id, "Job id or offset")->required();
    command->add_option("--timeout", *timeout, "How long at most; 0 only looks")->capture_default_str();
    command->footer("Examples:\n  baton job wait emails 3-17 --timeout 5m");
    command->callback([&context, queue, id, timeout] {
        context.run = [&context, queue, id, timeout] {
            Client client = context.connect();
            const JobEnd end = Admin(client).wait_job(*queue, offset_of(*id), parse_duration(*timeout));
            if (context.json) {
                print_json(to_json(end));
            } else {
                fmt::print("{}{}{}\n", to_text(end.outcome), end.text.empty() ? "" : ": ", printable(end.text, 200));
                if (end.result) {
                    fmt::print("{}\n", printable(end.result->value, 1'000));
                }
            }
            return end_exit_code(end.outcome);
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
    add_job_logs(*job, context);
}

}  // namespace baton::cli
