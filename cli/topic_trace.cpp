// What became of a published message in each subscription, and how it came about.
#include "cli/event_output.hpp"
#include "cli/message_output.hpp"
#include "cli/topic_messages.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

boost::json::object row_json(const TraceRow& row) {
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

boost::json::array logs_json(const std::vector<DeliveryLog>& logs) {
    boost::json::array out;
    for (const DeliveryLog& log : logs) {
        boost::json::array events;
        for (const Event& event : log.events) {
            events.push_back(event_json(event));
        }
        out.push_back(boost::json::object{
            {"subscription", log.subscription}, {"events", events}, {"incomplete", log.incomplete}});
    }
    return out;
}

void print_deliveries(const std::vector<DeliveryLog>& logs) {
    for (const DeliveryLog& log : logs) {
        fmt::print("\n{}{}\n", log.subscription, log.incomplete ? "  (older events are no longer kept)" : "");
        for (const Event& event : log.events) {
            print_event(event);
        }
    }
}

struct TraceArguments {
    std::string topic;
    std::uint64_t offset = 0;
    bool deliveries = false;
};

ExitCode run_trace(const Context& context, const TraceArguments& arguments) {
    Client client = context.connect();
    Topics topics(client);
    const MessageTrace trace = topics.trace(arguments.topic, arguments.offset);
    const auto logs = arguments.deliveries ? topics.delivery_log(trace) : std::vector<DeliveryLog>();
    if (!context.json) {
        print_trace(trace);
        print_deliveries(logs);
        return ExitCode::ok;
    }
    boost::json::array rows;
    for (const TraceRow& row : trace.rows) {
        rows.push_back(row_json(row));
    }
    boost::json::object out{{"topic", arguments.topic},
                            {"offset", trace.offset},
                            {"stored_at", format_time(trace.stored_ms)},
                            {"subscriptions", rows}};
    if (arguments.deliveries) {
        out["deliveries"] = logs_json(logs);
    }
    print_json(out);
    return ExitCode::ok;
}

}  // namespace

void add_topic_trace(CLI::App& topic, Context& context) {
    CLI::App* command = topic.add_subcommand("trace", "Says what became of a message in each subscription");
    const auto arguments = std::make_shared<TraceArguments>();
    command->add_option("topic", arguments->topic, "Name of the topic")->required();
    command->add_option("offset", arguments->offset, "The message's offset, as publish told it")->required();
    command->add_flag("--deliveries", arguments->deliveries,
                      "Also when it was delivered, to whom, and what came of it, where the topic keeps a delivery log");
    command->footer(
        "States: waiting, leased, delayed (tried again later), failed, done, before (the subscription began behind it),"
        "\nfiltered; of subscriptions with a pattern or a filter also settled (done, failed or before) and unknown.\n"
        "Examples:\n  baton topic trace order.created 4711\n  baton topic trace order.created 4711 --deliveries");
    command->callback(
        [&context, arguments] { context.run = [&context, arguments] { return run_trace(context, *arguments); }; });
}

}  // namespace baton::cli
