#pragma once
// Everything the core knows, and the few things that all its behaviours share: finding, marking as changed, timers, and
// parking a request until a read is back. Included by the core's sources only.

#include "server/core/brought.hpp"
#include "server/core/bulk_tasks.hpp"
#include "server/core/clock.hpp"
#include "server/core/consumer.hpp"
#include "server/core/core.hpp"
#include "server/core/expiry_index.hpp"
#include "server/core/flow_table.hpp"
#include "server/core/name_cache.hpp"
#include "server/core/pending_read.hpp"
#include "server/core/queue.hpp"
#include "server/core/round.hpp"
#include "server/core/routing.hpp"
#include "server/core/schedule.hpp"
#include "server/core/task.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace baton::core {

struct Namespace {
    NamespaceId id{};
    std::string name;
    std::map<std::string, Queue*, std::less<>> queues;
};

struct State {
    explicit State(CoreOptions given) : options(given) {}

    CoreOptions options;
    std::uint32_t next_namespace = 1;
    std::uint64_t next_queue = 1;
    bool shard_dirty = false;
    std::map<std::string, Namespace, std::less<>> namespaces;
    /// Lookups only: its order never reaches an output.
    std::unordered_map<std::uint64_t, std::unique_ptr<Queue>> queues;
    std::map<SessionId, std::unique_ptr<Session>> sessions;
    std::map<ConnectionId, Session*> connections;
    std::map<std::uint64_t, PendingRead> reads;
    Brought brought;
    /// The log that was read for the request that runs now.
    std::optional<std::pair<Offset, JobLog>> found_log;
    NameCache names;
    std::uint64_t next_ticket = 1;
    /// Due work: a queue's timers, or the end of a session's grace.
    std::set<std::pair<TimeMs, QueueId>> queue_timers;
    std::set<std::pair<TimeMs, SessionId>> session_timers;
    TimeMs producers_swept_at = 0;
    std::vector<QueueId> dirty;
    std::vector<QueueId> to_pump;
    /// Requests to run again in this round, after what they waited for.
    std::vector<Request> rerun;
    std::deque<ClockAdvance> advances;
    /// Queues with produces that wait for room, how many of each connection wait, and the bytes of all.
    std::set<QueueId> blocked_queues;
    std::map<ConnectionId, std::uint32_t> blocked_by;
    std::size_t blocked_bytes = 0;
    /// Bodies of what is parked behind leased holders of deduplication keys.
    std::size_t parked_bytes = 0;
    /// Who follows events, and who waits for jobs: how many of each connection, and of which queues.
    std::map<std::pair<ConnectionId, std::uint64_t>, std::unique_ptr<EventStream>> event_streams;
    std::map<ConnectionId, std::uint32_t> waits_by;
    std::set<QueueId> queues_waited_for;
    std::size_t window_bytes = 0;
    bool delivering = true;
    bool storage_full = false;
    ScheduleTable schedules;
    BulkTasks tasks;
    FlowTable flows;
    Routing routing;
    /// Records from disk that wait for all queues to be there.
    std::vector<PutLease> restored_leases;
    std::vector<Mutation> restored_parts;

    Queue* find(QueueId id);
    /// The queue of this name, or null.
    Queue* find(std::string_view ns, std::string_view name);
    Session* session_of(ConnectionId connection);

    /// The queue's state record is to be written in this round.
    void touch(Queue& queue, Round& round);
    /// The queue may have something to deliver.
    void pump_later(Queue& queue);
    /// The queue has work at `at`; earlier is harmless.
    void arm(Queue& queue, TimeMs at);
    /// Asks for the chunk with `offset`; `request`, when given, runs again once it is there.
    void read_chunks(Queue& queue, Offset offset, std::optional<Request> request, Round& round);
    void read_lane(Queue& queue, Lane lane, LaneKey from, std::uint32_t records, PendingRead&& then, Round& round);
    /// Drops bodies over the window's bounds.
    void shrink_window(Queue& queue);
};

/// Carries out one request, or parks it.
void dispatch(State& state, Request&& request, TimeMs now, Round& round);  // core.cpp
/// A read has come back: what it was for goes on.
void read_answered(State& state, PendingRead&& pending, ReadAnswer&& answer, TimeMs now, Round& round);
/// Takes chunks that were read into their queue's window, but those that are done with meanwhile.
void take_in(State& state, const std::vector<ChunkPtr>& chunks);  // read_answers.cpp
/// The request is a produce to this queue, not to a topic that it is bound to.
bool is_produce_to(const Request& request, const Queue& queue);  // read_answers.cpp
/// Runs the produces that waited behind a parked one.
void resume_produces(State& state, QueueId id, TimeMs now, Round& round);  // produce.cpp
/// Says `body` to who asked, unless no reply is wanted.
void reply(const Request& origin, ReplyBody&& body, Round& round);
void refuse(const Request& origin, RefusalCode code, std::string message, std::string field, Round& round);
Refusal no_such_queue(const std::string& name);

// ---- behaviours, one file each; all may change the state and append to the round

void apply_session_request(State& state, Request&& request, TimeMs now, Round& round);  // sessions.cpp
void end_session(State& state, Session& session, TimeMs now, Round& round);             // sessions.cpp
void close_consumer(State& state, Session& session, Consumer& consumer, TimeMs now, Round& round);
void apply_queue_request(State& state, Request&& request, TimeMs now, Round& round);  // queues.cpp
/// Makes the namespace when there is none yet.
Namespace& namespace_of(State& state, const std::string& name, Round& round);
/// Null when the settings name none.
Queue* dead_letter_of(Namespace& space, const QueueSettings& settings);
void delete_queue(State& state, Request&& request, TimeMs now, Round& round);    // queue_deletion.cpp
void apply_penalise(State& state, Request&& request, TimeMs now, Round& round);  // allowance.cpp
QueueInfo info_of(const Queue& queue, TimeMs now);                               // queue_info.cpp
void purge(State& state, Queue& queue, const PurgeQueue& what, Round& round);    // purge.cpp
/// False: parked until sizes of leased messages are known.
bool ready_to_purge(State& state, Queue& queue, Request& request, Round& round);  // purge.cpp
void apply_produce(State& state, Request&& request, TimeMs now, Round& round);    // produce.cpp
void close_chunks(State& state, Queue& queue, Round& round);                      // append.cpp
/// With a source the entries are references to what is stored there; with a meta it is one entry. append.cpp
void append_run(State& state, Queue& queue, EntryRun run, TimeMs now, Round& round,
                std::optional<ChunkSource> source = std::nullopt, const MetaPtr& meta = nullptr);
void apply_fetch(State& state, Request&& request, TimeMs now, Round& round);  // fetch.cpp
void expire_fetches(State& state, Queue& queue, TimeMs now, Round& round);    // fetch.cpp
/// Answers what waits at a consumer that goes away.
void drop_fetches(State& state, Consumer& consumer, Round& round);                        // fetch.cpp
void cancel_fetch(State& state, const Request& request, RequestId target, Round& round);  // fetch.cpp
void pump(State& state, Queue& queue, TimeMs now, Round& round);                          // pump.cpp
std::optional<Refusal> check_settlements(const std::vector<Settlement>& settlements);     // settle_limits.cpp
void apply_settle(State& state, Request&& request, TimeMs now, Round& round);             // settle.cpp
void expire_leases(State& state, Queue& queue, TimeMs now, Round& round);                 // give_back.cpp
/// Waits when the message's body is still being read after a restart.
void give_back(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, Offset offset,
               const GiveBack& how, TimeMs now, Round& round);  // give_back.cpp
void give_back_batch(State& state, Queue& queue, LeaseBatch& batch, const GiveBack& how, TimeMs now, Round& round);
/// The message is settled in its batch: bitmap, counts, credit. Erases the batch when nothing is open.
void close_lease(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, std::uint32_t count,
                 std::uint64_t bytes, Round& round);  // give_back.cpp
/// The message leaves the plain lane or is acked there: bits, chunk, records.
void leave_plain(State& state, Queue& queue, Offset first, std::uint32_t count, Round& round);
void move_out(State& state, Queue& queue, MessageRecord&& record, EndReason reason, TimeMs now, Round& round);
void finish_moving(State& state, Queue& queue, TimeMs now, Round& round);  // move_out.cpp
/// Takes one message out whose end was decided; false when its chunk has to be read first.
bool finish_move(State& state, Queue& queue, Offset offset, TimeMs now, Round& round);
void remove_lane_record(Queue& queue, const MessageRecord& record, Round& round);  // lane_placing.cpp
void put_lane_record(State& state, Queue& queue, MessageRecord&& record, bool ready, Round& round);
void expire_head(State& state, Queue& queue, TimeMs now, Round& round);  // expiry.cpp
/// Takes an expired message out of the plain lane.
void expire_plain(State& state, Queue& queue, const ChunkPtr& chunk, Offset offset, TimeMs now, Round& round);
/// When the message is gone unsettled; 0 = never.
TimeMs expiry_of(const Queue& queue, TimeMs ready_at, const MetaPtr& meta);          // expiry.cpp
void record_leases(State& state, Queue& queue, TimeMs now, Round& round);            // lease_records.cpp
PutLease lease_record(const Queue& queue, const LeaseBatch& batch);                  // lease_records.cpp
void write_records(State& state, TimeMs now, Round& round);                          // write_records.cpp
void restore_record(State& state, const Mutation& record);                           // restore.cpp
void finish_restore(State& state, TimeMs now);                                       // restore.cpp
void restore_lease(State& state, Queue& queue, const PutLease& record, TimeMs now);  // restored_leases.cpp
/// Reads the bodies that restored leases hold; in the first round after a restart.
void attach_restored(State& state, Queue& queue, Round& round);  // restored_leases.cpp
void attach_lane(State& state, Queue& queue, const AttachLane& where, LaneRead&& found, TimeMs now, Round& round);
void apply_peek(State& state, Request&& request, TimeMs now, Round& round);                      // peek.cpp
void answer_list(State& state, Queue& queue, Request&& origin, LaneRead&& found, Round& round);  // peek.cpp
void start_retry_failed(State& state, Request&& request, TimeMs now, Round& round);              // failed_set.cpp
void step_retry_failed(State& state, Queue& queue, std::unique_ptr<Task> task, LaneRead&& found, TimeMs now,
                       Round& round);                                           // failed_set.cpp
void start_redrive(State& state, Request&& request, TimeMs now, Round& round);  // redrive.cpp
void step_redrive(State& state, Queue& queue, std::unique_ptr<Task> task, TimeMs now, Round& round);

}  // namespace baton::core
