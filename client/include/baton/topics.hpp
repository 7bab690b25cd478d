#pragma once
// Topics: what is published once reaches every subscription, each with everything that a queue has.
//
//     baton::Topics topics(client);
//     topics.create("order.created");
//     topics.subscribe("order.created", "mail");
//     baton::Producer(client, "order.created").produce({.payload = "4711"});       // publishes
//     baton::Worker mail(client, "order.created/mail", [](baton::Job& job) { ... });
//
// A subscription is consumed, shown, paused, updated, peeked and purged, and its failed messages are retried, as the
// queue "topic/subscription" (Consumer, Worker, Admin). Every call blocks until the server has answered and throws
// Exception on a refusal. May be used by several threads at once.

#include "baton/binding.hpp"
#include "baton/connection.hpp"
#include "baton/counted.hpp"
#include "baton/queue_info.hpp"
#include "baton/trace.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct TopicOptions {
    TopicSettings topic = {};
    /// max_message_bytes, max_messages, max_bytes, durability, and overflow: reject, or drop_oldest.
    QueueSettings settings = {};
    /// Change the settings of an existing one instead of throwing queue_exists.
    bool update = false;
};

/// Where a subscription begins, or goes on.
class Start {
public:
    /// With what comes from now on.
    static Start now() { return {}; }
    /// The oldest message that the topic has.
    static Start beginning() { return Start(Kind::beginning, 0); }
    /// The newest message that the topic has, of a pattern that of each topic; then what comes.
    static Start last() { return Start(Kind::last, 0); }
    /// The last message of each key that a topic with `compact` has, but for tombstones; then what comes. Of a pattern
    /// of those of its topics that have it. Such a subscription is like one with a filter.
    static Start last_per_key() { return Start(Kind::last_per_key, 0); }
    /// This message, or the next one that is there.
    static Start offset(std::uint64_t offset) { return Start(Kind::offset, static_cast<std::int64_t>(offset)); }
    /// The first message stored at or after this, in milliseconds since 1970.
    static Start time(std::int64_t ms) { return Start(Kind::time, ms); }

    enum class Kind : std::uint8_t { now, beginning, offset, time, last, last_per_key };
    Kind kind() const { return kind_; }
    std::int64_t value() const { return value_; }

private:
    Start() = default;
    Start(Kind kind, std::int64_t value) : kind_(kind), value_(value) {}
    Kind kind_ = Kind::now;
    std::int64_t value_ = 0;
};

struct SubscriptionOptions {
    Start start = Start::now();
    /// As those of a queue of profile message.
    QueueSettings settings = {};
    /// The topic keeps what this one has not acked, whatever its retention.
    std::optional<bool> hold = {};
    /// Absent: all messages; in an update, as it is. Another one holds for what is looked at from then on.
    std::optional<Filter> filter = {};
    /// Change the settings of an existing one instead of throwing queue_exists.
    bool update = false;
};

struct SeekOptions {
    /// Only count.
    bool dry_run = false;
    /// Drop the failed set; without, a seek back throws messages_failed while there is one.
    bool drop_failed = false;
};

class Topics {
public:
    explicit Topics(const Client& client);

    /// Does nothing when it is there as asked for. Throws queue_exists when a queue has the name.
    QueueInfo create(const std::string& name, const TopicOptions& options = {});
    /// Changes what is given, leaves the rest.
    QueueInfo update(const std::string& name, const TopicSettings& topic, const QueueSettings& settings = {});
    QueueInfo show(const std::string& name);
    /// All of them, page by page.
    std::vector<QueueInfo> list(const std::string& prefix = "");
    /// With its subscriptions; their consumers are told.
    void remove(const std::string& name);
    /// Takes out what is below an offset; what is in flight, or held for a subscription, goes later. How many that is.
    Counted trim(const std::string& name, std::uint64_t below_offset);
    /// The same with what was stored before a time, in milliseconds since 1970.
    Counted trim_before(const std::string& name, std::int64_t ms);

    /// What became of a message in each subscription, for as long as the topic keeps it: then message_not_found.
    MessageTrace trace(const std::string& topic, std::uint64_t offset);
    /// When and to whom it was delivered, and what came of it, in each subscription that keeps events
    /// (TopicSettings::delivery_log) and whose offset of the message is known (TraceRow::offset). Reads the events of
    /// one subscription after the other.
    std::vector<DeliveryLog> delivery_log(const MessageTrace& trace);

    /// Makes a subscription; does nothing when it is there as asked for, wherever it is. `topic` may be a pattern of
    /// topics, of later ones too: * is one word, # any number, > one or more at the end.
    QueueInfo subscribe(const std::string& topic, const std::string& name, const SubscriptionOptions& options = {});
    std::vector<QueueInfo> subscriptions(const std::string& topic);
    void unsubscribe(const std::string& topic, const std::string& name);
    /// The subscription goes on elsewhere: what it holds is revoked, what it would try again is forgotten. How many
    /// messages it passes over, or comes back to.
    Counted seek(const std::string& topic, const std::string& name, const Start& start,
                 const SeekOptions& options = {});

    /// What is published to the topics becomes a job of the queue, in the same write. Does nothing when it is there as
    /// asked for; throws binding_exists when one of this name differs, unless `update`.
    void bind(const Binding& binding, bool update = false);
    void unbind(const std::string& name);
    std::vector<Binding> bindings(const std::string& prefix = "");

private:
    std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace baton
