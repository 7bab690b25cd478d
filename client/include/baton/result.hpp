#pragma once
// What a handler returns, and how much of finished jobs a queue keeps. Plain values.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace baton {

/// What a job returned: at most 64 KiB, kept with the completed job where its queue keeps them (profile job).
struct JobResult {
    std::string value;
    /// Of the value; UTF-8, at most 255 bytes.
    std::string content_type;
    bool operator==(const JobResult&) const = default;
};

/// How much of a set of finished messages stays; beyond any of these the oldest go. 0 = no limit. In an update, absent
/// fields stay as they are.
struct Retention {
    std::optional<std::uint64_t> messages;
    std::optional<std::chrono::milliseconds> age;
    std::optional<std::uint64_t> bytes;
};

}  // namespace baton
