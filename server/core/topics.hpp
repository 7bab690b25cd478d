#pragma once
// Topics: their log, what is kept of it, and the cursors over it. Included by the core's sources only.

#include "server/core/chunk.hpp"
#include "server/core/ids.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/read.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <optional>

namespace baton::core {

struct Namespace;
struct Queue;
struct Round;
struct State;

/// Where a start is, and the bytes of all messages from there on.
struct Beginning {
    Offset offset = 0;
    std::uint64_t bytes = 0;
};

bool is_topic_request(const RequestBody& body);  // topics.cpp
void apply_topic_request(State& state, Request&& request, TimeMs now, Round& round);
/// True: what the request asks for cannot be done to messages of a topic, which belong to its subscriptions, or to
/// groups, which these do not have; it is refused.
bool refused_for_topic(State& state, const Request& request, Round& round);
/// What cannot be set of a queue, a topic or a subscription.
std::optional<Refusal> check_kind_settings(QueueKind kind, const QueueSettings& settings);

/// The topic of this name, or null: `request` was refused.
Queue* find_topic(State& state, const Request& request, const std::string& name, Round& round);

// ---- subscriptions.cpp

void create_subscription(State& state, Request&& request, TimeMs now, Round& round);
/// A subscription that selects has the past of its topics from a start on, which of one topic is at `at`.
void fill_from(State& state, Namespace& space, Queue& subscription, const StartAt& start,
               const std::optional<Beginning>& at, Round& round);
/// Whose chunks it reads: its own, or its topic's.
QueueId log_of(const Queue& queue);
/// Messages were appended to the topic, once or often: its subscriptions have them.
void published(State& state, Queue& topic);
/// A chunk of the topic is closed: those who have delivered everything before it need not read it.
void hand_out(State& state, Queue& topic, const ChunkPtr& chunk);
/// Something of it is done, or in flight no longer.
void subscription_advanced(State& state, Queue& subscription);
/// After a restart: it has what was published since its record was written.
void rejoin_topic(State& state, Queue& subscription);
/// What it held in its topics may go.
void let_go(State& state, Queue& subscription);
/// It is deleted.
void leave_topic(State& state, Queue& subscription);

// ---- topic_start.cpp

/// What the topic cannot begin with.
std::optional<Refusal> check_start(const Queue& topic, const StartAt& start, const char* field);
/// `low`, `high` and `looking` belong to the request and say how far it came. Nothing: it waits for a read.
std::optional<Beginning> find_beginning(State& state, Queue& topic, const StartAt& start, Offset& low, Offset& high,
                                        QueueId& looking, Request& request, Round& round);
void apply_seek(State& state, Request&& request, Round& round);  // seek.cpp

// ---- topic_trace.cpp

/// What became of a message in each subscription.
void apply_trace(State& state, Request&& request, TimeMs now, Round& round);

// ---- topic_retention.cpp

/// Where it goes out of its subscriptions' logs too: [its low end, upto), which lies in this chunk.
void take_out(State& state, Queue& topic, const Chunk& chunk, Offset upto, Round& round);
/// Below this the subscription has nothing in flight.
Offset in_flight_from(const Queue& subscription);
/// Takes out what is no longer kept, a bounded step at a time.
void run_topic_retention(State& state, Queue& topic, TimeMs now, Round& round);
void step_topic_retention(State& state, Queue& topic, const ChunksRead& found, TimeMs now, Round& round);

// ---- topic_compaction.cpp

/// Leaves of a topic with `compact` the last message of each key, a bounded step at a time.
void run_topic_compaction(State& state, Queue& topic, TimeMs now, Round& round);
void step_topic_compaction(State& state, Queue& topic, const ChunksRead& found, TimeMs now, Round& round);
/// A chunk was appended to a topic with `compact`: the index has the last of its messages of each key.
void index_keys(const Queue& topic, const Chunk& chunk, Round& round);
/// What compaction took out of the topic from an offset on; between its ends that is estimated.
Holes holes_from(const Queue& topic, Offset offset);

}  // namespace baton::core
