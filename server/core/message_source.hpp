#pragma once
// Where a message came from that reached its subscription by a pattern or a filter. Plain values.

#include "server/core/ids.hpp"

namespace baton::core {

/// Where a message of a subscription that selects was published: topic 0 = it is of no such one.
struct MessageSource {
    QueueId topic{};
    Offset offset = 0;
    bool operator==(const MessageSource&) const = default;
};

}  // namespace baton::core
