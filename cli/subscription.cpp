// Subscriptions of a topic. Whatever else can be done to a queue is done to the queue TOPIC/NAME.
#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/queue_settings_options.hpp"
#include "cli/units.hpp"
#include "cli/where_options.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

struct SubscriptionName {
    std::string topic, name;
    std::string queue() const { return topic + "/" + name; }
};

std::shared_ptr<SubscriptionName> add_name(CLI::App& command) {
    const auto name = std::make_shared<SubscriptionName>();
    command.add_option("topic", name->topic, "Name of the topic, or a pattern: * is one word, # or > the rest")
        ->required();
    command.add_option("name", name->name, "Name of the subscription")->required();
    return name;
}

/// "now", "last", "last-per-key", "beginning", an offset, or a time.
Start parse_start(const std::string& text) {
    if (text == "now") {
        return Start::now();
    }
    if (text == "beginning") {
        return Start::beginning();
    }
    if (text == "last") {
        return Start::last();
    }
    if (text == "last-per-key") {
        return Start::last_per_key();
    }
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) {
        return Start::offset(std::stoull(text));
    }
    return Start::time(parse_time_ms(text));
}

constexpr const char* start_help =
    "now, last (the newest message), last-per-key (of a topic with --compact), beginning, an offset, or a time like "
    "2026-11-29T08:00:00Z";

void show_subscription(const Context& context, const QueueInfo& subscription) {
    if (context.json) {
        print_json(to_json(subscription));
    } else {
        print_text(subscription);
    }
}

void add_subscription_create(CLI::App& group, Context& context) {
    CLI::App* command =
        group.add_subcommand("create", "Makes a subscription; does nothing when it is there as asked for");
    const auto name = add_name(*command);
    const auto start = std::make_shared<std::string>("now");
    const auto hold = std::make_shared<bool>(false);
    const auto no_hold = std::make_shared<bool>(false);
    const auto update = std::make_shared<bool>(false);
    command->add_option("--start", *start, start_help)->capture_default_str();
    CLI::Option* holds =
        command->add_flag("--hold", *hold, "The topic keeps what is not acked, whatever its retention");
    command->add_flag("--no-hold", *no_hold, "With --update: it no longer does")->excludes(holds);
    command->add_flag("--update", *update, "Change the settings when the subscription exists with others");
    const auto where = add_where_options(*command);
    const auto settings = add_settings_options(*command);
    command->footer(
        "Examples:\n  baton subscription create order.created mail --attempts 5\n"
        "  baton subscription create 'order.#' europe --where region=eu\n"
        "  baton subscription create order.created audit --start beginning --hold\n"
        "  baton subscription create customers view --start last-per-key\n"
        "  baton consume order.created/mail --follow");
    command->callback([&context, name, start, hold, no_hold, update, where, settings] {
        context.run = [&context, name, start, hold, no_hold, update, where, settings] {
            SubscriptionOptions options;
            options.start = parse_start(*start);
            options.settings = *settings;
            if (*hold || *no_hold) {
                options.hold = *hold;
            }
            options.update = *update;
            options.filter = where->filter();
            Client client = context.connect();
            show_subscription(context, Topics(client).subscribe(name->topic, name->name, options));
            return ExitCode::ok;
        };
    });
}

void add_subscription_list(CLI::App& group, Context& context) {
    CLI::App* command = group.add_subcommand("list", "Lists the subscriptions of a topic with their counts");
    const auto topic = std::make_shared<std::string>();
    command->add_option("topic", *topic, "Name of the topic, or the pattern")->required();
    command->footer("Examples:\n  baton subscription list order.created\n  baton subscription list 'order.#'");
    command->callback([&context, topic] {
        context.run = [&context, topic] {
            Client client = context.connect();
            const std::vector<QueueInfo> all = Topics(client).subscriptions(*topic);
            if (!context.json) {
                fmt::print("{:40} {:>10} {:>9} {:>8} {:>8} {:>9} {:>9}\n", "SUBSCRIPTION", "WAITING", "DELAYED",
                           "LEASED", "FAILED", "DROPPED", "CONSUMERS");
            }
            for (const QueueInfo& one : all) {
                if (context.json) {
                    print_json(to_json(one));
                } else {
                    fmt::print("{:40} {:>10} {:>9} {:>8} {:>8} {:>9} {:>9}\n", one.name, one.waiting, one.delayed,
                               one.leased, one.failed, one.dropped_total, one.consumers);
                }
            }
            return ExitCode::ok;
        };
    });
}

void add_subscription_seek(CLI::App& group, Context& context) {
    CLI::App* command =
        group.add_subcommand("seek", "Goes on elsewhere: what is held is revoked, retries are forgotten");
    const auto name = add_name(*command);
    const auto to = std::make_shared<std::string>();
    const auto options = std::make_shared<SeekOptions>();
    command->add_option("--to", *to, start_help)->required();
    command->add_flag("--dry-run", options->dry_run, "Only say how many messages that is");
    command->add_flag("--drop-failed", options->drop_failed,
                      "Also drops the failed set, which is in the way of going back");
    command->footer(
        "Examples:\n  baton subscription seek order.created mail --to beginning --dry-run\n"
        "  baton subscription seek order.created mail --to 2026-11-29T08:00:00Z");
    command->callback([&context, name, to, options] {
        context.run = [&context, name, to, options] {
            const Start start = parse_start(*to);
            Client client = context.connect();
            const Counted counted = Topics(client).seek(name->topic, name->name, start, *options);
            if (context.json) {
                print_json(to_json(counted));
            } else {
                fmt::print("{} messages\n", counted.messages);
            }
            return ExitCode::ok;
        };
    });
}

template <typename Action>
void add_subscription_simple(CLI::App& group, Context& context, const char* verb, const char* help, Action action) {
    CLI::App* command = group.add_subcommand(verb, help);
    const auto name = add_name(*command);
    command->footer(fmt::format("Examples:\n  baton subscription {} order.created mail", verb));
    command->callback([&context, name, action] {
        context.run = [&context, name, action] {
            Client client = context.connect();
            Admin admin(client);
            action(admin, name->queue());
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_subscription(CLI::App& app, Context& context) {
    CLI::App* group = app.add_subcommand("subscription", "Creates, moves, pauses and removes subscriptions of topics");
    group->require_subcommand(1);
    group->footer(
        "A subscription is a queue named TOPIC/NAME: consume, peek, failed, queue show|update|purge|why take it.");
    add_subscription_create(*group, context);
    add_subscription_list(*group, context);
    add_subscription_seek(*group, context);
    add_subscription_simple(
        *group, context, "show", "Shows a subscription: counts, totals, settings",
        [&context](Admin& admin, const std::string& name) { show_subscription(context, admin.show_queue(name)); });
    add_subscription_simple(
        *group, context, "pause", "Stops deliveries; settles go on",
        [&context](Admin& admin, const std::string& name) { show_subscription(context, admin.pause_queue(name)); });
    add_subscription_simple(
        *group, context, "resume", "Delivers again",
        [&context](Admin& admin, const std::string& name) { show_subscription(context, admin.resume_queue(name)); });
    add_subscription_simple(*group, context, "peek", "Shows what waits without taking it, the first ten",
                            [&context](Admin& admin, const std::string& name) {
                                for (const StoredMessage& message : admin.peek(name, {}).messages) {
                                    context.json ? print_json(to_json(message)) : print_text(message);
                                }
                            });
    add_subscription_simple(*group, context, "retry", "Puts all its failed messages back",
                            [&context](Admin& admin, const std::string& name) {
                                const Counted counted = admin.retry_failed(name);
                                context.json ? print_json(to_json(counted))
                                             : fmt::print("{} messages\n", counted.messages);
                            });
    add_subscription_simple(*group, context, "delete", "Removes a subscription; its topic stays",
                            [](Admin& admin, const std::string& name) { admin.delete_queue(name); });
}

}  // namespace baton::cli
