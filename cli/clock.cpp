#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace baton::cli {

namespace {

void show(const Context& context, const ClockState& clock) {
    if (context.json) {
        print_json({{"now_ms", clock.now_ms}, {"now", format_time(clock.now_ms)}, {"virtual", clock.is_virtual}});
    } else {
        fmt::print("{}  {}\n", format_time(clock.now_ms), clock.is_virtual ? "virtual" : "real");
    }
}

}  // namespace

void add_clock(CLI::App& app, Context& context) {
    CLI::App* clock = app.add_subcommand("clock", "Shows the daemon's time, and moves it when it is virtual");
    clock->require_subcommand(1);
    CLI::App* shown = clock->add_subcommand("show", "Shows the daemon's time and whether it is virtual");
    shown->footer("Examples:\n  baton clock show");
    shown->callback([&context] {
        context.run = [&context] {
            Client client = context.connect();
            show(context, Admin(client).show_clock());
            return ExitCode::ok;
        };
    });
    CLI::App* advance = clock->add_subcommand(
        "advance", "Moves the time of a daemon started with --virtual-clock; everything due on the way is done");
    const auto by = std::make_shared<std::string>();
    advance->add_option("duration", *by, "How far, for example 2h, 90s, 250ms")->required();
    advance->footer("Examples:\n  batond --virtual-clock --data-dir /tmp/test &\n  baton clock advance 2d");
    advance->callback([&context, by] {
        context.run = [&context, by] {
            const auto duration = parse_duration(*by);
            Client client = context.connect();
            show(context, Admin(client).advance_clock(duration));
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
