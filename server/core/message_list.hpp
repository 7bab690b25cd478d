#pragma once
// Messages as they are shown: with their state, history and what they said. Plain values.

#include "server/core/job_report.hpp"
#include "server/core/message_record.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

struct StoredMessage {
    Offset offset = 0;
    MessageState state{};
    TimeMs stored_at = 0;
    TimeMs at = 0;
    /// When it became or becomes ready for the first time.
    TimeMs ready_at = 0;
    std::uint32_t priority = 0;
    bool lifo = false;
    DurationMs lease_ms = 0;
    /// By its own time to live; 0 = none.
    TimeMs expires_at = 0;
    Cause cause = Cause::none;
    Counters counters;
    EndReason reason = EndReason::none;
    std::vector<Attempt> attempts;
    std::shared_ptr<const Origin> origin;
    EntryRun body;
    std::shared_ptr<const ScheduledRun> scheduled = nullptr;
    /// Its own; 0 and null = the queue's.
    std::uint32_t max_attempts = 0;
    std::shared_ptr<const Backoff> backoff = nullptr;
    /// Leased, and cancelled: gone when the lease ends.
    bool cancelling = false;
    DurationMs run_limit_ms = 0;
    bool isolated = false;
    GroupPtr group = nullptr;
    /// The parents that wait for it, null = none; and whether it has children.
    FlowLinksPtr parents = nullptr;
    bool has_flow = false;
    /// Of a completed message: its batch in the log of its set, and its run.
    std::uint64_t finished_seq = 0;
    CompletionPtr completion = nullptr;
    /// What it said of its progress last; null when nothing. And how many lines its log has.
    JobProgressPtr progress = nullptr;
    std::uint64_t log_lines = 0;
    std::shared_ptr<const Identity> identity = nullptr;
    /// In a subscription that selects: where it was published, and the name of that topic while there is one.
    MessageSource source = {};
    std::string topic = {};
};
struct MessageList {
    QueueId queue{};
    std::vector<StoredMessage> messages;
    bool more = false;
    /// Of a listing: where it goes on, and how many messages were looked at.
    MessageState next_state{};
    std::uint32_t scanned = 0;
    TimeMs next_at = 0;
    Offset next_offset = 0;
    std::int64_t next_rank = 0;
    GroupId next_group = {};
};

}  // namespace baton::core
