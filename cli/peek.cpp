#include "cli/command.hpp"
#include "cli/count_option.hpp"
#include "cli/message_output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>

namespace baton::cli {

namespace {

MessageState state_named(const std::string& name) {
    return name == "delayed"       ? MessageState::delayed
           : name == "leased"      ? MessageState::leased
           : name == "prioritized" ? MessageState::prioritized
           : name == "grouped"     ? MessageState::grouped
                                   : MessageState::waiting;
}

}  // namespace

void add_peek(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("peek", "Shows messages without taking them");
    const auto queue = std::make_shared<std::string>();
    const auto state = std::make_shared<std::string>("waiting");
    const auto count = std::make_shared<std::uint64_t>(10);
    const auto group = std::make_shared<std::string>();
    command->add_option("queue", *queue, "Name of the queue")->required();
    command->add_option("--state", *state, "waiting, prioritized, grouped, delayed or leased")
        ->check(CLI::IsMember({"waiting", "prioritized", "grouped", "delayed", "leased"}))
        ->capture_default_str();
    add_count_option(*command, *count, "How many");
    command->add_option("--group", *group, "What waits in this group");
    command->footer("Examples:\n  baton peek emails\n  baton peek emails --state delayed -n 100");
    command->callback([&context, queue, state, count, group] {
        context.run = [&context, queue, state, count, group] {
            Client client = context.connect();
            Admin admin(client);
            PeekOptions options;
            options.state = group->empty() ? state_named(*state) : MessageState::grouped;
            options.group = *group;
            std::uint64_t left = *count;
            do {
                options.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, 1'000));
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

}  // namespace baton::cli
