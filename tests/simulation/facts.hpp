#pragma once
// What the simulation knows about messages and queues: certain facts from what the broker said, and open possibilities
// from what was asked and not yet answered. Plain values, owned by the Ledger.

#include "server/core/effect.hpp"
#include "server/core/place.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton::simulation {

/// Identity of a message: the number in its payload.
using Number = std::uint64_t;

inline constexpr core::TimeMs never = 1LL << 60;

/// The newest delivery of a message.
struct LeaseFacts {
    core::Token token;
    core::SessionId session{};
    core::ConsumerId consumer{};
    /// What it was given, and what an extend without a time gives again.
    core::DurationMs lease_ms = 0, batch_lease_ms = 0;
    /// Of its queue when it was given.
    std::uint32_t settings_version = 0;
    /// It cannot end by time before the first, and has surely ended by the second.
    core::TimeMs ends_from = 0, ends_by = 0;
    /// When its run limit may end it, and has surely done so; never without one.
    core::TimeMs runs_from = never, runs_by = never;
    /// When its consumer may be given up; never while it is connected and open.
    core::TimeMs lost_from = never;
    bool started = false, maybe_started = false;
    /// Its consumer was closed, or may have been given up before a restart: no re-declaration takes that back.
    bool maybe_given_back = false;
    /// Its client came back without it: given back uncounted.
    bool forgotten = false;
    /// Acks, fails and releases with its token that are not answered.
    std::uint32_t settles_open = 0;
    /// Such a settle was taken.
    bool settled = false;
};

/// Why a message may come again, with the earliest time for it.
struct Comeback {
    std::optional<core::TimeMs> failed, released, retried, redriven;
    bool fail_taken = false, release_taken = false;
    std::uint32_t restarts = 0;
    core::TimeMs restarted_at = 0;
};

enum class Stored : std::uint8_t { asked, yes, refused };
enum class Presence : std::uint8_t { no, maybe, yes };

struct MessageFacts {
    Number number = 0;
    std::uint64_t wire_hash = 0;
    std::uint32_t wire_bytes = 0;
    Stored stored = Stored::asked;
    core::QueueId queue{};
    core::Offset offset = 0;
    bool moved = false;
    /// Was retried or redriven, perhaps with the counters of before.
    bool repaired = false;
    /// Not before this the first time; 0 when not delayed.
    core::TimeMs due_from = 0;
    bool delayed = false;
    /// Its own time to live, and the shortest that may hold. 0 = none.
    core::DurationMs own_ttl_ms = 0, ttl_low = 0;
    core::TimeMs stored_from = 0;
    /// Own lease or 0.
    core::DurationMs own_lease_ms = 0;
    /// As told with the newest delivery.
    core::Counters told;
    std::optional<LeaseFacts> lease;
    Comeback comeback;
    bool acked = false;
    Presence failed = Presence::no;
    /// Purged, swept with its queue, dropped or expired.
    Presence gone = Presence::no;
    Presence maybe_acked = Presence::no;
    /// Queues where it may turn up as a moved message.
    std::set<std::uint64_t> may_move_to;
    /// Where it stands: ready time between the two, within its priority.
    core::TimeMs place_from = 0, place_by = 0;
    std::uint32_t priority = 0;
    bool lifo = false;
    /// Its own number of tries and waits between them; 0 and none = its queue's.
    std::uint32_t own_attempts = 0;
    std::optional<core::Backoff> own_backoff;
    core::DurationMs own_run_limit = 0;
    /// Failures that were reported and not answered, and the class of the newest that was taken.
    std::uint32_t fails_open = 0;
    std::optional<std::string> last_error_class;
    /// Its cancel was answered: never delivered again, and gone by the second; never when it is not cancelled.
    bool cancelled = false;
    core::TimeMs gone_by = never;
    /// Empty = none.
    std::string group;
    /// Changes of its place or its time that were asked for and not answered.
    std::uint32_t edits_open = 0;
    /// A change left open where it stands, or when it is due.
    bool place_unsure = false, times_unsure = false;
    /// Its names; of the key also whether it is held until the message is finished. Empty when it has none.
    std::string id, key;
    bool key_until_finished = false;
    /// Another with its key may take its place.
    bool replaceable = false;
    bool ranked() const { return priority != 0 || lifo || !id.empty() || !key.empty() || !group.empty(); }
    /// Commit of the newest saved copy, for taking back what an unsynced commit said.
    std::uint64_t saved_at = 0;

    bool surely_here() const {
        return stored == Stored::yes && !acked && gone == Presence::no && maybe_acked == Presence::no &&
               may_move_to.empty() && !replaceable;
    }
};

struct QueueFacts {
    core::QueueId id{};
    std::string name;
    core::QueueSettings settings;
    /// Changes whenever an update is sent or answered: what was judged under another version is uncertain.
    std::uint32_t settings_version = 0;
    /// Updates asked for and not answered; and whether a crash left the answer of some open.
    std::uint32_t updates_open = 0;
    bool settings_unsure = false;
    bool settings_open() const { return updates_open != 0 || settings_unsure; }
    bool ever_run_limit = false, ever_ttl = false, ever_drops = false, ever_dead_letters = false,
         ever_remembers = false;
    /// The lowest caps it may ever have had; 0 = never any. What left by an earlier cap does not wait under a later
    /// one.
    std::uint32_t least_deliveries = 0, least_losses = 0;
    bool maybe_deleted = false, deleted = false;
    /// Purges, retries and redrives asked for so far.
    std::uint32_t purges = 0, retries = 0, redrives = 0;
    /// Queues that were ever its dead-letter target.
    std::set<std::uint64_t> dead_letter_ids;
    /// Purges, retries and redrives asked for and not answered.
    std::uint32_t repairs_open = 0;
    /// Bulk promotions asked for and not answered.
    std::uint32_t promotions_open = 0;
    /// Messages that surely wait and are ready, by the latest place they may have.
    std::set<std::pair<core::Place, Number>> ready;
    /// Messages that will surely be ready at a time if nothing else is heard of them.
    std::set<std::pair<core::TimeMs, Number>> returning;
};

/// A settle that was sent, message by message, until its answer.
struct OpenSettle {
    struct Item {
        std::uint32_t settlement = 0;
        core::Offset offset = 0;
        Number number = 0;
        bool known = false;
    };
    core::Settle request;
    core::TimeMs sent_at = 0;
    /// All of it was carried out or nothing, whatever its tokens hold.
    bool in_transaction = false;
    std::vector<Item> items;
    /// Settings versions of the queues when it was sent, by queue id.
    std::map<std::uint64_t, std::uint32_t> versions;
};

struct OpenProduce {
    std::string queue;
    std::vector<Number> numbers;
    std::uint64_t producer = 0, sequence = 0;
    core::TimeMs sent_at = 0;
    /// How often this producer and sequence was tried before, and how many of these tries were refused by now.
    std::uint32_t tries_before = 0, refused_before = 0;
    /// Purges and redrives of the queue asked for before, and whether some were not answered.
    std::uint32_t purges_before = 0, redrives_before = 0;
    bool repairs_open = false;
};

}  // namespace baton::simulation
