// A stored message as text.
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <fmt/format.h>

namespace baton::cli {

void print_text(const StoredMessage& message) {
    fmt::print("{}  {:8}  stored {}", message.id.to_string(), to_text(message.state), format_time(message.stored_ms));
    if (message.at_ms != 0) {
        fmt::print("  at {}", format_time(message.at_ms));
    }
    fmt::print("  deliveries {} failures {} losses {}", message.deliveries, message.failures, message.lease_losses);
    if (message.priority != 0 || message.lifo) {
        fmt::print("  priority {}{}", message.priority, message.lifo ? " lifo" : "");
    }
    if (!message.group.empty()) {
        fmt::print("  group {}", printable(message.group, 64));
    }
    if (!message.own_id.empty()) {
        fmt::print("  id {}", printable(message.own_id, 64));
    }
    if (message.dedup) {
        fmt::print("  {} {}", to_text(message.dedup->mode), printable(message.dedup->id, 64));
    }
    if (!message.reason.empty()) {
        fmt::print("  {}", message.reason);
    }
    if (message.cancelling) {
        fmt::print("  cancelling");
    }
    if (!message.name.empty()) {
        fmt::print("  {}", printable(message.name, 64));
    }
    fmt::print("\n    {}\n", printable(message.payload, 120));
    if (message.result) {
        fmt::print("    returned {}\n", printable(message.result->value, 120));
    }
    if (message.progress) {
        fmt::print("    progress {} at {}\n", printable(*message.progress, 120), format_time(message.progress_ms));
    }
    if (message.log_lines != 0) {
        fmt::print("    log of {} lines\n", message.log_lines);
    }
    for (const Attempt& attempt : message.attempts) {
        const std::string error_class = attempt.error_class.empty() ? "" : printable(attempt.error_class, 255) + ": ";
        fmt::print("    {}  {}: {}{}\n", format_time(attempt.at_ms), printable(attempt.worker, 64), error_class,
                   printable(attempt.reason, 200));
    }
    if (message.origin) {
        fmt::print("    from {} ({}, {})\n", message.origin->queue, message.origin->id.to_string(),
                   message.origin->reason);
    }
}

}  // namespace baton::cli
