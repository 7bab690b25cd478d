#pragma once
// What became of a message whose id or deduplication id another message had. Plain values.

#include "baton/stored_message.hpp"

#include <cstdint>

namespace baton {

/// Part of every Receipt. A refusal is none: that is an Error.
struct ProduceOutcome {
    // The numbers are those of the protocol, where that says something.
    enum class Kind : std::uint8_t {
        /// Stored as any other.
        created = 0,
        /// Not stored: another message has its id.
        duplicate = 1,
        /// Stored; the message that had the deduplication id is removed.
        replaced = 2,
        /// Kept until the holder of the deduplication id is finished, then stored.
        parked = 3,
    };
    Kind kind = Kind::created;
    /// duplicate: the message that stands for it. replaced: the removed one. parked: the holder.
    MessageId other;
    /// Of that message before; unspecified when it is gone and only its name is still held.
    MessageState state = MessageState::unspecified;

    /// The message is in the queue and has an offset of its own.
    bool stored() const { return kind == Kind::created || kind == Kind::replaced; }
};
/// "created", "duplicate", "replaced", "parked"
const char* to_text(ProduceOutcome::Kind kind);

}  // namespace baton
