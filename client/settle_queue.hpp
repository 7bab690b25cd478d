#pragma once
// Settles that wait to be sent, gathered: those of one delivery with the same action share a settlement, and their
// offsets become as few ranges as possible. Not thread-safe; the consumer's lock guards it.

#include "baton/batch.hpp"
#include "client/delivered_frame.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baton::detail {

struct SettleAction {
    // The field numbers of the oneof in Settlement.
    enum class Kind : std::uint8_t { ack = 3, fail = 4, release = 5, extend = 6, started = 7, penalise = 10 };
    Kind kind = Kind::ack;
    std::string reason;
    bool terminal = false;
    std::optional<std::uint64_t> retry_after_ms;
    /// Release: the delay. Extend: the lease. Penalise: how long its queue is held back.
    std::uint64_t time_ms = 0;
    std::string error_class = {};
    std::string stack = {};
    /// Penalise: only the message's group is held back.
    bool group = false;
    /// Ack: what was returned.
    std::optional<JobResult> result;

    bool ends_lease() const { return kind != Kind::extend && kind != Kind::started; }
    bool operator==(const SettleAction&) const = default;
};

/// Reason and stack are cut to what the server keeps. batch.cpp
SettleAction fail_action(FailOptions&& options);

/// Who wants to know the result, and of which messages.
struct SettleTicket {
    std::vector<OffsetRange> ranges;
    SettleCallback callback;
};

struct Settlement {
    DeliveredFramePtr frame;
    /// Ascending and disjoint once taken from the queue.
    std::vector<OffsetRange> ranges;
    SettleAction action;
    std::vector<SettleTicket> tickets;
    /// How many settle calls it stands for.
    std::uint64_t calls = 1;
};

class SettleQueue {
public:
    /// `ranges` lie in `frame`. False when they are empty: nothing was added, and no answer will come.
    bool add(DeliveredFramePtr frame, std::vector<OffsetRange>&& ranges, const SettleAction& action,
             SettleCallback callback);
    /// The oldest settlements, bounded by what one request may carry.
    std::vector<Settlement> take();
    /// Undoes take().
    void put_back(std::vector<Settlement>&& taken);
    bool empty() const { return waiting_.empty(); }

private:
    std::deque<Settlement> waiting_;
};

/// Sorts, and merges what touches or overlaps.
void merge_ranges(std::vector<OffsetRange>& ranges);
/// The fields of a Settle with these settlements.
std::string encode_settlements(std::span<const Settlement> settlements);
/// The part of `refused` that lies in `ranges`.
std::vector<OffsetRange> overlap(std::span<const OffsetRange> ranges, OffsetRange refused);

}  // namespace baton::detail
