#pragma once
// The index of names of a queue: who has an id or a deduplication key, and what becomes of both when their message is
// finished. Included by the core's sources only.

#include "server/core/identity_mutation.hpp"
#include "server/core/message_state.hpp"
#include "server/core/read.hpp"

#include <optional>
#include <vector>

namespace baton::core {

struct EntryOptions;
struct Queue;
struct Request;
struct Round;
struct State;

/// How a message leaves, as its names see it.
enum class NameEnding : std::uint8_t {
    /// Done, expired, dropped or moved elsewhere: its id may be remembered.
    finished,
    /// Removed by hand or replaced: its id is free at once.
    removed,
    /// Failed for good and kept: it still has its id, but no longer its key.
    kept,
};

/// Whether the name may still be held at `now`, as far as its record alone tells.
bool is_held(const Queue& queue, NameKind kind, const NameRecord& record, TimeMs now);

/// The name belongs to `record` from now on; `before` is what the index said, where that is known to end later.
void put_name(State& state, Queue& queue, const Name& name, NameRecord record, const std::optional<NameRecord>& before,
              Round& round);
/// What would bring an end back is gone; `until` INT64_MAX for one by count.
void remove_name_end(State& state, Queue& queue, TimeMs until, std::uint64_t number, Round& round);
void remove_name(State& state, Queue& queue, const Name& name, const std::optional<NameRecord>& before, Round& round);

/// A message leaves: its names are free, remembered, or pass on to what is parked behind it. Costs nothing for one
/// without names.
void names_ended(State& state, Queue& queue, const MetaPtr& meta, Offset offset, NameEnding ending, TimeMs now,
                 Round& round);
/// The same options and history without the deduplication key.
MetaPtr without_key(const MetaPtr& meta);

void apply_dedup_request(State& state, Request&& request, TimeMs now, Round& round);  // dedup_requests.cpp

// ---- name_reads.cpp

/// True when the index is known for all of these. Else they are being read, and a produce that waits for that is to be
/// left in `queue.names.waiting_produce`.
bool names_known(State& state, Queue& queue, const std::vector<Name>& names, Round& round);
/// Parks `request` until these names are read.
void read_names(State& state, Queue& queue, std::vector<Name> names, Request&& request, Round& round);
struct LoadNames;
void names_arrived(State& state, QueueId id, LoadNames&& load, NamesRead&& found, TimeMs now, Round& round);

// ---- name_sweep.cpp

/// Forgets what has ended, and after a purge what it left over: a slice a round.
void sweep_names(State& state, Queue& queue, TimeMs now, Round& round);
struct SweepNames;
void sweep_arrived(State& state, QueueId id, const SweepNames& sweep, ReadAnswer&& answer, TimeMs now, Round& round);

// ---- parked.cpp

/// Keeps the message until the holder is finished, instead of what was kept before.
void park(State& state, Queue& queue, Parked&& parked, Round& round);
/// Takes what is parked with this key; nothing when there is none.
std::optional<Parked> take_parked(State& state, Queue& queue, const std::string& key, Round& round);
/// Produces it; the key is its own from now on.
void release_parked(State& state, Queue& queue, Parked&& parked, TimeMs now, Round& round);
/// After a purge: what was parked behind a message that is gone goes along.
void purge_parked(State& state, Queue& queue, Round& round);

}  // namespace baton::core
