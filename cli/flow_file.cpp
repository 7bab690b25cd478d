#include "cli/flow_file.hpp"

#include "cli/units.hpp"

#include <boost/json.hpp>

#include <array>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace baton::cli {

namespace json = boost::json;

namespace {

constexpr int levels_max = 64;

std::invalid_argument fault(const std::string& where, const std::string& what) {
    return std::invalid_argument(where + ": " + what);
}

std::string text_of(const json::value& value, const std::string& where) {
    if (!value.is_string()) {
        throw fault(where, "must be a string");
    }
    return std::string(value.get_string());
}

FailurePolicy policy_of(const json::value& value, const std::string& where) {
    const std::string name = text_of(value, where);
    for (const FailurePolicy policy : {FailurePolicy::fail_parent, FailurePolicy::ignore, FailurePolicy::remove,
                                       FailurePolicy::continue_parent, FailurePolicy::wait}) {
        if (name == to_text(policy)) {
            return policy;
        }
    }
    throw fault(where, "is fail_parent, ignore, remove, continue_parent or wait");
}

std::uint32_t number_of(const json::value& value, const std::string& where) {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > UINT32_MAX) {
        throw fault(where, "must be a whole number");
    }
    return static_cast<std::uint32_t>(value.get_int64());
}

MessageOptions options_of(const json::value& value, const std::string& where) {
    if (!value.is_object()) {
        throw fault(where, "must be an object");
    }
    MessageOptions options;
    for (const auto& field : value.get_object()) {
        const std::string at = where + "." + std::string(field.key());
        if (field.key() == "delay") {
            options.delay = parse_duration(text_of(field.value(), at));
        } else if (field.key() == "ttl") {
            options.ttl = parse_duration(text_of(field.value(), at));
        } else if (field.key() == "lease") {
            options.lease = parse_duration(text_of(field.value(), at));
        } else if (field.key() == "run_limit") {
            options.run_limit = parse_duration(text_of(field.value(), at));
        } else if (field.key() == "priority") {
            options.priority = number_of(field.value(), at);
        } else if (field.key() == "max_attempts") {
            options.max_attempts = number_of(field.value(), at);
        } else if (field.key() == "id") {
            options.id = text_of(field.value(), at);
        } else if (field.key() == "group") {
            options.group = text_of(field.value(), at);
        } else {
            throw fault(at, "is not known");
        }
    }
    return options;
}

std::vector<Header> headers_of(const json::value& value, const std::string& where) {
    if (!value.is_object()) {
        throw fault(where, "must be an object");
    }
    std::vector<Header> headers;
    for (const auto& field : value.get_object()) {
        headers.push_back({std::string(field.key()), text_of(field.value(), where + "." + std::string(field.key()))});
    }
    return headers;
}

/// A job, and behind it those that it waits for.
void add_job(const json::value& value, const std::string& where, std::optional<Flow::Job> parent, int level,
             Flow& out) {
    if (!value.is_object()) {
        throw fault(where, "must be an object");
    }
    if (level == levels_max) {
        throw fault(where, "a flow has at most 64 levels");
    }
    std::string queue;
    Message message;
    FlowJobOptions options;
    const json::array* children = nullptr;
    for (const auto& field : value.get_object()) {
        const std::string at = where + "." + std::string(field.key());
        if (field.key() == "queue") {
            queue = text_of(field.value(), at);
        } else if (field.key() == "payload") {
            message.payload = field.value().is_string() ? std::string(field.value().get_string())
                                                        : std::string(json::serialize(field.value()));
        } else if (field.key() == "name") {
            message.name = text_of(field.value(), at);
        } else if (field.key() == "headers") {
            message.headers = headers_of(field.value(), at);
        } else if (field.key() == "options") {
            message.options = options_of(field.value(), at);
        } else if (field.key() == "on_failure") {
            options.on_failure = policy_of(field.value(), at);
        } else if (field.key() == "children_on_failure") {
            options.children_on_failure = policy_of(field.value(), at);
        } else if (field.key() == "children" && field.value().is_array()) {
            children = &field.value().get_array();
        } else {
            throw fault(at, field.key() == "children" ? "must be a list" : "is not known");
        }
    }
    if (queue.empty()) {
        throw fault(where + ".queue", "is missing");
    }
    const Flow::Job job = out.add(std::move(queue), std::move(message),
                                  parent ? std::vector<Flow::Job>{*parent} : std::vector<Flow::Job>{}, options);
    for (std::size_t i = 0; children != nullptr && i < children->size(); ++i) {
        add_job((*children)[i], where + ".children[" + std::to_string(i) + "]", job, level + 1, out);
    }
}

}  // namespace

Flow read_flow(const std::string& text) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = 4 * levels_max;
    const json::value value = json::parse(text, error, {}, options);
    if (error) {
        throw std::invalid_argument("the flow is no JSON: " + error.message());
    }
    Flow flow;
    if (!value.is_array()) {
        add_job(value, "flow", std::nullopt, 0, flow);
        return flow;
    }
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
        add_job(value.get_array()[i], "flow[" + std::to_string(i) + "]", std::nullopt, 0, flow);
    }
    return flow;
}

}  // namespace baton::cli
