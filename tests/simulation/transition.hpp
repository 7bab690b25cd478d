#pragma once
// The state machine of messages as a table: where a message stands, what happens, where it stands then. A row also says
// in which runs of the simulation it can be seen, or why Baton never does it. Plain values.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace baton::simulation {

/// Where a message stands. The last two are what an answer says of one that stays where it is.
enum class Standing : std::uint8_t {
    none,
    /// Kept for the end of the holder of its deduplication key; it has no offset yet.
    parked,
    waiting,
    prioritized,
    delayed,
    active,
    waiting_children,
    completed,
    failed,
    dead_lettered,
    cancelled,
    expired,
    dropped,
    gone,
    unchanged,
    refused,
};
inline constexpr std::size_t standings = 16;

enum class Trigger : std::uint8_t {
    add,
    add_flow,
    /// Another with its id, or its deduplication key, is added.
    id_taken,
    key_taken,
    queue_full,
    schedule_fires,
    /// It comes as a dead letter, or is redriven.
    moved_in,
    redrive,
    /// The holder that it was parked behind has ended.
    holder_over,
    due,
    promote,
    change,
    clear_key,
    lease,
    ttl,
    ack,
    late_ack,
    fail,
    fail_last,
    fail_terminal,
    release,
    deliveries_cap,
    wait_children,
    add_children,
    lease_ends,
    /// The same of one that its worker had begun.
    lease_lost,
    losses_cap,
    consumer_lost,
    restart,
    cancel,
    extend,
    progress,
    log,
    set_data,
    old_token,
    children_over,
    child_fails,
    child_continues,
    retry,
    remove,
    purge,
    retention,
    /// The next run of its schedule takes its place.
    newer_run,
    delete_queue,
    supersede,
};
inline constexpr std::size_t triggers = 45;

/// Kinds of runs, as bits.
enum class RunKind : std::uint8_t { plain = 1, flows = 2, finished = 4, schedules = 8, topics = 16 };

struct Transition {
    Standing from{};
    Trigger trigger{};
    Standing to{};
    /// Bits of RunKind: which runs see it with enough seeds.
    std::uint8_t seen_in = 0;
    /// Why Baton never does this; null for a row that is to be seen.
    const char* never = nullptr;
};

/// A place in the table.
using Row = std::uint16_t;
inline constexpr Row no_row = UINT16_MAX;

/// The table, in the order of the specification. transition_rows.cpp
std::span<const Transition> transitions();
/// no_row when the table has no such row.
Row row_of(Standing from, Trigger trigger, Standing to);
/// Whether such runs are to see it.
bool is_demanded(const Transition& transition, RunKind kind);
const char* to_text(Standing standing);
const char* to_text(Trigger trigger);
/// "waiting | lease | active"
std::string to_text(const Transition& transition);

}  // namespace baton::simulation
