#include "baton/baton.hpp"
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

namespace baton::cli {

namespace {

/// What a wait for one job ends with, for scripts.
ExitCode end_exit_code(JobOutcome outcome) {
    switch (outcome) {
        case JobOutcome::completed:
            return ExitCode::ok;
        case JobOutcome::timeout:
            return ExitCode::timed_out;
        case JobOutcome::gone:
            return ExitCode::not_found;
        case JobOutcome::failed:
        case JobOutcome::removed:
        case JobOutcome::expired:
        case JobOutcome::dead_lettered:
        case JobOutcome::dropped:
        case JobOutcome::cancelled:
        case JobOutcome::unknown:
            break;
    }
    return ExitCode::failed;
}

}  // namespace

void add_job_wait(CLI::App& job, Context& context) {
    CLI::App* command = job.add_subcommand("wait", "Waits until a job is over; prints how, and what it returned");
    const auto named = add_named_message(*command);
    const auto timeout = std::make_shared<std::string>("30s");
    command->add_option("--timeout", *timeout, "How long at most; 0 only looks")->capture_default_str();
    command->footer("Examples:\n  baton job wait emails 3-17 --timeout 5m\n  baton job wait emails --id welcome-4711");
    command->callback([&context, named, timeout] {
        context.run = [&context, named, timeout] {
            Client client = context.connect();
            Admin admin(client);
            const JobEnd end = admin.wait_job(named->queue, named->job(admin), parse_duration(*timeout));
            if (context.json) {
                print_json(to_json(end));
            } else {
                fmt::print("{}{}{}\n", to_text(end.outcome), end.text.empty() ? "" : ": ", printable(end.text, 200));
                if (end.result) {
                    fmt::print("{}\n", printable(end.result->value, 1'000));
                }
            }
            return end_exit_code(end.outcome);
        };
    });
}

}  // namespace baton::cli
