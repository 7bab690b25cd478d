// What became of a published message in each subscription.
#include "cli/message_output.hpp"
#include "cli/topic_messages.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>

namespace baton::cli {

namespace {

boost::json::object to_json(const TraceRow& row) {
    boost::json::object out{
        {"subscription", row.subscription}, {"state", to_text(row.state)}, {"offset", row.offset},
        {"deliveries", row.deliveries},     {"failures", row.failures},    {"lease_losses", row.lease_losses}};
    if (row.at_ms != 0) {
        out["at"] = format_time(row.at_ms);
    }
    if (!row.worker.empty()) {
        out["worker"] = row.worker;
    }
    return out;
}

void print_trace(const MessageTrace& trace) {
    fmt::print("{:40} {:10} {:>10} {:>10} {:>9}  {:24} {}\n", "SUBSCRIPTION", "STATE", "OFFSET", "DELIVERIES",
               "FAILURES", "AT", "WORKER");
    for (const TraceRow& row : trace.rows) {
        fmt::print("{:40} {:10} {:>10} {:>10} {:>9}  {:24} {}\n", row.subscription, to_text(row.state), row.offset,
                   row.deliveries, row.failures, row.at_ms == 0 ? std::string("-") : format_time(row.at_ms),
                   printable(row.worker, 64));
    }
}

}  // namespace

void add_topic_trace(CLI::App& topic, Context& context) {
    CLI::App* command = topic.add_subcommand("trace", "Says what became of a message in each subscription");
    const auto name = std::make_shared<std::string>();
    const auto offset = std::make_shared<std::uint64_t>(0);
    command->add_option("topic", *name, "Name of the topic")->required();
    command->add_option("offset", *offset, "The message's offset, as publish told it")->required();
    command->footer(
        "States: waiting, leased, delayed (tried again later), failed, done, before (the subscription began behind it),"
        "\nfiltered; of subscriptions with a pattern or a filter also settled (done, failed or before) and unknown.\n"
        "Examples:\n  baton topic trace order.created 4711");
    command->callback([&context, name, offset] {
        context.run = [&context, name, offset] {
            Client client = context.connect();
            const MessageTrace trace = Topics(client).trace(*name, *offset);
            if (context.json) {
                boost::json::array rows;
                for (const TraceRow& row : trace.rows) {
                    rows.push_back(to_json(row));
                }
                print_json({{"topic", *name},
                            {"offset", trace.offset},
                            {"stored_at", format_time(trace.stored_ms)},
                            {"subscriptions", rows}});
            } else {
                print_trace(trace);
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
