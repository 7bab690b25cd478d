#pragma once
// Where a message stands, and what became of one entry of a produce that was not simply stored. Plain values.

#include "server/core/ids.hpp"

#include <cstdint>

namespace baton::core {

// Sent on the wire: do not change these values.
enum class MessageState : std::uint8_t {
    waiting = 1,
    delayed = 2,
    leased = 3,
    failed = 4,
    prioritized = 5,
    grouped = 6,
    completed = 7,
    waiting_children = 8
};
inline bool is_finished(MessageState state) {
    return state == MessageState::failed || state == MessageState::completed;
}

/// One entry whose id or deduplication key another message had. Stored on disk and sent on the wire: do not change the
/// values of its kinds.
struct ItemOutcome {
    enum class Kind : std::uint8_t { duplicate = 1, replaced = 2, parked = 3 };
    std::uint32_t index = 0;
    Kind kind = Kind::duplicate;
    /// duplicate: the message that stands for it. replaced: the one whose place it took. parked: the leased holder.
    Offset offset = 0;
    /// Of that message before; 0 = it is gone.
    MessageState state{};
    bool operator==(const ItemOutcome&) const = default;
};

}  // namespace baton::core
