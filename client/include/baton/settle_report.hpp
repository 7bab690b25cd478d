#pragma once
// How a settle is asked for and answered. Plain values.

#include "baton/error.hpp"
#include "baton/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct FailOptions {
    /// Kept in the message's history; cut at 4 KiB.
    std::string reason;
    /// Not to be tried again.
    bool terminal = false;
    /// Instead of any backoff. In a queue with retry rules it counts only where one says so.
    std::optional<std::chrono::milliseconds> retry_after = {};
    /// What kind of failure it was, for the queue's retry rules; cut at 255 bytes.
    std::string error_class = {};
    /// Kept in the history up to 4 KiB.
    std::string stack = {};
};

/// Messages [first, first + count) of one queue whose settle was refused: lease_expired, lease_superseded,
/// message_gone, ...
struct SettleRefusal {
    MessageId first;
    std::uint32_t count = 0;
    ErrorCode code = ErrorCode::ok;
    std::string message;
};

struct SettleReport {
    /// Empty when everything was carried out. An ack that had been done before is not a refusal.
    std::vector<SettleRefusal> refusals;
};
using SettleCallback = std::function<void(const Result<SettleReport>&)>;

}  // namespace baton
