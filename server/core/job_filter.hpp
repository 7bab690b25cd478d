#pragma once
// Which messages of a queue are meant: a plain value, and whether a message is one of them. Bounded, so that a look at
// one message costs little.

#include "server/core/ids.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

enum class MessageState : std::uint8_t;
struct StoredMessage;

/// All of it must hold; what is empty, 0 or absent holds of every message.
struct JobFilter {
    /// Bits of MessageState.
    std::uint32_t states = 0;
    /// Patterns, in which `*` stands for any bytes. The error class is that of the last attempt that failed.
    std::string name, error_class;
    /// How its id begins: its own, or as text the number of the queue, a dash and the offset.
    std::string id_prefix;
    /// Stored at or after, and before.
    TimeMs stored_from = 0, stored_before = 0;
    /// Failed or completed at or after, and before; others never match such a bound.
    TimeMs ended_from = 0, ended_before = 0;
    /// Each must be there.
    std::vector<std::pair<std::string, std::string>> headers;
    /// Of a task: what was stored before it began.
    Offset below = std::numeric_limits<Offset>::max();

    bool operator==(const JobFilter&) const = default;
};
using JobFilterPtr = std::shared_ptr<const JobFilter>;

constexpr std::uint32_t state_bit(MessageState state) { return 1U << static_cast<std::uint8_t>(state); }

bool matches(const JobFilter& filter, QueueId queue, const StoredMessage& message);
/// What breaks a limit, with its field under `field`.
std::optional<Refusal> check_filter(const JobFilter& filter, const std::string& field);

}  // namespace baton::core
