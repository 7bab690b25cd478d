#pragma once
// Requests about deduplication keys, and what is told of one. Plain values.

#include "server/core/ids.hpp"
#include "server/core/message_state.hpp"

#include <optional>
#include <string>

namespace baton::core {

struct ShowDedup {
    std::string queue;
    std::string key;
};
/// The key is free at once; what is parked behind its holder is produced.
struct ClearDedup {
    std::string queue;
    std::string key;
    /// Only if this message has it.
    std::optional<Offset> if_holder;
};

struct DedupShown {
    QueueId queue{};
    Offset holder = 0;
    /// 0 = the message is gone, and its window still runs.
    MessageState state{};
    /// 0 = held until the message is finished.
    TimeMs until = 0;
    /// Something waits parked for the end of the holder.
    bool parked = false;
};

}  // namespace baton::core
