#include "cli/flow_action.hpp"

#include "cli/message_name.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>

namespace baton::cli {

namespace json = boost::json;

namespace {

struct Actee {
    std::string queue, id;
};

using Act = std::function<FlowActed(Flows& flows, const std::string& queue, std::uint64_t offset)>;

/// A verb that acts on a job and those below it, and says how many it met.
CLI::App* add_action(CLI::App& flow, Context& context, const char* verb, const char* help, const char* done, Act act) {
    CLI::App* command = flow.add_subcommand(verb, help);
    const auto actee = std::make_shared<Actee>();
    command->add_option("queue", actee->queue, "Queue of the parent")->required();
    command->add_option("id", actee->id, "Its message id or offset")->required();
    command->footer(fmt::format("Examples:\n  baton flow {} reports 3-17", verb));
    command->callback([&context, actee, done, act = std::move(act)] {
        context.run = [&context, actee, done, act] {
            Client client = context.connect();
            Flows flows(client);
            const FlowActed acted = act(flows, actee->queue, offset_in(client, actee->queue, actee->id));
            if (context.json) {
                print_json(
                    json::object{{"done", acted.done}, {"cancelling", acted.cancelling}, {"skipped", acted.skipped}});
                return ExitCode::ok;
            }
            fmt::print("{} {}", acted.done, done);
            fmt::print("{}", acted.cancelling == 0 ? "" : fmt::format(", {} told to stop", acted.cancelling));
            fmt::print("{}\n", acted.skipped == 0 ? "" : fmt::format(", {} skipped", acted.skipped));
            return ExitCode::ok;
        };
    });
    return command;
}

void add_cancel(CLI::App& flow, Context& context) {
    const auto grace = std::make_shared<std::string>("5s");
    CLI::App* command =
        add_action(flow, context, "cancel", "Cancels a job and all that it waits for, whoever holds some of it",
                   "cancelled", [grace](Flows& flows, const std::string& queue, std::uint64_t offset) {
                       return flows.cancel(queue, offset, parse_duration(*grace));
                   });
    command->add_option("--grace", *grace, "How long those who hold a job may take to settle it, at most 10m");
}

void add_retry(CLI::App& flow, Context& context) {
    const auto keep = std::make_shared<bool>(false);
    CLI::App* command =
        add_action(flow, context, "retry", "Puts back what has failed of a flow; its parents wait again", "put back",
                   [keep](Flows& flows, const std::string& queue, std::uint64_t offset) {
                       return flows.retry(queue, offset, *keep);
                   });
    command->add_flag("--keep-counters", *keep, "Failures and deliveries do not start from 0");
}

void add_detach(CLI::App& flow, Context& context) {
    CLI::App* command = flow.add_subcommand("detach", "A child no longer holds its parents; it stays a job");
    const auto child = std::make_shared<Actee>();
    const auto parent = std::make_shared<Actee>();
    command->add_option("queue", child->queue, "Queue of the child")->required();
    command->add_option("id", child->id, "Its message id or offset")->required();
    CLI::Option* queue = command->add_option("--parent-queue", parent->queue, "Only from a parent in this queue");
    CLI::Option* id = command->add_option("--parent", parent->id, "The message id or offset of that parent");
    queue->needs(id);
    id->needs(queue);
    command->footer(
        "Examples:\n  baton flow detach pages 4-9\n"
        "  baton flow detach pages 4-9 --parent-queue reports --parent 3-17");
    command->callback([&context, child, parent] {
        context.run = [&context, child, parent] {
            Client client = context.connect();
            Flows flows(client);
            if (parent->queue.empty()) {
                flows.detach(child->queue, offset_in(client, child->queue, child->id));
            } else {
                flows.detach(child->queue, offset_in(client, child->queue, child->id), parent->queue,
                             offset_in(client, parent->queue, parent->id));
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_flow_actions(CLI::App& flow, Context& context) {
    add_cancel(flow, context);
    add_retry(flow, context);
    add_action(
        flow, context, "remove", "Removes a job and all that it waits for, when nobody works on any of it", "removed",
        [](Flows& flows, const std::string& queue, std::uint64_t offset) { return flows.remove(queue, offset); });
    add_action(flow, context, "remove-children", "Removes what a job waits for and nobody has begun", "removed",
               [](Flows& flows, const std::string& queue, std::uint64_t offset) {
                   return flows.remove_children(queue, offset);
               });
    add_detach(flow, context);
}

}  // namespace baton::cli
