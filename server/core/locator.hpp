#pragma once
// Mutations of locators: small records that tell where in the lanes a message of a given id is. Plain values.

#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <cstdint>

namespace baton::core {

/// Where the lane record of one message is, so that a request can name it by its id. In queues of profile job
/// and in subscriptions only.
struct PutLocator {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
    Lane lane = Lane::timed;
    TimeMs at = 0;
    std::int64_t rank = 0;
    GroupId group = {};
};
struct RemoveLocator {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
};
/// Deletes every locator of a queue (one range): for purge only.
struct SweepLocators {
    NamespaceId ns{};
    QueueId id{};
};

}  // namespace baton::core
