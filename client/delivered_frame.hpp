#pragma once
// One delivery as received: the bytes where they lie, an index over the entries, and which messages were settled.
// Immutable but for the marks, which the consumer's lock guards.

#include "baton/message.hpp"
#include "client/request_table.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::detail {

/// The fencing token of the batch.
struct Token {
    std::uint64_t epoch = 0;
    std::uint64_t queue_id = 0;
    std::uint64_t batch = 0;
};

/// Messages [first, first + count) of a log.
struct OffsetRange {
    std::uint64_t first = 0;
    std::uint32_t count = 0;
    bool operator==(const OffsetRange&) const = default;
};

struct DeliveredFrame {
    struct Run {
        std::uint64_t first_offset = 0;
        std::int64_t stored_ms = 0;
        /// Index of its first entry, and how many there are.
        std::uint32_t from = 0;
        std::uint32_t count = 0;
        /// Empty when the server does not say: it is the one that the queue is a subscription of, if it is one.
        std::string_view topic = {};
        std::uint64_t topic_offset = 0;
    };
    struct Detail {
        std::uint64_t offset = 0;
        std::uint32_t deliveries = 1;
        std::uint32_t failures = 0;
        std::uint32_t lease_losses = 0;
        Cause cause = Cause::none;
        std::uint32_t lease_ms = 0;
        std::uint32_t priority = 0;
        std::uint32_t max_attempts = 0;
        std::string own_id, dedup_id;
        std::shared_ptr<const Origin> origin;
        std::shared_ptr<const ScheduledRun> scheduled;
        std::string group;
        bool has_children = false;
    };
    /// Where the body of an entry lies.
    struct Slot {
        const char* data = nullptr;
        std::uint32_t bytes = 0;
    };

    /// Keeps what the slots point to.
    std::shared_ptr<const void> owner;
    std::uint64_t consumer_id = 0;
    Token token;
    std::uint32_t lease_ms = 0;
    /// Of a subscription of one whole topic: that. Set by the consumer.
    std::string topic;
    std::vector<Run> runs;
    std::vector<Slot> slots;
    /// Ascending by offset.
    std::vector<Detail> details;

    /// Guarded by the consumer's lock from here on. When the shortest lease in it ends, as far as the client knows.
    mutable TimePoint lease_end = TimePoint::max();
    mutable std::vector<bool> settled;
    mutable std::uint32_t settled_count = 0;
    /// Of those, how many the server has confirmed.
    mutable std::uint32_t confirmed_count = 0;

    std::uint32_t count() const { return static_cast<std::uint32_t>(slots.size()); }
    std::string_view entry(std::uint32_t index) const { return {slots[index].data, slots[index].bytes}; }
    const Run& run_of(std::uint32_t index) const;
    std::uint64_t offset_of(std::uint32_t index) const;
    /// Null for a common message.
    const Detail* detail_of(std::uint32_t index) const;
    bool is_settled(std::uint32_t index) const {
        return settled_count != 0 && (settled_count == count() || (!settled.empty() && settled[index]));
    }
    /// The shortest lease of all its messages.
    std::chrono::milliseconds lease_min() const;

    /// Marks messages [from, from + count) as settled; returns the offsets of those that were not before.
    std::vector<OffsetRange> settle(std::uint32_t from, std::uint32_t count) const;
    /// The offsets in [from, from + count) that are not settled.
    std::vector<OffsetRange> unsettled(std::uint32_t from, std::uint32_t count) const;
};
using DeliveredFramePtr = std::shared_ptr<const DeliveredFrame>;

/// Decodes the body of a Delivery. A large one stays where it was received, a small one is copied so that it does not
/// pin a whole receive block. Null when it is malformed.
std::shared_ptr<DeliveredFrame> read_delivery(std::string_view body, ReceiveBuffer& buffer);

}  // namespace baton::detail
