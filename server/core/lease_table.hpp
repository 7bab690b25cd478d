#pragma once
// The leases of one cursor: delivered batches, each with the messages of it that are not settled yet, and their
// deadlines.
//
// A batch is one delivery frame. Its messages are addressed by offset; inside the batch by position, so that settling a
// thousand messages costs a few words of a bitmap. Sizes are kept by sharing the entries' index, never their bodies.

#include "server/core/entry_run.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

struct Consumer;

/// Adjacent offsets of a batch.
struct LeasedRun {
    Offset first = 0;
    std::uint32_t count = 0;
    /// Position of `first` in the batch.
    std::uint32_t position = 0;
    TimeMs stored_at = 0;
    /// Null after a restart: sizes then come from the chunk.
    std::shared_ptr<const EntryIndex> index;
    std::uint32_t index_from = 0;
};

/// What is uncommon about one leased message.
struct LeasedDetail {
    Counters counters{1, 0, 0};
    Cause cause = Cause::none;
    std::vector<Attempt> attempts;
    /// Set when the message came from the timed lane: its record, with the body.
    std::optional<MessageRecord> lane;
    /// Own deadline after an extend of a part of the batch, or from the message's own lease; 0 = the batch's.
    TimeMs deadline = 0;
    /// Not held for longer than this, whatever is extended; 0 = no such end.
    TimeMs ends_at = 0;
    /// Given up while it is held: gone when the lease ends, however it ends but by an ack.
    bool cancelled = false;
    bool isolated = false;
    /// Of a key-shared subscription: the key that its consumer has for as long. Memory only.
    GroupPtr key = nullptr;
};

struct LeaseBatch {
    BatchNumber number = 0;
    std::uint64_t epoch = 0;
    SessionId session{};
    ConsumerId consumer_id{};
    /// Null while the consumer is not there (restored, not yet re-declared).
    Consumer* consumer = nullptr;
    std::string worker;
    DurationMs lease_ms = 0;
    TimeMs delivered_at = 0;
    TimeMs deadline = 0;
    /// When what is held has run as long as it may; 0 = no limit.
    TimeMs ends_at = 0;
    /// The earliest of all deadlines, as filed in the table.
    TimeMs filed_deadline = 0;
    std::vector<LeasedRun> runs;
    std::vector<std::uint64_t> settled;
    std::vector<std::uint64_t> started;
    std::map<std::uint32_t, LeasedDetail> details;
    std::uint32_t size = 0;
    std::uint32_t open = 0;
    std::uint64_t open_bytes = 0;
    bool recorded = false;
    /// True for the batch that holds what may have been delivered before a restart.
    bool restart_hold = false;
    /// It is one message alone, whose last holder was lost.
    bool isolated = false;

    bool is_settled(std::uint32_t position) const { return (settled[position / 64] >> (position % 64) & 1) != 0; }
    bool any_started() const {
        return std::any_of(started.begin(), started.end(), [](std::uint64_t word) { return word != 0; });
    }
    bool is_started(std::uint32_t position) const { return (started[position / 64] >> (position % 64) & 1) != 0; }
    /// The run with this offset, or null.
    const LeasedRun* run_of(Offset offset) const;
    std::uint32_t position_of(const LeasedRun& run, Offset offset) const {
        return run.position + static_cast<std::uint32_t>(offset - run.first);
    }
    TimeMs deadline_of(std::uint32_t position) const;
    /// When the lease ends whatever is extended; 0 = never.
    TimeMs ends_of(std::uint32_t position) const;
    bool is_cancelled(std::uint32_t position) const;
    /// The earliest deadline of what is open.
    TimeMs earliest_deadline() const;
};

class LeaseTable {
public:
    /// Takes over a batch whose runs are filled in; sets positions, bitmaps and files its deadline.
    LeaseBatch& add(LeaseBatch&& batch);
    LeaseBatch* find(BatchNumber number);
    /// The batch that holds this offset unsettled, or null. Walks the batches: for refusals and peeks only.
    LeaseBatch* holder_of(Offset offset);
    /// Call after changing deadlines.
    void refile(LeaseBatch& batch);
    /// The batch is the last to have a deadline, until it is filed anew.
    void hold_back(LeaseBatch& batch);
    /// Removes a batch that has nothing open.
    void erase(BatchNumber number);

    /// The batch with the earliest deadline, or null.
    LeaseBatch* earliest();
    const std::map<BatchNumber, std::unique_ptr<LeaseBatch>>& batches() const { return batches_; }
    bool empty() const { return batches_.empty(); }
    void clear();

private:
    std::map<BatchNumber, std::unique_ptr<LeaseBatch>> batches_;
    std::set<std::pair<TimeMs, BatchNumber>> deadlines_;
};

/// Sets bits [begin, begin + count); the words must be there.
void set_bits(std::vector<std::uint64_t>& words, std::uint32_t begin, std::uint32_t count);
/// True when none of the bits [begin, begin + count) is set.
bool none_set(const std::vector<std::uint64_t>& words, std::uint32_t begin, std::uint32_t count);

}  // namespace baton::core
