// The log of a job, as its workers wrote it.
#include "cli/command.hpp"
#include "cli/count_option.hpp"
#include "cli/job.hpp"
#include "cli/message_output.hpp"
#include "cli/named_messages.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

namespace baton::cli {

namespace {

constexpr std::uint64_t lines_at_once_max = 1'000;
constexpr std::size_t line_bytes_shown = 4'096;

struct LogsCommand {
    std::shared_ptr<NamedMessage> named;
    bool newest_first = false;
    std::uint64_t count = lines_at_once_max;
};

ExitCode print_logs(const Context& context, const LogsCommand& command) {
    Client client = context.connect();
    Admin admin(client);
    const JobName job = command.named->job(admin);
    LogOptions options;
    options.newest_first = command.newest_first;
    std::uint64_t left = command.count;
    do {
        options.limit = static_cast<std::uint32_t>(std::min(left, lines_at_once_max));
        const LogPage page = admin.logs(command.named->queue, job, options);
        for (const LogLine& line : page.lines) {
            if (context.json) {
                print_json({{"line", line.number}, {"at", format_time(line.at_ms)}, {"text", line.text}});
            } else {
                fmt::print("{}  {}\n", format_time(line.at_ms), printable(line.text, line_bytes_shown));
            }
        }
        left -= std::min<std::uint64_t>(left, page.lines.size());
        options.from_line = page.next;
    } while (left > 0 && options.from_line);
    return ExitCode::ok;
}

}  // namespace

void add_job_logs(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("logs", "Prints the log of a job");
    const auto options = std::make_shared<LogsCommand>();
    options->named = add_named_message(*command);
    command->add_flag("--newest-first", options->newest_first, "The last line first");
    add_count_option(*command, options->count, "How many lines", lines_at_once_max);
    command->footer(
        "Examples:\n  baton job logs emails 3-17\n  baton job logs emails --id welcome-4711\n  baton job logs emails "
        "3-17 --newest-first -n 20");
    command->callback(
        [&context, options] { context.run = [&context, options] { return print_logs(context, *options); }; });
}

}  // namespace baton::cli
