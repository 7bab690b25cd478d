#pragma once
// A binding puts what is published to topics into a queue as jobs, in the same commit. Plain values.

#include "server/core/ids.hpp"
#include "server/core/route_table.hpp"
#include "server/core/selection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

/// What the jobs get that it makes.
struct BindingOptions {
    std::optional<DurationMs> delay_ms;
    std::optional<DurationMs> ttl_ms;
    std::optional<std::uint32_t> priority;
    /// Headers of the message that name the job's group, and its priority as a decimal number; empty = none. One that
    /// is not there, or is not such, says nothing.
    std::string group_header, priority_header;

    bool operator==(const BindingOptions&) const = default;
};

struct BindingSpec {
    /// Unique in its namespace.
    std::string name;
    SelectionPtr selects;
    BindingOptions options;
};

struct Binding {
    NamespaceId ns{};
    BindingId id{};
    QueueId queue{};
    BindingSpec spec;
    Route route;
};

/// Idempotent. Answered by Done.
struct CreateBinding {
    std::string queue;
    BindingSpec spec;
    /// Change one of this name that differs, instead of refusing.
    bool update = false;
};
struct DeleteBinding {
    std::string name;
};
struct ListBindings {
    std::string prefix, after;
    std::uint32_t limit = 100;
};

struct BindingInfo {
    std::string queue;
    BindingSpec spec;
};
struct BindingList {
    std::vector<BindingInfo> bindings;
    std::string next;
};

}  // namespace baton::core
