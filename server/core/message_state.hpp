#pragma once
// Where a message is, as it is told to people. Sent on the wire: do not change these values.

#include <cstdint>

namespace baton::core {

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

}  // namespace baton::core
