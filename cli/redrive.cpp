#include "cli/command.hpp"
#include "cli/message_output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace baton::cli {

void add_redrive(CLI::App& app, Context& context) {
    CLI::App* command =
        app.add_subcommand("redrive", "Moves messages of a dead-letter queue back to where they came from");
    const auto queue = std::make_shared<std::string>();
    const auto options = std::make_shared<RedriveOptions>();
    command->add_option("queue", *queue, "Name of the dead-letter queue")->required();
    command->add_option("--to", options->destination, "One queue for all, instead of each message's own");
    command->add_option("--max", options->max_messages, "At most so many; 0 = all")->capture_default_str();
    command->add_flag("--keep-counters", options->keep_counters, "Do not start failures and deliveries from 0");
    command->footer("Examples:\n  baton redrive emails-dead\n  baton redrive emails-dead --to emails-slow --max 100");
    command->callback([&context, queue, options] {
        context.run = [&context, queue, options] {
            Client client = context.connect();
            const Counted counted = Admin(client).redrive(*queue, *options);
            if (context.json) {
                print_json(to_json(counted));
            } else {
                fmt::print("{} messages moved, {} left: their origin is unknown or gone\n", counted.messages,
                           counted.skipped);
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
