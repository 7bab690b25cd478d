#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/queue_settings_options.hpp"
#include "cli/units.hpp"
#include "cli/why.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace baton::cli {

namespace {

void show(const Context& context, const QueueInfo& queue) {
    if (context.json) {
        print_json(to_json(queue));
    } else {
        print_text(queue);
    }
}

void show(const Context& context, const std::vector<QueueInfo>& queues) {
    if (context.json) {
        for (const QueueInfo& queue : queues) {
            print_json(to_json(queue));
        }
        return;
    }
    fmt::print("{:40} {:>10} {:>11} {:>9} {:>8} {:>8} {:>12} {:>9} {:>9}\n", "QUEUE", "WAITING", "PRIORITIZED",
               "DELAYED", "LEASED", "FAILED", "BYTES", "OLDEST", "CONSUMERS");
    for (const QueueInfo& queue : queues) {
        fmt::print("{:40} {:>10} {:>11} {:>9} {:>8} {:>8} {:>12} {:>9} {:>9}{}\n", queue.name, queue.waiting,
                   queue.prioritized, queue.delayed, queue.leased, queue.failed, queue.bytes,
                   format_duration(std::chrono::milliseconds(queue.oldest_waiting_ms)), queue.consumers,
                   queue.hold == Hold::none ? "" : fmt::format("  {}", to_text(queue.hold)));
    }
}

/// A command with one queue name whose action answers with the queue.
template <typename Action>
void add_simple(CLI::App& queue, Context& context, const char* name, const char* help, Action action) {
    CLI::App* command = queue.add_subcommand(name, help);
    const auto target = std::make_shared<std::string>();
    command->add_option("queue", *target, "Name of the queue")->required();
    command->footer(fmt::format("Examples:\n  baton queue {} emails", name));
    command->callback([&context, target, action] {
        context.run = [&context, target, action] {
            Client client = context.connect();
            Admin admin(client);
            action(admin, *target);
            return ExitCode::ok;
        };
    });
}

void add_create(CLI::App& queue, Context& context) {
    CLI::App* command = queue.add_subcommand("create", "Makes a queue; does nothing when it is there as asked for");
    const auto name = std::make_shared<std::string>();
    const auto profile = std::make_shared<std::string>("message");
    const auto update = std::make_shared<bool>(false);
    command->add_option("queue", *name, "Name of the queue: letters, digits, '.', '_', '-'")->required();
    command->add_option("--profile", *profile, "message (20 attempts) or job (3 attempts)")
        ->check(CLI::IsMember({"message", "job"}))
        ->capture_default_str();
    command->add_flag("--update", *update, "Change the settings when the queue exists with others");
    const auto settings = add_settings_options(*command);
    command->footer(
        "Examples:\n  baton queue create emails\n"
        "  baton queue create emails --attempts 5 --backoff exponential:2s:10m --dead-letter emails-dead\n"
        "  baton queue create metrics --durability os --max-messages 100K --overflow drop-oldest");
    command->callback([&context, name, profile, update, settings] {
        context.run = [&context, name, profile, update, settings] {
            Client client = context.connect();
            CreateOptions options;
            options.profile = *profile == "job" ? Profile::job : Profile::message;
            options.settings = *settings;
            options.update = *update;
            show(context, Admin(client).create_queue(*name, options));
            return ExitCode::ok;
        };
    });
}

void add_update(CLI::App& queue, Context& context) {
    CLI::App* command = queue.add_subcommand("update", "Changes the settings that are given, leaves the others");
    const auto name = std::make_shared<std::string>();
    command->add_option("queue", *name, "Name of the queue")->required();
    const auto settings = add_settings_options(*command);
    command->footer("Examples:\n  baton queue update emails --lease 2m");
    command->callback([&context, name, settings] {
        context.run = [&context, name, settings] {
            Client client = context.connect();
            show(context, Admin(client).update_queue(*name, *settings));
            return ExitCode::ok;
        };
    });
}

void add_list(CLI::App& queue, Context& context) {
    CLI::App* command = queue.add_subcommand("list", "Lists queues with their counts");
    const auto prefix = std::make_shared<std::string>();
    command->add_option("prefix", *prefix, "Only names that begin with this");
    command->footer("Examples:\n  baton queue list\n  baton --output json queue list order.");
    command->callback([&context, prefix] {
        context.run = [&context, prefix] {
            Client client = context.connect();
            show(context, Admin(client).list_all_queues(*prefix));
            return ExitCode::ok;
        };
    });
}

void add_pause(CLI::App& queue, Context& context) {
    CLI::App* command = queue.add_subcommand("pause", "Stops deliveries; produces and settles go on");
    const auto name = std::make_shared<std::string>();
    const auto pause = std::make_shared<std::string>();
    const auto until = std::make_shared<std::string>();
    command->add_option("queue", *name, "Name of the queue")->required();
    auto* length = command->add_option("--for", *pause, "Resumes by itself after this long");
    command->add_option("--until", *until, "Resumes by itself at this time")->excludes(length);
    command->footer(
        "Examples:\n  baton queue pause emails\n  baton queue pause emails --for 10m\n"
        "  baton queue pause emails --until 2027-01-01T08:00:00Z");
    command->callback([&context, name, pause, until] {
        context.run = [&context, name, pause, until] {
            QueueSettings settings;
            if (!pause->empty()) {
                settings.pause_for = parse_duration(*pause);
            } else if (!until->empty()) {
                settings.paused_until_ms = parse_time_ms(*until);
            } else {
                settings.paused = true;
            }
            Client client = context.connect();
            show(context, Admin(client).update_queue(*name, settings));
            return ExitCode::ok;
        };
    });
}

void add_penalise(CLI::App& queue, Context& context) {
    CLI::App* command = queue.add_subcommand("penalise", "Holds a queue back, as its provider asked for; 0 ends it");
    const auto name = std::make_shared<std::string>();
    const auto penalty = std::make_shared<std::string>();
    command->add_option("queue", *name, "Name of the queue")->required();
    command->add_option("duration", *penalty, "How long from now, for example 30s")->required();
    command->footer("Examples:\n  baton queue penalise emails 30s\n  baton queue penalise emails 0");
    command->callback([&context, name, penalty] {
        context.run = [&context, name, penalty] {
            const auto duration = parse_duration(*penalty);
            Client client = context.connect();
            show(context, Admin(client).penalise(*name, duration));
            return ExitCode::ok;
        };
    });
}

void add_purge(CLI::App& queue, Context& context) {
    CLI::App* command = queue.add_subcommand("purge", "Removes what waits and what is delayed; leased messages stay");
    const auto name = std::make_shared<std::string>();
    const auto failed = std::make_shared<bool>(false);
    const auto completed = std::make_shared<bool>(false);
    command->add_option("queue", *name, "Name of the queue")->required();
    command->add_flag("--failed", *failed, "Also the failed set");
    command->add_flag("--completed", *completed, "Also the completed set");
    command->footer("Examples:\n  baton queue purge emails\n  baton queue purge emails --failed");
    command->callback([&context, name, failed, completed] {
        context.run = [&context, name, failed, completed] {
            Client client = context.connect();
            const Counted counted = Admin(client).purge_queue(*name, *failed, *completed);
            if (context.json) {
                print_json(to_json(counted));
            } else {
                fmt::print("{} messages purged\n", counted.messages);
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_queue(CLI::App& app, Context& context) {
    CLI::App* queue = app.add_subcommand("queue", "Creates, changes, shows, empties and removes queues");
    queue->require_subcommand(1);
    add_create(*queue, context);
    add_update(*queue, context);
    add_queue_why(*queue, context);
    add_list(*queue, context);
    add_simple(*queue, context, "show", "Shows a queue: counts, totals, settings",
               [&context](Admin& admin, const std::string& name) { show(context, admin.show_queue(name)); });
    add_purge(*queue, context);
    add_simple(*queue, context, "delete", "Removes a queue with everything in it",
               [](Admin& admin, const std::string& name) { admin.delete_queue(name); });
    add_pause(*queue, context);
    add_penalise(*queue, context);
    add_simple(*queue, context, "resume", "Delivers again: ends a pause of either kind",
               [&context](Admin& admin, const std::string& name) { show(context, admin.resume_queue(name)); });
    add_queue_tasks(*queue, context);
    add_queue_monitor(*queue, context);
}

}  // namespace baton::cli
