// The events of a queue: those that are kept, or as they happen.
#include "baton/events.hpp"

#include "cli/command.hpp"
#include "cli/event_output.hpp"
#include "cli/message_name.hpp"
#include "cli/message_output.hpp"
#include "cli/stop_signal.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

using namespace std::chrono_literals;

struct EventsArguments {
    std::string queue;
    bool follow = false;
    std::uint64_t from = 0;
    bool from_given = false;
    std::vector<std::string> types;
    std::string job;
};

EventOptions options_of(const Client& client, const EventsArguments& arguments) {
    EventOptions options;
    for (const std::string& name : arguments.types) {
        options.types.push_back(*event_type_named(name));
    }
    if (!arguments.job.empty()) {
        Admin admin(client);
        options.offset = offsets_in(admin, arguments.queue, {arguments.job}).front();
    }
    if (arguments.from_given || !arguments.follow) {
        options.from_seq = arguments.from;
    }
    return options;
}

ExitCode run_events(const Context& context, const EventsArguments& arguments) {
    Client client = context.connect();
    Events events(client, arguments.queue, options_of(client, arguments));
    catch_stop_signals();
    while (!stop_asked()) {
        const auto event = events.next(arguments.follow ? 100ms : 10ms);
        if (event) {
            context.json ? print_json(event_json(*event)) : print_event(*event);
            std::fflush(stdout);
        } else if (!arguments.follow && events.caught_up()) {
            break;
        }
    }
    return ExitCode::ok;
}

}  // namespace

void add_events(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("events", "Shows what happened in a queue, or follows it");
    const auto arguments = std::make_shared<EventsArguments>();
    command->add_option("queue", arguments->queue, "Name of the queue")->required();
    command->add_flag("-f,--follow", arguments->follow, "Goes on with what happens, until it is interrupted");
    CLI::Option* from = command->add_option("--from", arguments->from, "Number of the first event; 0 = the oldest");
    command->add_option("--type", arguments->types, "Only events of these types: completed, failed, stalled, ...")
        ->check([](const std::string& name) {
            return event_type_named(name) ? std::string() : "'" + name + "' is no type of event";
        });
    command->add_option("--job", arguments->job, "Only events of this job, by id or offset");
    command->footer(
        "Without --follow: all that are kept. With it: from now on, unless --from says where to begin.\n"
        "Examples:\n  baton events emails\n  baton events emails --follow --type failed --type stalled\n"
        "  baton events emails --job 3-17");
    command->callback([&context, arguments, from] {
        arguments->from_given = from->count() != 0;
        context.run = [&context, arguments] { return run_events(context, *arguments); };
    });
}

}  // namespace baton::cli
