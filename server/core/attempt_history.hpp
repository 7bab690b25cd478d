#pragma once
// What is remembered of the attempts at a message: the newest ones, within bounds. Plain values.

#include "server/core/ids.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace baton::core {

/// One failure or lease loss.
struct Attempt {
    /// When it ended, and when the message was delivered for it; 0 = not known.
    TimeMs at = 0;
    TimeMs delivered_at = 0;
    std::string worker;
    std::string error_class;
    std::string reason;
    std::string stack;
    bool operator==(const Attempt&) const = default;
};

/// Of all its texts.
std::size_t history_bytes(const std::vector<Attempt>& history);
/// Appends the newest attempt. The oldest lose their stacks and then go when there are too many, or too many bytes.
void add_attempt(std::vector<Attempt>& history, Attempt&& attempt);

}  // namespace baton::core
