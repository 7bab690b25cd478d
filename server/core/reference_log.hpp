#pragma once
// Subscriptions that select: by a pattern of topics, or by a filter. Each has a log of its own in which stands where
// its messages are in the logs of their topics, so that it pays for what it gets and nothing for what it does not, and
// a body is stored once. Included by the core's sources only.

#include "server/core/chunk.hpp"
#include "server/core/ids.hpp"
#include "server/core/read.hpp"
#include "server/core/route_table.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// What a subscription that selects may still need of one topic. A bound, not a list: with some references open, the
/// topic is needed from where it was when an earlier one was made. Memory only.
struct ReferenceSpan {
    /// Nothing before is needed.
    Offset from = 0;
    /// Once the subscription is done with its own log up to here, the topic is needed from `mark_topic` on.
    Offset mark = 0, mark_topic = 0;
    /// Behind the newest reference, in the own log and in the topic's.
    Offset last = 0, last_topic = 0;
};

/// A topic whose past is still to be looked through. On disk as PutFill.
struct Fill {
    Offset from = 0;
    /// What was stored before is left out.
    TimeMs since = 0;
    /// Of what is before this only the last message of each key is wanted; 0 = everything is.
    Offset last_per_key_below = 0;
};
/// A part of the past of a topic is read for it.
struct FillReferences {
    QueueId topic{};
    /// Of the subscription when the read was asked for.
    std::uint64_t version = 0;
};

/// Of one subscription that selects.
struct ReferenceLog {
    Route route;
    std::map<QueueId, ReferenceSpan> spans;
    /// Below this in the own log it is not known what is referred to: everything may be.
    Offset unknown_below = 0;
    /// The spans are looked at again when the subscription is done up to here.
    Offset look_at = std::numeric_limits<Offset>::max();
    std::map<QueueId, Fill> fills;
    bool filling = false;
    std::uint64_t version = 0;
};

/// Nothing of a topic is needed any more.
inline constexpr Offset needs_nothing = std::numeric_limits<Offset>::max();

/// That of a subscription that selects, made when it has none.
ReferenceLog& references_of(Queue& subscription);
/// Refers to the messages [first, first + run.count) of a topic, which the run holds, at the end of the subscription's
/// log. With a meta it is one message.
void append_references(State& state, Queue& subscription, const Queue& topic, const EntryRun& run, Offset first,
                       const MetaPtr& meta, TimeMs stored_at, Round& round);
/// The subscription may need the topic from here on.
Offset needed_from(const Queue& subscription, QueueId topic);
/// False: since a restart everything counts as needed, until what was there then is done.
bool knows_needs(const Queue& subscription);
/// It is done with some of its messages: topics may be let go.
void references_advanced(State& state, Queue& subscription);
/// After a restart it is not known what it refers to.
void forget_references(Queue& subscription);
/// What is gone from these chunks of it, or from the topics that they refer to, is lost to it, and counted.
void lose_missing(State& state, Queue& subscription, const std::vector<ChunkPtr>& found, Round& round);

// ---- reference_fill.cpp

/// The topic's past from an offset or a time on is looked through before what comes now.
void begin_fill(State& state, Queue& subscription, const Queue& topic, const Fill& fill, Round& round);
/// What was to be looked through is not any more.
void end_fills(State& state, Queue& subscription, Round& round);
/// What is published there is not for the subscription yet: the look through the past will come to it.
bool is_filling(const Queue& subscription, QueueId topic);
void run_fills(State& state, Queue& subscription, Round& round);
void fill_arrived(State& state, Queue& subscription, const FillReferences& step, const ChunksRead& found, Round& round);

}  // namespace baton::core
