#pragma once
// What a round changes on disk about bindings, and about subscriptions that look through the past of topics: a part of
// Mutation.

#include "server/core/binding.hpp"
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
};
struct RemoveFill {
    NamespaceId ns{};
    QueueId id{};
    QueueId topic{};
};

}  // namespace baton::core
