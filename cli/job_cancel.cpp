// Jobs given up, whoever holds them.
#include "cli/command.hpp"
#include "cli/job.hpp"
#include "cli/message_output.hpp"
#include "cli/named_messages.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

struct Cancelled {
    std::size_t cancelled = 0, cancelling = 0, refused = 0;
    ExitCode exit_code = ExitCode::ok;

    void add(const JobsCancelled& done) {
        cancelled += done.cancelled.size();
        cancelling += done.cancelling.size();
        refused += done.refusals.size();
        exit_code = say_refused(done.refusals, exit_code);
    }
};

ExitCode cancel(const Context& context, const NamedMessages& named, const std::string& grace_text) {
    Client client = context.connect();
    Admin admin(client);
    const std::chrono::milliseconds grace = parse_duration(grace_text);
    const std::vector<std::uint64_t> offsets = named.offsets(admin);
    Cancelled all;
    for (std::size_t from = 0; from < offsets.size(); from += named_at_once_max) {
        all.add(admin.cancel_jobs(named.queue, part_of(offsets, from), grace));
    }
    for (std::size_t from = 0; from < named.own_ids.size(); from += named_at_once_max) {
        all.add(admin.cancel_jobs_by_id(named.queue, part_of(named.own_ids, from), grace));
    }
    if (context.json) {
        print_json({{"cancelled", all.cancelled}, {"cancelling", all.cancelling}, {"refused", all.refused}});
    } else {
        fmt::print("{} messages cancelled, {} held ones are being cancelled\n", all.cancelled, all.cancelling);
    }
    return all.exit_code;
}

}  // namespace

void add_job_cancel(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("cancel", "Gives up messages, whoever holds them");
    const auto named = add_named_messages(*command, true);
    const auto grace = std::make_shared<std::string>("5s");
    command->add_option("--grace", *grace, "How long a worker that holds one may still ack it")->capture_default_str();
    command->footer(
        "Examples:\n  baton job cancel emails 3-17\n  baton job cancel emails 3-17 --grace 0s\n"
        "  baton job cancel emails --id welcome-4711");
    command->callback([&context, named, grace] {
        context.run = [&context, named, grace] { return cancel(context, *named, *grace); };
    });
}

}  // namespace baton::cli
