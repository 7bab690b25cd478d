#pragma once
// Messages: what a producer gives, and what a consumer gets. A MessageView is a pair of pointers into the buffer that
// the delivery was received in: copy it freely, but only use it while the Batch or Received it came from lives.
// Views are read-only and may be read by several threads at once.

#include "baton/history.hpp"
#include "baton/identity.hpp"
#include "baton/retry.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

namespace detail {
struct DeliveredFrame;
}

struct Header {
    std::string key;
    std::string value;
    bool operator==(const Header&) const = default;
};

/// Absent = the queue's setting.
struct MessageOptions {
    /// Not delivered before now + delay in the server's time. Excludes due_ms.
    std::optional<std::chrono::milliseconds> delay;
    /// Not delivered before this time, milliseconds since 1970.
    std::optional<std::int64_t> due_ms;
    /// Expires when it was not settled this long after it was stored.
    std::optional<std::chrono::milliseconds> ttl;
    std::optional<std::chrono::milliseconds> lease;
    /// 0 to 2,097,151; lower goes first, and 0 (none) before every other.
    std::optional<std::uint32_t> priority;
    /// In front of its priority instead of behind it. Refused in a queue with aging.
    bool lifo = false;
    /// Failures before it goes to the failed set: tries in all, 1 to 65,535.
    std::optional<std::uint32_t> max_attempts;
    std::optional<Backoff> backoff;
    /// How long one attempt may run from its delivery, whatever is extended.
    std::optional<std::chrono::milliseconds> run_limit;
    /// See groups.hpp. UTF-8, at most 255 bytes; empty = none.
    std::string group = {};
    /// The message's own id: any UTF-8, 1 to 256 bytes. While a message of the queue has it, others are not stored.
    std::optional<std::string> id = {};
    std::optional<Dedup> dedup = {};

    bool any() const {
        return delay || due_ms || ttl || lease || priority || lifo || max_attempts || backoff || run_limit ||
               !group.empty() || id || dedup;
    }
};

struct Message {
    std::string payload;
    /// What kind of message this is, for handlers that switch on it. UTF-8, at most 255 bytes; may be empty.
    std::string name;
    /// Keys are UTF-8. At most 64 headers, 16 KiB in all.
    std::vector<Header> headers;
    MessageOptions options;
};

/// Why a message is delivered again; the numbers are those of the protocol.
enum class Cause : std::uint8_t {
    none = 0,
    failed = 1,
    lease_expired = 2,
    released = 3,
    consumer_lost = 4,
    restart = 5,
    retried = 6,
    redriven = 7,
};
/// "none", "failed", "lease_expired", ...
const char* to_text(Cause cause);

/// The firing of a schedule that made a message.
struct ScheduledRun {
    std::string schedule;
    /// When the pattern said that it was due, without jitter, milliseconds since 1970.
    std::int64_t firing_ms = 0;
};

struct HeaderView {
    std::string_view key;
    std::string_view value;
};

/// A delivered message, decoded where it lies.
class MessageView {
public:
    MessageView(const detail::DeliveredFrame& frame, std::uint32_t index) : frame_(&frame), index_(index) {}

    std::string_view payload() const;
    std::string_view name() const;
    std::vector<HeaderView> headers() const;
    /// The value of the first header with this key.
    std::optional<std::string_view> header(std::string_view key) const;

    std::uint64_t offset() const;
    MessageId id() const;
    /// In a subscription: the topic that it was published to, and its offset there. Empty and 0 in a queue, and when
    /// the topic of a pattern is gone.
    std::string_view topic() const;
    std::uint64_t topic_offset() const;
    /// When it was stored, milliseconds since 1970.
    std::int64_t stored_ms() const;
    /// This delivery included: 1 for the first.
    std::uint32_t deliveries() const;
    std::uint32_t failures() const;
    std::uint32_t lease_losses() const;
    Cause cause() const;
    /// Null unless the message was moved here from another queue.
    const Origin* origin() const;
    /// The ids that its producer gave it; empty = none.
    const std::string& own_id() const;
    const std::string& dedup_id() const;
    /// 0 = none.
    std::uint32_t priority() const;
    /// Its own number of tries; 0 = the queue's.
    std::uint32_t max_attempts() const;
    std::string_view group() const;
    /// It is the parent of a flow: Flows tells the results of its children.
    bool has_children() const;
    /// Null unless a schedule made the message.
    const ScheduledRun* scheduled() const;
    /// How long the lease was when it was delivered.
    std::chrono::milliseconds lease() const;

    const detail::DeliveredFrame& frame() const { return *frame_; }
    std::uint32_t index() const { return index_; }

private:
    const detail::DeliveredFrame* frame_;
    std::uint32_t index_;
};

}  // namespace baton
