#pragma once
// Everything that enters the core, as values. The session layer has decoded and bounded it (limits.hpp); the core
// checks what depends on its state and refuses with a Refusal.

#include "server/core/binding.hpp"
#include "server/core/bulk_task.hpp"
#include "server/core/cancel_request.hpp"
#include "server/core/consumer_list.hpp"
#include "server/core/dedup_request.hpp"
#include "server/core/entry_options.hpp"
#include "server/core/entry_run.hpp"
#include "server/core/event_request.hpp"
#include "server/core/finished.hpp"
#include "server/core/flow_request.hpp"
#include "server/core/group_id.hpp"
#include "server/core/group_request.hpp"
#include "server/core/identity.hpp"
#include "server/core/ids.hpp"
#include "server/core/job_minutes.hpp"
#include "server/core/job_request.hpp"
#include "server/core/list_jobs.hpp"
#include "server/core/listener.hpp"
#include "server/core/message_state.hpp"
#include "server/core/own_ids.hpp"
#include "server/core/priority_request.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/read.hpp"
#include "server/core/report_request.hpp"
#include "server/core/schedule_request.hpp"
#include "server/core/session_request.hpp"
#include "server/core/topic_request.hpp"
#include "server/core/topic_trace.hpp"
#include "server/core/why_request.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace baton::core {

// ---------------------------------------------------------------------------------------- queues

struct CreateQueue {
    std::string name;
    Profile profile = Profile::message;
    QueueSettingsChange settings;
    bool update = false;
};
struct UpdateQueue {
    std::string name;
    QueueSettingsChange settings;
};
struct ListQueues {
    std::string prefix, after;
    std::uint32_t limit = 100;
};
struct ShowQueue {
    std::string name;
};
struct PurgeQueue {
    std::string name;
    bool failed = false;
    bool completed = false;
};
struct Penalise {
    std::string queue;
    /// 0 ends a penalty.
    DurationMs penalty_ms = 0;
    /// Not empty: only this group is held back.
    std::string group = {};
};
struct DeleteQueue {
    std::string name;
};

// --------------------------------------------------------------------------------------- produce

struct Produce {
    std::string queue;
    std::uint64_t producer = 0;
    TimeMs producer_created_at = 0;
    std::uint64_t sequence = 0;
    std::uint64_t acked_through = 0;
    EntryOptions defaults;
    /// By entry index, ascending; each replaces the defaults field by field.
    std::vector<std::pair<std::uint32_t, EntryOptions>> options;
    bool per_item = false;
    /// All entries, in order; every entry is structurally valid (session/entry check).
    EntryRun entries;
    /// Largest entry, so that the size limit costs one comparison a batch.
    std::uint32_t largest_entry_bytes = 0;
    /// It waited for room and its turn has come; false when it enters.
    bool in_turn = false;
    /// It waits in a queue that is bound to its topic, and others of the topic wait behind it.
    bool holds_turn = false;
    /// Of a topic: refused when no subscription and no binding gets any of it.
    bool refuse_unrouted = false;
};

// --------------------------------------------------------------------------------------- consume

struct OpenConsumer {
    ConsumerId consumer{};
    std::string queue;
    std::uint32_t credit_messages = 0;
    std::uint32_t credit_bytes = 0;
    /// 0 = the queue's.
    DurationMs lease_ms = 0;
    std::uint32_t priority = 0;
    std::string worker;
    bool redeclared = false;
    std::vector<BatchNumber> held_batches;
};
struct CloseConsumer {
    ConsumerId consumer{};
};
struct SetCredit {
    ConsumerId consumer{};
    std::uint32_t credit_messages = 0;
    std::uint32_t credit_bytes = 0;
};
struct Fetch {
    ConsumerId consumer{};
    std::uint32_t max_messages = 1;
    std::uint32_t max_bytes = 0;
    DurationMs wait_ms = 0;
    DurationMs lease_ms = 0;
};

struct Ack {
    /// Kept where the queue keeps completed messages; null when there is none.
    JobResultPtr result;
};
struct Fail {
    std::string reason;
    bool terminal = false;
    std::optional<DurationMs> retry_after_ms;
    /// What kind of failure it was, for the queue's retry rules.
    std::string error_class = {};
    std::string stack = {};
};
struct Release {
    DurationMs delay_ms = 0;
    /// Not 0: the whole queue is held back this long.
    DurationMs penalty_ms = 0;
    /// Only the message's group is held back; nothing is when it has none.
    bool penalise_group = false;
};
struct Extend {
    DurationMs lease_ms = 0;
};
struct Started {};
using SettleAction = std::variant<Ack, Fail, Release, Extend, Started>;
struct Settlement {
    Token token;
    std::vector<OffsetRange> ranges;
    SettleAction action;
};
struct Settle {
    std::vector<Settlement> settlements;
    std::optional<Fetch> fetch;
    FlowsSeen flows_seen = {};
};

// --------------------------------------------------------------------------------- look and repair

struct Peek {
    std::string queue;
    MessageState state = MessageState::waiting;
    /// Where to go on: as given in MessageList::next_at and next_offset; absent = from the start.
    TimeMs from_at = 0;
    Offset from_offset = 0;
    std::uint32_t limit = 10;
    std::int64_t from_rank = 0;
    GroupId from_group = {};
    /// Grouped messages: only those of this group; empty = of all.
    std::string group = {};
    std::shared_ptr<Listing> listing = nullptr;
};
struct ShowFailed {
    std::string queue;
    Offset offset = 0;
};
struct RetryFailed {
    std::string queue;
    /// These and `own` empty = all.
    std::vector<Offset> offsets;
    bool keep_counters = false;
    /// When nothing is named: all of the completed set instead of the failed one.
    bool completed = false;
    JobFilterPtr only = nullptr;
    OwnIds own = {};
};
struct Redrive {
    std::string queue;
    /// Empty = each to its origin.
    std::string destination;
    /// 0 = all.
    std::uint64_t max_messages = 0;
    bool keep_counters = false;
};

// ----------------------------------------------------------------------------------------- clock

/// Moves a virtual clock; answered by ClockShown when all that is due by then is done.
struct AdvanceClock {
    DurationMs by_ms = 0;
};
struct ShowClock {};
struct ClockShown {
    TimeMs now = 0;
    bool is_virtual = false;
};

/// Several of the above, all or nothing: transaction.hpp.
struct Transaction;
struct RunTransaction {
    std::shared_ptr<const Transaction> parts;
    /// How often it was begun: what it waited for came in between.
    std::uint32_t tries = 0;
    /// The message to be changed, once it is known.
    std::optional<Offset> changed = {};
    FlowsSeen flows_seen = {};
};

using RequestBody = std::variant<
    OpenSession, ConnectionLost, CloseSession, CancelRequest, CreateQueue, UpdateQueue, ListQueues, ShowQueue,
    PurgeQueue, DeleteQueue, Produce, OpenConsumer, CloseConsumer, SetCredit, Fetch, Settle, Peek, ShowFailed,
    RetryFailed, Redrive, AdvanceClock, ShowClock, Penalise, ShowJob, ChangeJob, PromoteJob, PromoteAll, RemoveJobs,
    UpsertSchedule, DeleteSchedule, ShowSchedule, ListSchedules, PauseSchedule, RunSchedule, PreviewSchedule,
    FireSchedule, CancelJobs, SetGroup, ShowGroup, ListGroups, StreamEvents, CreditEvents, CloseEvents, EmitEvent,
    TrimEvents, WaitJob, SetProgress, AppendLog, ClearLog, SetData, ListLog, ShowDedup, ClearDedup, WhyQueue, WhyJob,
    RunTransaction, ListJobs, StartTask, ListTasks, ShowTask, CancelTask, AddFlow, ShowFlow, ListChildren, LoseChildren,
    WaitChildren, DetachChild, ActOnFlow, ListConsumers, CountPriorities, ShowMetrics, CreateTopic, UpdateTopic,
    DeleteTopic, TrimTopic, ListTopics, CreateSubscription, ListSubscriptions, SeekSubscription, CreateBinding,
    DeleteBinding, ListBindings, Listen, CreditListener, StopListening, TraceMessage>;

struct Request {
    ConnectionId connection{};
    RequestId id{};
    /// Empty = `default`.
    std::string ns;
    RequestBody body;
    /// The task that asks, instead of a connection; or the walk over a flow, 0 = none does.
    TaskId task{};
    std::uint64_t walk = 0;
};

}  // namespace baton::core
