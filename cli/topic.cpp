// Topics: made, changed, shown, trimmed, removed. Publishing is `baton produce`.
#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/queue_settings_options.hpp"
#include "cli/topic_messages.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

void show_topic(const Context& context, const QueueInfo& topic) {
    if (context.json) {
        print_json(to_json(topic));
    } else {
        print_text(topic);
    }
}

struct TopicChange {
    std::string name, retention, tombstone;
    bool interest = false;
    bool no_interest = false;
    bool delivery_log = false;
    bool no_delivery_log = false;
    bool compact = false;
    bool no_compact = false;
    std::string alternate;
    bool alternate_given = false;

    TopicSettings settings() const {
        TopicSettings out;
        if (!retention.empty()) {
            out.retention = parse_retention(retention);
        }
        if (interest || no_interest) {
            out.interest = interest;
        }
        if (delivery_log || no_delivery_log) {
            out.delivery_log = delivery_log;
        }
        if (compact || no_compact) {
            out.compact = compact;
        }
        if (!tombstone.empty()) {
            out.tombstone = parse_duration(tombstone);
        }
        if (alternate_given) {
            out.alternate_queue = alternate;
        }
        return out;
    }
};

std::shared_ptr<TopicChange> add_topic_options(CLI::App& command) {
    const auto change = std::make_shared<TopicChange>();
    command.add_option("topic", change->name, "Name of the topic, for example order.created")->required();
    command.add_option("--retention", change->retention,
                       "What is kept: COUNT[/AGE[/BYTES]], 0 = no limit, for example 0/30d (default 0/7d)");
    CLI::Option* interest =
        command.add_flag("--interest", change->interest, "What all subscriptions have acked is gone at once");
    command.add_flag("--no-interest", change->no_interest, "Only the retention takes messages")->excludes(interest);
    CLI::Option* log = command.add_flag("--delivery-log", change->delivery_log,
                                        "Its subscriptions keep events: when a message was delivered and to whom");
    command.add_flag("--no-delivery-log", change->no_delivery_log, "They keep none, but by their own settings")
        ->excludes(log);
    CLI::Option* compact = command.add_flag(
        "--compact", change->compact, "Of messages of one key (--group) only the last stays, whatever else is kept");
    command.add_flag("--no-compact", change->no_compact, "All of them stay")->excludes(compact);
    command.add_option("--tombstone", change->tombstone,
                       "With --compact: how long an empty message stays that deletes its key (default 1d)");
    command.add_option("--alternate-queue", change->alternate,
                       "The queue that gets what no subscription and no binding does; '' = none");
    return change;
}

void add_topic_create(CLI::App& topic, Context& context) {
    CLI::App* command = topic.add_subcommand("create", "Makes a topic; does nothing when it is there as asked for");
    const auto change = add_topic_options(*command);
    const auto update = std::make_shared<bool>(false);
    command->add_flag("--update", *update, "Change the settings when the topic exists with others");
    const auto settings = add_settings_options(*command);
    command->footer(
        "Of the settings of queues it has --max-message-bytes, --max-messages, --max-bytes, --durability and\n"
        "--overflow reject|drop-oldest.\n"
        "Examples:\n  baton topic create order.created\n  baton topic create metrics --retention 1M/1d --durability "
        "os\n  baton topic create customers --retention 0/0 --compact\n  baton produce order.created "
        "'{\"order\":4711}'");
    command->callback([&context, command, change, update, settings] {
        change->alternate_given = command->count("--alternate-queue") != 0;
        context.run = [&context, change, update, settings] {
            Client client = context.connect();
            show_topic(context, Topics(client).create(change->name, {change->settings(), *settings, *update}));
            return ExitCode::ok;
        };
    });
}

void add_topic_update(CLI::App& topic, Context& context) {
    CLI::App* command = topic.add_subcommand("update", "Changes the settings that are given, leaves the others");
    const auto change = add_topic_options(*command);
    const auto settings = add_settings_options(*command);
    command->footer("Examples:\n  baton topic update order.created --retention 0/90d");
    command->callback([&context, command, change, settings] {
        change->alternate_given = command->count("--alternate-queue") != 0;
        context.run = [&context, change, settings] {
            Client client = context.connect();
            show_topic(context, Topics(client).update(change->name, change->settings(), *settings));
            return ExitCode::ok;
        };
    });
}

void add_topic_list(CLI::App& topic, Context& context) {
    CLI::App* command = topic.add_subcommand("list", "Lists topics with what they keep");
    const auto prefix = std::make_shared<std::string>();
    command->add_option("prefix", *prefix, "Only names that begin with this");
    command->footer("Examples:\n  baton topic list\n  baton --output json topic list order.");
    command->callback([&context, prefix] {
        context.run = [&context, prefix] {
            Client client = context.connect();
            const std::vector<QueueInfo> topics = Topics(client).list(*prefix);
            if (!context.json) {
                fmt::print("{:40} {:>12} {:>12} {:>12} {:>14}\n", "TOPIC", "FIRST", "NEXT", "BYTES", "SUBSCRIPTIONS");
            }
            for (const QueueInfo& one : topics) {
                if (context.json) {
                    print_json(to_json(one));
                } else {
                    fmt::print("{:40} {:>12} {:>12} {:>12} {:>14}\n", one.name, one.first_offset, one.end_offset,
                               one.bytes, one.subscriptions);
                }
            }
            return ExitCode::ok;
        };
    });
}

void add_topic_trim(CLI::App& topic, Context& context) {
    CLI::App* command = topic.add_subcommand("trim", "Takes out what is below an offset, or older than a time");
    const auto name = std::make_shared<std::string>();
    const auto below = std::make_shared<std::uint64_t>(0);
    command->add_option("topic", *name, "Name of the topic")->required();
    const auto before = std::make_shared<std::string>();
    CLI::Option* by_offset = command->add_option("below", *below, "The first offset that stays");
    CLI::Option* by_time =
        command->add_option("--before", *before, "What was stored before this time, like 2026-11-29T08:00:00Z")
            ->excludes(by_offset);
    command->footer(
        "Examples:\n  baton topic trim order.created 1000000\n"
        "  baton topic trim order.created --before 2026-11-29T08:00:00Z");
    command->callback([&context, name, below, before, by_offset, by_time] {
        if (by_offset->count() + by_time->count() == 0) {
            throw CLI::RequiredError("below or --before");
        }
        context.run = [&context, name, below, before] {
            Client client = context.connect();
            Topics topics(client);
            const Counted counted =
                before->empty() ? topics.trim(*name, *below) : topics.trim_before(*name, parse_time_ms(*before));
            if (context.json) {
                print_json(to_json(counted));
            } else {
                fmt::print("{} messages go\n", counted.messages);
            }
            return ExitCode::ok;
        };
    });
}

template <typename Action>
void add_topic_simple(CLI::App& topic, Context& context, const char* verb, const char* help, Action action) {
    CLI::App* command = topic.add_subcommand(verb, help);
    const auto name = std::make_shared<std::string>();
    command->add_option("topic", *name, "Name of the topic")->required();
    command->footer(fmt::format("Examples:\n  baton topic {} order.created", verb));
    command->callback([&context, name, action] {
        context.run = [&context, name, action] {
            Client client = context.connect();
            Topics topics(client);
            action(topics, *name);
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_topic(CLI::App& app, Context& context) {
    CLI::App* topic = app.add_subcommand("topic", "Creates, changes, shows, trims, tails, traces and removes topics");
    topic->require_subcommand(1);
    add_topic_create(*topic, context);
    add_topic_update(*topic, context);
    add_topic_list(*topic, context);
    add_topic_simple(*topic, context, "show", "Shows a topic: what it keeps, totals, settings",
                     [&context](Topics& topics, const std::string& name) { show_topic(context, topics.show(name)); });
    add_topic_trim(*topic, context);
    add_topic_publish(*topic, context);
    add_topic_tail(*topic, context);
    add_topic_trace(*topic, context);
    add_topic_simple(*topic, context, "delete", "Removes a topic with its subscriptions",
                     [](Topics& topics, const std::string& name) { topics.remove(name); });
}

}  // namespace baton::cli
