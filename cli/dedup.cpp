// Deduplication ids: who has one, and freeing it.
#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

namespace baton::cli {

namespace {

struct DedupName {
    std::string queue, id;
};

std::shared_ptr<DedupName> add_dedup_name(CLI::App& command) {
    auto name = std::make_shared<DedupName>();
    command.add_option("queue", name->queue, "Name of the queue")->required();
    command.add_option("id", name->id, "The deduplication id")->required();
    return name;
}

ExitCode show_dedup(const Context& context, const DedupName& name) {
    Client client = context.connect();
    const DedupInfo info = Admin(client).show_dedup(name.queue, name.id);
    const char* const state = info.state == MessageState::unspecified ? "gone" : to_text(info.state);
    if (context.json) {
        boost::json::object out{{"holder", info.holder.to_string()}, {"state", state}, {"parked", info.parked}};
        if (info.until_ms != 0) {
            out["until"] = format_time(info.until_ms);
        }
        print_json(out);
    } else {
        fmt::print("{}  {}{}{}\n", info.holder.to_string(), state,
                   info.until_ms == 0 ? std::string() : "  until " + format_time(info.until_ms),
                   info.parked ? "  one is parked" : "");
    }
    return ExitCode::ok;
}

}  // namespace

void add_dedup(CLI::App& app, Context& context) {
    CLI::App* dedup = app.add_subcommand("dedup", "Shows and frees deduplication ids");
    dedup->require_subcommand(1);
    CLI::App* show = dedup->add_subcommand("show", "Says which message has a deduplication id");
    const auto shown = add_dedup_name(*show);
    show->footer("Examples:\n  baton dedup show index page-7");
    show->callback([&context, shown] { context.run = [&context, shown] { return show_dedup(context, *shown); }; });
    CLI::App* clear = dedup->add_subcommand("clear", "Frees a deduplication id at once");
    const auto cleared = add_dedup_name(*clear);
    const auto holder = std::make_shared<std::optional<std::uint64_t>>();
    clear->add_option("--if-holder", *holder, "Only when the message at this offset has it");
    clear->footer("Examples:\n  baton dedup clear index page-7");
    clear->callback([&context, cleared, holder] {
        context.run = [&context, cleared, holder] {
            Client client = context.connect();
            Admin(client).clear_dedup(cleared->queue, cleared->id, *holder);
            if (context.json) {
                print_json({{"id", cleared->id}, {"cleared", true}});
            } else {
                fmt::print("{} is free\n", cleared->id);
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
