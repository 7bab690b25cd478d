#pragma once
// What becomes of each entry of a produce whose entries have names: stored, or a duplicate of another message, or in
// its place, or parked behind it. Everything that must be read for that is read before anything is done. Included by
// the core's sources only.

#include "server/core/effect.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_state.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace baton::core {

struct EntryOptions;
struct EntryRun;
struct MessageMeta;
struct Produce;
struct Queue;
struct Request;
struct Round;
struct ScheduledRun;
struct State;

/// By entry index, ascending: what is refused of a produce in per-item mode.
using RefusedItems = std::vector<std::pair<std::uint32_t, Refusal>>;

struct EntryFate {
    enum class Kind : std::uint8_t { stored, refused, duplicate, replaces, parked };
    Kind kind = Kind::stored;
    /// The holder of the name; of a duplicate it may be an entry of the same produce instead.
    Offset holder = 0;
    MessageState state{};
    std::optional<std::uint32_t> twin;
    /// Begins the window of its key again.
    bool extends = false;
    /// A duplicate for its id, not for its key.
    bool by_id = false;
};

struct ProducePlan {
    /// Empty when every entry is simply stored.
    std::vector<EntryFate> fates;
    /// How much more the queue holds afterwards.
    std::uint64_t messages = 0, bytes = 0;
    /// Of what it parks.
    std::uint64_t parked_bytes = 0;
    /// Whether entry `i` counts in those.
    bool adds(std::uint32_t i) const { return fates.empty() || fates[i].kind == EntryFate::Kind::stored; }
};

// ---- produce.cpp

struct PreparedProduce {
    RefusedItems refused;
    ProducePlan plan;
    std::optional<Refusal> fault;
};
enum class Readiness : std::uint8_t { ready, parked, blocked, refused };
/// Whether a produce can be carried out as far as that is known without making room, so that nothing is dropped for one
/// of several that are done together or not at all. It is planned, and checked as a whole.
Readiness check_produce(State& state, Queue& queue, const Produce& produce, Request& request, PreparedProduce& out,
                        TimeMs now, Round& round);
/// Everything that a produce needs before it is carried out: checked, read, and room made for it. `request` is what
/// waits when it is parked or blocked: the produce itself, or what it is a part of.
Readiness prepare_produce(State& state, Queue& queue, const Produce& produce, Request& request, bool may_block,
                          PreparedProduce& out, TimeMs now, Round& round);
Produced finish_produce(State& state, Queue& queue, const Produce& produce, PreparedProduce&& prepared, TimeMs now,
                        Round& round);

/// The answer of the producer's memory: to one stored before, or one that it can no longer judge.
std::optional<ReplyBody> remembered_produce(const State& state, const Queue& queue, const Produce& produce, TimeMs now);
void remember_produce(State& state, Queue& queue, const Produce& produce, const Produced& done, TimeMs now,
                      Round& round);

// ---- produce_options.cpp

/// The options of one entry; `next` walks along the produce's own ones, ascending.
EntryOptions options_of(const Produce& produce, std::size_t& next, std::uint32_t index);
std::optional<Refusal> check_options(const Queue& queue, const EntryOptions& options);
Refusal too_large(const Queue& queue);
TimeMs due_of(const EntryOptions& options, TimeMs now);
/// Null when the message has no options that outlive its storing.
std::shared_ptr<MessageMeta> meta_of(const EntryOptions& options, TimeMs due);

/// Puts one message with options where it belongs. The offset is used up in any case.
void store_message(State& state, Queue& queue, const EntryRun& body, const EntryOptions& options, TimeMs now,
                   Round& round, std::shared_ptr<const ScheduledRun> scheduled = nullptr);

// ---- produce_plan.cpp

/// What of an entry's names is not allowed.
std::optional<Refusal> check_names(const EntryOptions& options);
/// True when some entry has a name.
bool has_names(const Produce& produce);
/// Asks for the names of a produce that waits behind another.
void read_names_ahead(State& state, Queue& queue, const Produce& produce, Round& round);
/// Nothing when the request was parked until something is read.
std::optional<ProducePlan> plan_produce(State& state, Queue& queue, const Produce& produce, Request& request,
                                        const RefusedItems& refused, TimeMs now, Round& round);
/// Memory has no room for so much more behind leased holders.
std::optional<Refusal> check_parked(const State& state, std::uint64_t bytes);

// ---- produce_named.cpp

/// Carries out a plan; `outcomes` are those of entries that were not simply stored. Returns how many took an offset.
std::uint32_t store_named(State& state, Queue& queue, const Produce& produce, const ProducePlan& plan,
                          std::vector<ItemOutcome>& outcomes, TimeMs now, Round& round);

}  // namespace baton::core
