#pragma once
// Where a message is stored, and what has become of it so far: its attempts, and the queue that it came from. Plain
// values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

/// Where a message is stored. In text "<queue_id>-<offset>", both decimal.
struct MessageId {
    std::uint64_t queue_id = 0;
    std::uint64_t offset = 0;

    std::string to_string() const;
    /// Empty when `text` is not an id.
    static std::optional<MessageId> parse(std::string_view text);
    bool operator==(const MessageId&) const = default;
};

/// One failure or lease loss.
struct Attempt {
    std::int64_t at_ms = 0;
    std::string worker;
    std::string reason;
    /// When the message was delivered for this attempt; 0 = not known.
    std::int64_t delivered_ms = 0;
    std::string error_class;
    std::string stack;
};

/// Where a moved message came from, and why it was moved.
struct Origin {
    std::string queue;
    MessageId id;
    std::int64_t stored_ms = 0;
    std::int64_t moved_ms = 0;
    /// attempts_exhausted, lease_losses_exhausted, deliveries_exhausted, rejected, expired, overflow
    std::string reason;
    std::uint32_t deliveries = 0;
    std::uint32_t failures = 0;
    std::uint32_t lease_losses = 0;
    std::vector<Attempt> attempts;
    /// Of the message there; a redrive gives it back.
    std::string group = {};
};

}  // namespace baton
