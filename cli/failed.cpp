#include "cli/command.hpp"
#include "cli/message_name.hpp"
#include "cli/message_output.hpp"

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
    command->add_option("-n,--count", *count, "How many")->capture_default_str();
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
            show(context, Admin(client).show_failed(*queue, offset_of(*id)));
            return ExitCode::ok;
        };
    });
}

void add_retry(CLI::App& failed, Context& context, const std::shared_ptr<std::string>& queue) {
    CLI::App* command = failed.add_subcommand("retry", "Puts failed messages back into their queue");
    const auto ids = std::make_shared<std::vector<std::string>>();
    const auto all = std::make_shared<bool>(false);
    const auto keep = std::make_shared<bool>(false);
    command->add_option("queue", *queue, "Name of the queue")->required();
    auto* named = command->add_option("ids", *ids, "Message ids or offsets");
    command->add_flag("--all", *all, "Every failed message")->excludes(named);
    command->add_flag("--keep-counters", *keep, "Do not start failures and deliveries from 0");
    command->footer("Examples:\n  baton failed retry emails 3-17\n  baton failed retry emails --all");
    command->callback([&context, queue, ids, all, keep] {
        if (ids->empty() && !*all) {
            throw CLI::ValidationError("retry", "name messages, or say --all");
        }
        context.run = [&context, queue, ids, keep] {
            RetryOptions options;
            options.keep_counters = *keep;
            for (const std::string& id : *ids) {
                options.offsets.push_back(offset_of(id));
            }
            Client client = context.connect();
            const Counted counted = Admin(client).retry_failed(*queue, options);
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
    add_retry(*failed, context, queue);
}

}  // namespace baton::cli
