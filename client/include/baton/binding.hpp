#pragma once
// Bindings put what is published to topics into a queue as jobs, in the write that publishes it. Plain values; made
// with Topics::bind.

#include "baton/filter.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace baton {

struct BindingOptions {
    std::optional<std::chrono::milliseconds> delay = {}, ttl = {};
    std::optional<std::uint32_t> priority = {};
    /// The header of the message that names the job's group; empty = none.
    std::string group_header = {};
    /// The header that is the job's priority, as a decimal number.
    std::string priority_header = {};
};

struct Binding {
    /// As the name of a queue; unique among bindings.
    std::string name;
    /// A topic, or a pattern of topics: * is one word, # any number, > one or more at the end.
    std::string topics;
    std::string queue;
    Filter filter = {};
    BindingOptions options = {};
};

}  // namespace baton
