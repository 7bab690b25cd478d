#pragma once
// Requests about topics and subscriptions. Publishing is a Produce with the topic's name; whatever else is asked of a
// subscription is asked of the queue with its name. Plain values.

#include "server/core/ids.hpp"
#include "server/core/message_filter.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/topic.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baton::core {

/// Idempotent like CreateQueue. Answered by the info of the topic.
struct CreateTopic {
    std::string name;
    TopicSettingsChange topic;
    QueueSettingsChange settings;
    bool update = false;
};
struct UpdateTopic {
    std::string name;
    TopicSettingsChange topic;
    QueueSettingsChange settings;
};
/// With its subscriptions. Answered by Done.
struct DeleteTopic {
    std::string name;
};
/// Takes out what is below an offset, or was stored before a time, as far as it is in flight nowhere. Answered by
/// Counted.
struct TrimTopic {
    std::string name;
    Offset below = 0;
    /// Instead of the offset.
    std::optional<TimeMs> before = std::nullopt;
    /// While that time is looked for: it is in [low, high).
    Offset low = 0, high = 0;
    /// In this topic; another one of its name is looked through anew.
    QueueId looking{};
};
struct ListTopics {
    std::string prefix, after;
    std::uint32_t limit = 100;
};

/// Idempotent like CreateQueue, whatever its start. Answered by the info of the subscription.
struct CreateSubscription {
    /// A topic, or a pattern of topics, those that come later too.
    std::string topic, name;
    QueueSettingsChange settings;
    StartAt start = StartNow{};
    /// Null: all messages; in an update, as it is.
    MessageFilterPtr filter;
    /// The topic keeps what it has not acked. Absent: no, or as it is.
    std::optional<bool> hold;
    bool update = false;
    /// While the time that it starts at is looked for: it is in [low, high).
    Offset low = 0, high = 0;
    /// In this topic; another one of its name is looked through anew.
    QueueId looking{};
};
/// All of one topic.
struct ListSubscriptions {
    std::string topic, after;
    std::uint32_t limit = 100;
};
/// Goes on elsewhere: leases are revoked, retries forgotten. Refused while some have failed, unless they are dropped.
/// Answered by Counted: how many messages it goes over or comes back to.
struct SeekSubscription {
    std::string topic, name;
    StartAt start = StartNow{};
    bool dry_run = false;
    bool drop_failed = false;
    Offset low = 0, high = 0;
    /// In this topic; another one of its name is looked through anew.
    QueueId looking{};
};

}  // namespace baton::core
