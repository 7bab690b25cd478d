// Lists of jobs by a filter, and what is done to all that a filter means.
#include "baton/tasks.hpp"
#include "cli/command.hpp"
#include "cli/count_option.hpp"
#include "cli/job.hpp"
#include "cli/job_filter_options.hpp"
#include "cli/message_output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <memory>
#include <string>

namespace baton::cli {

namespace {

constexpr std::uint64_t list_at_once_max = 1'000;

ExitCode print_jobs(const Context& context, const std::string& queue, const FilterOptions& options,
                    std::uint64_t count) {
    Client client = context.connect();
    Tasks tasks(client);
    const JobFilter filter = options.filter();
    std::string cursor;
    std::uint64_t left = count;
    do {
        const auto limit = static_cast<std::uint32_t>(std::min(left, list_at_once_max));
        const MessagePage page = tasks.list_jobs(queue, filter, cursor, limit);
        for (const StoredMessage& message : page.messages) {
            context.json ? print_json(cli::to_json(message)) : print_text(message);
        }
        left -= std::min<std::uint64_t>(left, page.messages.size());
        cursor = page.next;
    } while (left > 0 && !cursor.empty());
    return ExitCode::ok;
}

}  // namespace

void add_job_list(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("list", "Lists messages by state, name, time, error class or headers");
    const auto queue = std::make_shared<std::string>();
    const auto count = std::make_shared<std::uint64_t>(100);
    command->add_option("queue", *queue, "Name of the queue")->required();
    const auto filter = add_filter_options(*command);
    add_count_option(*command, *count, "How many");
    command->footer(
        "Examples:\n  baton job list emails --state completed -n 20\n"
        "  baton job list emails --state failed --error-class 'http.*' --name welcome");
    command->callback([&context, queue, filter, count] {
        context.run = [&context, queue, filter, count] { return print_jobs(context, *queue, *filter, *count); };
    });
}

}  // namespace baton::cli
