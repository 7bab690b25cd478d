// Bindings: what is published to topics becomes jobs of a queue.
#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"
#include "cli/where_options.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

boost::json::object to_json(const Binding& binding) {
    boost::json::object out{{"name", binding.name}, {"topics", binding.topics}, {"queue", binding.queue}};
    if (!binding.filter.conditions.empty()) {
        out["filter"] = baton::cli::to_json(binding.filter);
    }
    if (binding.options.delay) {
        out["delay_ms"] = binding.options.delay->count();
    }
    if (binding.options.ttl) {
        out["ttl_ms"] = binding.options.ttl->count();
    }
    if (binding.options.priority) {
        out["priority"] = *binding.options.priority;
    }
    out["group_header"] = binding.options.group_header;
    out["priority_header"] = binding.options.priority_header;
    return out;
}

std::string conditions_of(const Binding& binding) {
    std::string out;
    for (const FilterCondition& condition : binding.filter.conditions) {
        out += (out.empty() ? "" : binding.filter.any ? " or " : " and ") + to_text(condition);
    }
    return out;
}

struct CreateArguments {
    Binding binding;
    std::string delay, ttl;
    std::uint32_t priority = 0;
    bool update = false;
};

void add_binding_create(CLI::App& group, Context& context) {
    CLI::App* command = group.add_subcommand("create", "Makes a binding; does nothing when it is there as asked for");
    const auto given = std::make_shared<CreateArguments>();
    command->add_option("name", given->binding.name, "Name of the binding")->required();
    command->add_option("topics", given->binding.topics, "A topic, or a pattern: * is one word, # or > the rest")
        ->required();
    command->add_option("queue", given->binding.queue, "The queue that gets the jobs")->required();
    command->add_option("--delay", given->delay, "The jobs begin so much later, for example 10m");
    command->add_option("--ttl", given->ttl, "The jobs expire after this");
    CLI::Option* priority = command->add_option("--priority", given->priority, "Priority of the jobs");
    command->add_option("--group-header", given->binding.options.group_header, "The header that names the job's group");
    command->add_option("--priority-header", given->binding.options.priority_header,
                        "The header that is the job's priority");
    command->add_flag("--update", given->update, "Change a binding of this name that differs");
    const auto where = add_where_options(*command);
    command->footer(
        "Examples:\n  baton binding create stock order.created stock-jobs --group-header warehouse\n"
        "  baton binding create urgent 'order.#' review --where 'amount>=10000' --priority 1");
    command->callback([&context, given, where, priority] {
        const bool has_priority = priority->count() != 0;
        context.run = [&context, given, where, has_priority] {
            Binding binding = given->binding;
            binding.filter = where->filter().value_or(Filter{});
            if (!given->delay.empty()) {
                binding.options.delay = parse_duration(given->delay);
            }
            if (!given->ttl.empty()) {
                binding.options.ttl = parse_duration(given->ttl);
            }
            if (has_priority) {
                binding.options.priority = given->priority;
            }
            Client client = context.connect();
            Topics(client).bind(binding, given->update);
            return ExitCode::ok;
        };
    });
}

void add_binding_delete(CLI::App& group, Context& context) {
    CLI::App* command = group.add_subcommand("delete", "Removes a binding; what it has made stays");
    const auto name = std::make_shared<std::string>();
    command->add_option("name", *name, "Name of the binding")->required();
    command->footer("Examples:\n  baton binding delete stock");
    command->callback([&context, name] {
        context.run = [&context, name] {
            Client client = context.connect();
            Topics(client).unbind(*name);
            return ExitCode::ok;
        };
    });
}

void add_binding_list(CLI::App& group, Context& context) {
    CLI::App* command = group.add_subcommand("list", "Lists bindings");
    const auto prefix = std::make_shared<std::string>();
    command->add_option("prefix", *prefix, "Only names that begin with this");
    command->footer("Examples:\n  baton binding list\n  baton --output json binding list");
    command->callback([&context, prefix] {
        context.run = [&context, prefix] {
            Client client = context.connect();
            const std::vector<Binding> bindings = Topics(client).bindings(*prefix);
            if (!context.json) {
                fmt::print("{:24} {:32} {:24} {}\n", "BINDING", "TOPICS", "QUEUE", "WHERE");
            }
            for (const Binding& binding : bindings) {
                if (context.json) {
                    print_json(to_json(binding));
                } else {
                    fmt::print("{:24} {:32} {:24} {}\n", binding.name, binding.topics, binding.queue,
                               conditions_of(binding));
                }
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_binding(CLI::App& app, Context& context) {
    CLI::App* group = app.add_subcommand("binding", "Binds topics to queues: what is published becomes jobs");
    group->require_subcommand(1);
    add_binding_create(*group, context);
    add_binding_list(*group, context);
    add_binding_delete(*group, context);
}

}  // namespace baton::cli
