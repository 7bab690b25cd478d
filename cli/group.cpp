// Groups of a queue: looked at, held back, and set apart from the queue's rules.
#include "cli/command.hpp"
#include "cli/count_option.hpp"
#include "cli/message_output.hpp"
#include "cli/queue_settings_options.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

namespace baton::cli {

namespace json = boost::json;

namespace {

json::object group_json(const GroupInfo& group) {
    json::object out{{"name", group.name},           {"waiting", group.waiting},   {"waiting_more", group.waiting_more},
                     {"in_flight", group.in_flight}, {"retrying", group.retrying}, {"hold", to_text(group.hold)},
                     {"paused", group.paused}};
    out["held_until"] = group.held_until_ms == 0 ? json::value(nullptr) : json::value(format_time(group.held_until_ms));
    if (group.messages) {
        out["messages"] = *group.messages;
    }
    if (group.rate) {
        out["rate"] = json::object{
            {"permits", group.rate->permits}, {"per_ms", group.rate->per.count()}, {"burst", group.rate->burst}};
    }
    if (group.max_in_flight) {
        out["max_in_flight"] = *group.max_in_flight;
    }
    if (group.max_messages) {
        out["max_messages"] = *group.max_messages;
    }
    return out;
}

void show_group(const Context& context, const GroupInfo& group) {
    const json::object fields = group_json(group);
    if (context.json) {
        print_json(fields);
        return;
    }
    fmt::print("{}\n", printable(group.name, 255));
    for (const auto& field : fields) {
        if (field.key() != "name") {
            fmt::print("  {:20} {}\n", std::string(field.key()), json::serialize(field.value()));
        }
    }
}

struct GroupNames {
    std::string queue;
    std::string group;
};

/// A command that names one group of a queue.
CLI::App* group_command(CLI::App& parent, const char* verb, const char* help,
                        const std::shared_ptr<GroupNames>& names) {
    CLI::App* command = parent.add_subcommand(verb, help);
    command->add_option("queue", names->queue, "Name of the queue")->required();
    command->add_option("group", names->group, "Name of the group; it need not exist yet")->required();
    return command;
}

void add_group_list(CLI::App& parent, Context& context) {
    CLI::App* command = parent.add_subcommand("list", "Lists groups that have messages, work or settings of their own");
    const auto queue = std::make_shared<std::string>();
    const auto count = std::make_shared<std::uint64_t>(100);
    command->add_option("queue", *queue, "Name of the queue")->required();
    add_count_option(*command, *count, "How many");
    command->footer("Examples:\n  baton group list mails\n  baton --output json group list mails -n 10000");
    command->callback([&context, queue, count] {
        context.run = [&context, queue, count] {
            Client client = context.connect();
            Groups groups(client);
            if (!context.json) {
                fmt::print("{:40} {:>10} {:>10} {:>9}  {}\n", "GROUP", "WAITING", "IN FLIGHT", "RETRYING", "HELD");
            }
            std::uint64_t left = *count;
            std::string cursor;
            do {
                const GroupPage page =
                    groups.list(*queue, cursor, static_cast<std::uint32_t>(std::min<std::uint64_t>(left, 1'000)));
                for (const GroupInfo& group : page.groups) {
                    if (context.json) {
                        print_json(group_json(group));
                        continue;
                    }
                    fmt::print("{:40} {:>9}{} {:>10} {:>9}  {}\n", printable(group.name, 40), group.waiting,
                               group.waiting_more ? "+" : " ", group.in_flight, group.retrying,
                               group.hold == Hold::none ? "" : to_text(group.hold));
                }
                left -= std::min<std::uint64_t>(left, page.groups.size());
                cursor = page.next;
            } while (left > 0 && !cursor.empty());
            return ExitCode::ok;
        };
    });
}

void add_group_show(CLI::App& parent, Context& context) {
    const auto names = std::make_shared<GroupNames>();
    CLI::App* command =
        group_command(parent, "show", "Shows a group: counts, settings of its own, what holds it", names);
    command->footer("Examples:\n  baton group show mails provider-a");
    command->callback([&context, names] {
        context.run = [&context, names] {
            Client client = context.connect();
            show_group(context, Groups(client).show(names->queue, names->group));
            return ExitCode::ok;
        };
    });
}

void add_group_pause(CLI::App& parent, Context& context) {
    const auto names = std::make_shared<GroupNames>();
    const auto pause = std::make_shared<std::string>();
    const auto until = std::make_shared<std::string>();
    CLI::App* command = group_command(parent, "pause", "Stops deliveries of a group; the others go on", names);
    auto* length = command->add_option("--for", *pause, "Resumes by itself after this long");
    command->add_option("--until", *until, "Resumes by itself at this time")->excludes(length);
    command->footer("Examples:\n  baton group pause mails provider-a\n  baton group pause mails provider-a --for 10m");
    command->callback([&context, names, pause, until] {
        context.run = [&context, names, pause, until] {
            GroupSettings settings;
            if (!pause->empty()) {
                settings.pause_for = parse_duration(*pause);
            } else if (!until->empty()) {
                settings.paused_until_ms = parse_time_ms(*until);
            } else {
                settings.paused = true;
            }
            Client client = context.connect();
            show_group(context, Groups(client).set(names->queue, names->group, settings));
            return ExitCode::ok;
        };
    });
}

void add_group_resume(CLI::App& parent, Context& context) {
    const auto names = std::make_shared<GroupNames>();
    CLI::App* command = group_command(parent, "resume", "Delivers again: ends a pause of either kind", names);
    command->footer("Examples:\n  baton group resume mails provider-a");
    command->callback([&context, names] {
        context.run = [&context, names] {
            Client client = context.connect();
            show_group(context, Groups(client).resume(names->queue, names->group));
            return ExitCode::ok;
        };
    });
}

void add_group_penalise(CLI::App& parent, Context& context) {
    const auto names = std::make_shared<GroupNames>();
    const auto penalty = std::make_shared<std::string>();
    CLI::App* command =
        group_command(parent, "penalise", "Holds a group back, as its provider asked for; 0 ends it", names);
    command->add_option("duration", *penalty, "How long from now, for example 30s")->required();
    command->footer("Examples:\n  baton group penalise mails provider-a 30s");
    command->callback([&context, names, penalty] {
        context.run = [&context, names, penalty] {
            const auto duration = parse_duration(*penalty);
            Client client = context.connect();
            Groups groups(client);
            groups.penalise(names->queue, names->group, duration);
            show_group(context, groups.show(names->queue, names->group));
            return ExitCode::ok;
        };
    });
}

void add_group_limit(CLI::App& parent, Context& context) {
    const auto names = std::make_shared<GroupNames>();
    const auto rate = std::make_shared<std::string>();
    const auto burst = std::make_shared<std::uint64_t>(0);
    const auto settings = std::make_shared<GroupSettings>();
    CLI::App* command = group_command(parent, "limit", "Sets a group apart from the rules of its queue", names);
    CLI::Option* given = command->add_option("--rate", *rate, "Deliveries in an interval, 100/1s; 'off' = no limit");
    command->add_option("--burst", *burst, "With --rate: deliveries that may be saved up")->needs(given);
    command->add_option("--max-in-flight", settings->max_in_flight, "Most messages leased at a time; 0 = no limit");
    command->add_option("--max-messages", settings->max_messages, "Most that wait or are delayed; 0 = no limit");
    command->add_flag("--reset", settings->reset, "First everything goes back to the queue's rules, a pause too");
    command->footer(
        "Examples:\n  baton group limit mails provider-a --rate 10/1s --max-in-flight 2\n"
        "  baton group limit mails provider-a --reset");
    command->callback([&context, names, rate, burst, settings] {
        context.run = [&context, names, rate, burst, settings] {
            if (!rate->empty()) {
                settings->rate = parse_rate(*rate);
                settings->rate->burst = *burst;
            }
            Client client = context.connect();
            show_group(context, Groups(client).set(names->queue, names->group, *settings));
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_group(CLI::App& app, Context& context) {
    CLI::App* group = app.add_subcommand("group", "Groups of a queue: listed, paused, limited");
    group->require_subcommand(1);
    add_group_list(*group, context);
    add_group_show(*group, context);
    add_group_pause(*group, context);
    add_group_resume(*group, context);
    add_group_penalise(*group, context);
    add_group_limit(*group, context);
}

}  // namespace baton::cli
