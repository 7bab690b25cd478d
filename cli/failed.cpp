#include "cli/command.hpp"
#include "cli/count_option.hpp"
#include "cli/message_name.hpp"
#include "cli/message_output.hpp"
#include "cli/named_messages.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace baton::cli {

namespace {

void show(const Context& context, const StoredMessage& message) {
    context.json ? print_json(to_json(message)) : print_text(message);
}

void add_list(CLI::App& failed, Context& context, const std::shared_ptr<std::string>& queue) {
    CLI::App* command = failed.add_subcommand("list", "Lists failed messages with their history");
    const auto count = std::make_shared<std::uint64_t>(100);
    command->add_option("queue", *queue, "Name of the queue")->required();
    add_count_option(*command, *count, "How many");
    command->footer("Examples:\n  baton failed list emails");
    command->callback([&context, queue, count] {
        context.run = [&context, queue, count] {
            Client client = context.connect();
            Admin admin(client);
            std::uint64_t left = *count;
            std::string cursor;
            do {
                const MessagePage page =
                    admin.list_failed(*queue, cursor, static_cast<std::uint32_t>(std::min<std::uint64_t>(left, 1'000)));
                for (const StoredMessage& message : page.messages) {
                    show(context, message);
                }
                left -= std::min<std::uint64_t>(left, page.messages.size());
                cursor = page.next;
            } while (left > 0 && !cursor.empty());
            return ExitCode::ok;
        };
    });
}

void add_show(CLI::App& failed, Context& context, const std::shared_ptr<std::string>& queue) {
    CLI::App* command = failed.add_subcommand("show", "Shows one failed message");
    const auto id = std::make_shared<std::string>();
    command->add_option("queue", *queue, "Name of the queue")->required();
    command->add_option("id", *id, "Message id or offset")->required();
    command->footer("Examples:\n  baton failed show emails 3-17");
    command->callback([&context, queue, id] {
        context.run = [&context, queue, id] {
            Client client = context.connect();
            Admin admin(client);
            show(context, admin.show_failed(*queue, offsets_in(admin, *queue, {*id}).front()));
            return ExitCode::ok;
        };
    });
}

void add_retry(CLI::App& failed, Context& context) {
    CLI::App* command = failed.add_subcommand("retry", "Puts failed messages back into their queue");
    const auto named = add_named_messages(*command, false);
    const auto all = std::make_shared<bool>(false);
    const auto options = std::make_shared<RetryOptions>();
    command->add_flag("--all", *all, "Every failed message");
    command->add_flag("--keep-counters", options->keep_counters, "Do not start failures and deliveries from 0");
    command->footer(
        "Examples:\n  baton failed retry emails 3-17\n  baton failed retry emails --id welcome-4711\n"
        "  baton failed retry emails --all");
    command->callback([&context, named, all, options] {
        if (named->none() != *all) {
            throw CLI::ValidationError("retry", "name messages, or say --all");
        }
        context.run = [&context, named, options] {
            Client client = context.connect();
            Admin admin(client);
            const Counted counted = retry_named(admin, *named, *options);
            if (context.json) {
                print_json(to_json(counted));
            } else {
                fmt::print("{} messages put back, {} not found\n", counted.messages, counted.skipped);
            }
            return counted.messages == 0 && counted.skipped > 0 ? ExitCode::not_found : ExitCode::ok;
        };
    });
}

}  // namespace

void add_failed(CLI::App& app, Context& context) {
    CLI::App* failed = app.add_subcommand("failed", "Lists, shows and retries messages that failed for good");
    failed->require_subcommand(1);
    const auto queue = std::make_shared<std::string>();
    add_list(*failed, context, queue);
    add_show(*failed, context, queue);
    add_retry(*failed, context);
}

}  // namespace baton::cli
