// Flows: added from a file, shown as a tree with their progress, children with what they returned.
#include "cli/command.hpp"
#include "cli/flow_action.hpp"
#include "cli/flow_file.hpp"
#include "cli/message_name.hpp"
#include "cli/message_output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

namespace baton::cli {

namespace json = boost::json;

namespace {

json::object child_json(const FlowChild& child) {
    json::object out{{"index", child.index},
                     {"queue", child.queue},
                     {"id", child.id.to_string()},
                     {"state", to_text(child.state)},
                     {"policy", to_text(child.policy)},
                     {"is_parent", child.is_parent}};
    if (!child.error.empty()) {
        out["error"] = child.error;
    }
    if (child.result) {
        out["result"] = child.result->value;
        out["content_type"] = child.result->content_type;
    }
    return out;
}

json::object view_json(const FlowView& view) {
    json::array children;
    for (const FlowChild& child : view.children) {
        children.push_back(child_json(child));
    }
    return {{"queue", view.queue},          {"id", view.id.to_string()},
            {"state", to_text(view.state)}, {"total", view.total},
            {"pending", view.pending},      {"completed", view.completed},
            {"failed", view.failed},        {"ignored", view.ignored},
            {"removed", view.removed},      {"children", std::move(children)}};
}

using ViewsById = std::map<std::string, const FlowView*>;

/// One flow and those below it, a level further to the right each.
void print_tree(const FlowView& view, const ViewsById& all, int level) {
    fmt::print("{:{}}{} {}  {}: {} of {} done", "", 2 * level, printable(view.queue, 40), view.id.to_string(),
               to_text(view.state), view.total - view.pending, view.total);
    fmt::print("{}\n", view.failed == 0 ? "" : fmt::format(", {} failed", view.failed));
    for (const FlowChild& child : view.children) {
        const auto below = child.is_parent ? all.find(child.id.to_string()) : all.end();
        if (below != all.end()) {
            print_tree(*below->second, all, level + 1);
            continue;
        }
        fmt::print("{:{}}{} {}  {}  {}\n", "", 2 * level + 2, printable(child.queue, 40), child.id.to_string(),
                   to_text(child.state), printable(child.error, 200));
    }
    if (view.children.size() < view.total) {
        fmt::print("{:{}}... {} more\n", "", 2 * level + 2, view.total - view.children.size());
    }
}

struct FlowName {
    std::string queue, id;
};

std::string text_in(const std::string& file) {
    std::ifstream stream;
    if (file != "-") {
        stream.open(file, std::ios::binary);
        if (!stream) {
            throw InputError("cannot read " + file);
        }
    }
    std::istream& in = file == "-" ? std::cin : stream;
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void print_added(const std::string& queue, const AddedJob& job, bool as_json) {
    const bool left_out = job.kind == AddedJob::Kind::left_out;
    const std::string id = left_out ? "" : job.id.to_string();
    if (as_json) {
        print_json({{"queue", queue}, {"id", id}, {"outcome", to_text(job.kind)}});
    } else if (job.kind == AddedJob::Kind::created) {
        fmt::print("{} {}\n", printable(queue, 255), id);
    } else {
        fmt::print("{} {}\n", printable(queue, 255), left_out ? "left out" : id + " duplicate");
    }
}

void add_flow_add(CLI::App& flow, Context& context) {
    CLI::App* command = flow.add_subcommand("add", "Stores jobs and those that they wait for, in one step");
    const auto file = std::make_shared<std::string>();
    const auto above = std::make_shared<FlowName>();
    command->add_option("file", *file, "JSON: a job with its children, or a list of such; - = standard input")
        ->required();
    CLI::Option* to_queue = command->add_option("--to-queue", above->queue, "As children of a job in this queue");
    CLI::Option* to = command->add_option("--to", above->id, "The id or offset of that job, which is held or waits");
    to_queue->needs(to);
    to->needs(to_queue);
    command->footer(
        "A job: {\"queue\", \"payload\", \"name\", \"headers\", \"options\", \"on_failure\",\n"
        "        \"children_on_failure\", \"children\": [...]}; policies: fail_parent, ignore, remove,\n"
        "        continue_parent, wait; options: id, delay, ttl, lease, run_limit, priority, max_attempts, group\n"
        "Examples:\n  baton flow add report.json\n"
        "  echo '{\"queue\": \"reports\", \"children\": [{\"queue\": \"pages\", \"payload\": \"1\"}]}' | baton flow "
        "add -\n  baton flow add more.json --to-queue reports --to 3-17");
    command->callback([&context, file, above] {
        context.run = [&context, file, above] {
            const Flow wanted = read_flow(text_in(*file));
            Client client = context.connect();
            Flows flows(client);
            const std::vector<AddedJob> jobs =
                above->queue.empty()
                    ? flows.add(wanted)
                    : flows.add_children(above->queue, offset_in(client, above->queue, above->id), wanted);
            for (std::size_t i = 0; i < jobs.size(); ++i) {
                print_added(wanted.nodes()[i].queue, jobs[i], context.json);
            }
            return ExitCode::ok;
        };
    });
}

CLI::App* flow_command(CLI::App& flow, const char* verb, const char* help, const std::shared_ptr<FlowName>& name) {
    CLI::App* command = flow.add_subcommand(verb, help);
    command->add_option("queue", name->queue, "Queue of the parent")->required();
    command->add_option("id", name->id, "Its message id or offset")->required();
    return command;
}

void add_flow_show(CLI::App& flow, Context& context) {
    const auto name = std::make_shared<FlowName>();
    const auto depth = std::make_shared<std::uint32_t>(0);
    const auto width = std::make_shared<std::uint32_t>(0);
    CLI::App* command = flow_command(flow, "show", "Shows a flow and those below it with their progress", name);
    command->add_option("--depth", *depth, "Levels, at most 16; 0 = 10");
    command->add_option("--width", *width, "Children of each, at most 1000; 0 = 20");
    command->footer("Examples:\n  baton flow show reports 3-17\n  baton --output json flow show reports 17 --depth 2");
    command->callback([&context, name, depth, width] {
        context.run = [&context, name, depth, width] {
            Client client = context.connect();
            const FlowInfo info =
                Flows(client).show(name->queue, offset_in(client, name->queue, name->id), *depth, *width);
            ViewsById views;
            for (const FlowView& view : info.flows) {
                views.emplace(view.id.to_string(), &view);
                if (context.json) {
                    print_json(view_json(view));
                }
            }
            if (!context.json) {
                print_tree(info.flows.front(), views, 0);
            }
            return ExitCode::ok;
        };
    });
}

void add_flow_children(CLI::App& flow, Context& context) {
    const auto name = std::make_shared<FlowName>();
    CLI::App* command = flow_command(flow, "children", "Lists the children of a job with what they returned", name);
    command->footer("Examples:\n  baton --output json flow children reports 3-17");
    command->callback([&context, name] {
        context.run = [&context, name] {
            Client client = context.connect();
            for (const FlowChild& child :
                 Flows(client).all_children(name->queue, offset_in(client, name->queue, name->id))) {
                if (context.json) {
                    print_json(child_json(child));
                    continue;
                }
                const std::string said = child.result ? child.result->value : child.error;
                fmt::print("{} {}  {}  {}\n", printable(child.queue, 40), child.id.to_string(), to_text(child.state),
                           printable(said, 200));
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_flow(CLI::App& app, Context& context) {
    CLI::App* flow = app.add_subcommand("flow", "Flows: jobs that wait for other jobs");
    flow->require_subcommand(1);
    add_flow_add(*flow, context);
    add_flow_show(*flow, context);
    add_flow_children(*flow, context);
    add_flow_actions(*flow, context);
}

}  // namespace baton::cli
