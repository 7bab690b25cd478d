#pragma once
// One delivery being put together: which messages a consumer gets now, and the lease of them. Included by the core's
// sources only.

#include "server/core/chunk.hpp"
#include "server/core/effect.hpp"
#include "server/core/group_id.hpp"
#include "server/core/ids.hpp"
#include "server/core/lease_table.hpp"
#include "server/core/place.hpp"

#include <cstdint>
#include <optional>

namespace baton::core {

struct Consumer;
struct Queue;
struct Round;
struct State;

/// What one consumer would take now.
struct Want {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    DurationMs lease_ms = 0;
    RequestId request{};
};

/// One delivery being put together.
class Delivery {
public:
    Delivery(State& state, Queue& queue, Consumer& consumer, const Want& want, TimeMs now, Round& round)
        : state_(state), queue_(queue), consumer_(consumer), want_(want), now_(now), round_(round) {}

    /// Takes messages in place order until the want is met or nothing more is at hand.
    void fill() {
        while (taken_ < want_.messages && bytes_ < want_.bytes && !full_ && take_next()) {
        }
    }
    bool empty() const { return taken_ == 0; }
    /// True when the next message must be read from disk first.
    bool reading() const { return reading_; }
    /// True when the next message is delivered alone, and not to this consumer now.
    bool waits_alone() const { return waits_alone_; }
    void send();

private:
    bool take_next();
    /// The first place of all that is ready in the lanes, and in which.
    std::optional<Place> first_in_lanes(Lane& lane);
    const MessageRecord& head_of(Lane lane) const;
    MessageRecord take_record(Lane lane);
    bool drop_record(Lane lane, EndReason reason);
    /// Whether a message that is delivered alone may be taken; then nothing else is.
    bool may_take_alone();
    bool take_lane(Lane lane);
    /// From the group whose turn it is.
    bool take_group();
    bool take_again(Offset offset);
    /// In a key-shared subscription: what waits first, of keys that this consumer may have. deliver_keyed.cpp
    bool take_by_key();
    bool set_aside(Offset head, const Chunk& chunk, const GroupId& key);
    bool take_plain(Offset offset, const ChunkPtr& chunk);
    void add_run(Offset first, TimeMs stored_at, EntryRun run, const MessageSource& source);
    void add_detail(Offset offset, LeasedDetail&& detail, const MetaPtr& meta);
    /// How many of the run's first messages fit; one message alone always does.
    std::uint32_t fitting(const EntryRun& run) const;
    bool fits(std::uint64_t bytes) const { return taken_ == 0 || bytes_ + bytes <= want_.bytes; }

    State& state_;
    Queue& queue_;
    Consumer& consumer_;
    const Want& want_;
    TimeMs now_;
    Round& round_;
    Deliver out_;
    LeaseBatch batch_;
    std::uint64_t taken_ = 0, plain_ = 0, ranked_ = 0, bytes_ = 0;
    GroupId turn_;
    /// The ready record of the timed lane that is taken, when that is not the first.
    std::optional<Offset> chosen_;
    std::uint32_t set_aside_ = 0;
    bool full_ = false;
    bool reading_ = false;
    bool waits_alone_ = false;
};

}  // namespace baton::core
