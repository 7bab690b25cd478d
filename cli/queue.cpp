#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/queue_settings_options.hpp"
#include "cli/units.hpp"

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
    fmt::print("{:40} {:>10} {:>9} {:>8} {:>8} {:>12} {:>9} {:>9}\n", "QUEUE", "WAITING", "DELAYED", "LEASED", "FAILED",
               "BYTES", "OLDEST", "CONSUMERS");
    for (const QueueInfo& queue : queues) {
        fmt::print("{:40} {:>10} {:>9} {:>8} {:>8} {:>12} {:>9} {:>9}{}\n", queue.name, queue.waiting, queue.delayed,
                   queue.leased, queue.failed, queue.bytes,
                   format_duration(std::chrono::milliseconds(queue.oldest_waiting_ms)), queue.consumers,
                   queue.settings.paused.value_or(false) ? "  paused" : "");
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

void add_purge(CLI::App& queue, Context& context) {
    CLI::App* command = queue.add_subcommand("purge", "Removes what waits and what is delayed; leased messages stay");
    const auto name = std::make_shared<std::string>();
    const auto failed = std::make_shared<bool>(false);
    command->add_option("queue", *name, "Name of the queue")->required();
    command->add_flag("--failed", *failed, "Also the failed set");
    command->footer("Examples:\n  baton queue purge emails\n  baton queue purge emails --failed");
    command->callback([&context, name, failed] {
        context.run = [&context, name, failed] {
            Client client = context.connect();
            const Counted counted = Admin(client).purge_queue(*name, *failed);
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
    CLI::App* queue = app.add_subcommand("queue", "Creates, changes, shows and removes queues");
    queue->require_subcommand(1);
    add_create(*queue, context);
    add_update(*queue, context);
    add_list(*queue, context);
    add_simple(*queue, context, "show", "Shows a queue: counts, totals, settings",
               [&context](Admin& admin, const std::string& name) { show(context, admin.show_queue(name)); });
    add_purge(*queue, context);
    add_simple(*queue, context, "delete", "Removes a queue with everything in it",
               [](Admin& admin, const std::string& name) { admin.delete_queue(name); });
    add_simple(*queue, context, "pause", "Stops deliveries; produces and settles go on",
               [&context](Admin& admin, const std::string& name) { show(context, admin.pause_queue(name)); });
    add_simple(*queue, context, "resume", "Delivers again",
               [&context](Admin& admin, const std::string& name) { show(context, admin.resume_queue(name)); });
}

}  // namespace baton::cli
