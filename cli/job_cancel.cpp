// Jobs given up by their ids, whoever holds them.
#include "cli/command.hpp"
#include "cli/job.hpp"
#include "cli/message_name.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

constexpr std::size_t cancel_at_once_max = 1'000;

struct CancelOptions {
    std::string queue;
    std::vector<std::string> ids;
    std::string grace = "5s";
};

ExitCode cancel(const Context& context, const CancelOptions& options) {
    Client client = context.connect();
    Admin admin(client);
    const std::vector<std::uint64_t> offsets = offsets_of(options.ids);
    const std::chrono::milliseconds grace = parse_duration(options.grace);
    std::size_t cancelled = 0, cancelling = 0, refused = 0;
    for (std::size_t from = 0; from < offsets.size(); from += cancel_at_once_max) {
        const auto begin = offsets.begin() + static_cast<std::ptrdiff_t>(from);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(cancel_at_once_max, offsets.size() - from));
        const JobsCancelled done = admin.cancel_jobs(options.queue, {begin, end}, grace);
        cancelled += done.cancelled.size();
        cancelling += done.cancelling.size();
        refused += done.refusals.size();
        for (const JobRefusal& refusal : done.refusals) {
            fmt::print(stderr, "{}: {}\n", refusal.offset, refusal.error.message);
        }
    }
    if (context.json) {
        print_json({{"cancelled", cancelled}, {"cancelling", cancelling}, {"refused", refused}});
    } else {
        fmt::print("{} messages cancelled, {} held ones are being cancelled\n", cancelled, cancelling);
    }
    return refused != 0 ? ExitCode::conflict : ExitCode::ok;
}

}  // namespace

void add_job_cancel(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("cancel", "Gives up messages, whoever holds them");
    const auto options = std::make_shared<CancelOptions>();
    command->add_option("queue", options->queue, "Name of the queue")->required();
    command->add_option("ids", options->ids, "Message ids or offsets")->required();
    command->add_option("--grace", options->grace, "How long a worker that holds one may still ack it")
        ->capture_default_str();
    command->footer("Examples:\n  baton job cancel emails 3-17\n  baton job cancel emails 3-17 --grace 0s");
    command->callback([&context, options] { context.run = [&context, options] { return cancel(context, *options); }; });
}

}  // namespace baton::cli
