#pragma once
// A message as listings show it, with its state and history. Plain values.

#include "baton/message.hpp"
#include "baton/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// The numbers are those of the protocol.
enum class MessageState : std::uint8_t {
    unspecified = 0,
    waiting = 1,
    delayed = 2,
    leased = 3,
    failed = 4,
    prioritized = 5,
    grouped = 6,
    completed = 7,
    waiting_children = 8
};
const char* to_text(MessageState state);

/// A message as peek and the failed set show it.
struct StoredMessage {
    MessageId id;
    MessageState state = MessageState::unspecified;
    std::int64_t stored_ms = 0;
    /// Delayed: when it is due. Leased: when the lease ends. Failed and completed: when it ended.
    std::int64_t at_ms = 0;
    std::uint32_t deliveries = 0;
    std::uint32_t failures = 0;
    std::uint32_t lease_losses = 0;
    /// Failed: why, in the words of Origin::reason.
    std::string reason;
    std::vector<Attempt> attempts;
    std::optional<Origin> origin;
    std::optional<ScheduledRun> scheduled;
    /// 0 = none.
    std::uint32_t priority = 0;
    bool lifo = false;
    /// Empty = none.
    std::string group = {};
    /// The parents of flows that it is a child of; and whether it has children itself (see flows.hpp).
    std::vector<MessageId> parents = {};
    bool has_children = false;
    /// When it became, or becomes, ready for the first time.
    std::int64_t ready_ms = 0;
    /// By its own time to live; 0 = none.
    std::int64_t expires_ms = 0;
    /// Its own lease; 0 = the queue's.
    std::uint32_t lease_ms = 0;
    /// Its own number of tries, and the waits between them; 0 and absent = the queue's.
    std::uint32_t max_attempts = 0;
    /// Leased, and cancelled: gone when the lease ends.
    bool cancelling = false;
    /// Its holder was lost while it worked on it: it is delivered alone until it is acked or fails.
    bool isolated = false;
    /// How long one attempt of it may run; 0 = the queue's.
    std::chrono::milliseconds run_limit{0};
    std::optional<Backoff> backoff;
    /// Completed: when it was delivered to the worker that completed it, who that was, and what it returned.
    std::int64_t started_ms = 0;
    std::string worker;
    std::optional<JobResult> result;
    /// What it said of its progress last, and when; and how many lines its log has. Only from Admin::show_job.
    std::optional<std::string> progress;
    std::int64_t progress_ms = 0;
    std::uint64_t log_lines = 0;
    /// In a subscription with a pattern or a filter: the topic that it was published to, empty when that is gone, and
    /// its offset there.
    std::string topic = {};
    std::uint64_t topic_offset = 0;
    /// The id that its producer gave it; empty = none.
    std::string own_id;
    /// How it was deduplicated; absent once it has lost its deduplication id.
    std::optional<Dedup> dedup;
    /// Empty, with name and headers, when they were not kept with a completed message.
    std::string payload;
    std::string name;
    std::vector<Header> headers;
};

struct MessagePage {
    std::vector<StoredMessage> messages;
    /// Opaque bytes: pass as `cursor` for the next page; empty on the last.
    std::string next;
};

}  // namespace baton
