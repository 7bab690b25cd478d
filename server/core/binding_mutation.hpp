#pragma once
// What a round changes on disk about bindings, and about subscriptions that look through the past of topics: a part of
// Mutation.

#include "server/core/binding.hpp"
#include "server/core/group_id.hpp"
#include "server/core/ids.hpp"

namespace baton::core {

/// Filed with the queue that it leads into.
struct PutBinding {
    NamespaceId ns{};
    BindingId id{};
    QueueId queue{};
    BindingSpec spec;
};
struct RemoveBinding {
    NamespaceId ns{};
    BindingId id{};
    QueueId queue{};
};
/// How far a subscription has come with the past of a topic.
struct PutFill {
    NamespaceId ns{};
    QueueId id{};
    QueueId topic{};
    Offset from = 0;
    TimeMs since = 0;
    Offset last_per_key_below = 0;
};
struct RemoveFill {
    NamespaceId ns{};
    QueueId id{};
    QueueId topic{};
};
/// Of a topic with `compact`: the last message with a key. Written with the message, read by ReadChunks.
struct PutLastOfKey {
    NamespaceId ns{};
    QueueId id{};
    GroupId key;
    Offset offset = 0;
};
/// This message went, and none of its key before it is there. Where it is not the last any more nothing is removed.
struct RemoveLastOfKey {
    NamespaceId ns{};
    QueueId id{};
    GroupId key;
    Offset offset = 0;
};

}  // namespace baton::core
