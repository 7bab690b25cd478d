#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace baton::cli {

void add_ping(CLI::App& app, Context& context) {
    CLI::App* ping = app.add_subcommand("ping", "Asks the daemon whether it is there and what state it is in");
    ping->footer("Examples:\n  baton ping\n  baton --server broker:7450 --output json ping");
    ping->callback([&context] {
        context.run = [&context] {
            Client client = context.connect();
            const auto took = client.ping();
            const ServerStatus status = Admin(client).server_status();
            if (context.json) {
                print_json({{"server", context.server},
                            {"version", status.version},
                            {"state", status.state},
                            {"round_trip_us", took.count()},
                            {"uptime_ms", status.uptime_ms},
                            {"epoch", status.epoch},
                            {"queues", status.queues},
                            {"connections", status.connections},
                            {"rss_bytes", status.rss_bytes},
                            {"data_dir", status.data_dir}});
            } else {
                fmt::print("{} answers in {} us: baton {}, {}, up {}, {} queues\n", context.server, took.count(),
                           status.version, status.state, format_duration(std::chrono::milliseconds(status.uptime_ms)),
                           status.queues);
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
