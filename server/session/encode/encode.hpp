#pragma once
// Effects as frames: each encoder appends one whole server frame to a send queue. Message bodies go out as the slices
// that they are stored in.

#include "server/core/effect.hpp"
#include "server/session/send_queue.hpp"
#include "server/session/wire_error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::v1 {
class QueueInfo;
class EntryOptions;
class Origin;
class Attempt;
class Backoff;
class QueueSettings;
class Produced;
class ScheduledRun;
class ScheduleInfo;
class Error;
class Dedup;
class ItemOutcome;
class ServerFrame;
class RateLimit;
class Filter;
}  // namespace baton::v1

namespace baton::session {

// delivery.cpp
void encode_delivery(const core::Deliver& delivery, SendQueue& out);

// message_list.cpp
void encode_message_list(core::RequestId request, const core::MessageList& list, SendQueue& out);

// reply.cpp
void encode_error(core::RequestId request, const WireError& error, SendQueue& out);
void encode_done(core::RequestId request, SendQueue& out);
void encode_pong(core::RequestId request, SendQueue& out);
void encode_produced(core::RequestId request, core::Produced&& produced, SendQueue& out);
void encode_settled(core::RequestId request, const core::Settled& settled, SendQueue& out);
void encode_counted(core::RequestId request, const core::Counted& counted, SendQueue& out);
void encode_clock(core::RequestId request, const core::ClockShown& clock, SendQueue& out);
void encode_jobs_removed(core::RequestId request, core::JobsRemoved&& removed, SendQueue& out);
void encode_draining(SendQueue& out);
void encode_blocked(bool blocked, const std::string& reason, SendQueue& out);
void encode_consumer_closed(const core::ConsumerClosed& closed, SendQueue& out);

// why.cpp
struct DoctorFacts;
void encode_explanation(core::RequestId request, const core::Explanation& explanation, SendQueue& out);
void encode_diagnosis(core::RequestId request, const DoctorFacts& facts, SendQueue& out);

// transaction.cpp
void encode_transaction_done(core::RequestId request, const core::TransactionDone& done, SendQueue& out);

// identity.cpp
void encode_dedup(core::RequestId request, const core::DedupShown& dedup, SendQueue& out);

// queue_info.cpp
void encode_queue_info(core::RequestId request, const core::QueueInfo& info, SendQueue& out);
void encode_queue_list(core::RequestId request, const core::QueueList& list, SendQueue& out);

// cancel.cpp
void encode_jobs_cancelled(core::RequestId request, core::JobsCancelled&& cancelled, SendQueue& out);
void encode_lease_revoked(const core::LeaseRevoked& revoked, SendQueue& out);

// group.cpp
void encode_group_info(core::RequestId request, const core::GroupInfo& info, SendQueue& out);
void encode_group_list(core::RequestId request, const core::GroupList& list, SendQueue& out);

// flow.cpp
void encode_flow_added(core::RequestId request, const core::FlowAdded& added, SendQueue& out);
void encode_flow_info(core::RequestId request, const core::FlowInfo& info, SendQueue& out);
void encode_child_list(core::RequestId request, const core::ChildList& list, SendQueue& out);
void encode_children_awaited(core::RequestId request, const core::ChildrenAwaited& awaited, SendQueue& out);
void encode_flow_acted(core::RequestId request, const core::FlowActed& acted, SendQueue& out);

// schedule.cpp
void encode_schedule_info(core::RequestId request, const core::ScheduleInfo& info, SendQueue& out);
void encode_schedule_list(core::RequestId request, const core::ScheduleList& list, SendQueue& out);
void encode_schedule_times(core::RequestId request, const core::ScheduleTimes& times, SendQueue& out);
void fill_options(const core::EntryOptions& from, v1::EntryOptions& to);

/// What a Welcome says beside the table of limits.
struct WelcomeFacts {
    std::string server_version;
    core::SessionId session{};
    std::uint64_t secret = 0;
    bool resumed = false;
    std::uint64_t epoch = 0;
    core::DurationMs grace_ms = 0;
};
// connection.cpp
void encode_welcome(core::RequestId request, const WelcomeFacts& facts, SendQueue& out);
struct StatusFacts;
void encode_status(core::RequestId request, const StatusFacts& facts, SendQueue& out);
struct BackupFacts;
void encode_backup(core::RequestId request, const BackupFacts& facts, SendQueue& out);

// retry.cpp
void fill(const core::Backoff& from, v1::Backoff& to);
void fill_retry_rules(const core::QueueSettings& from, v1::QueueSettings& to);

// event.cpp
void encode_event_batch(const core::EventBatch& batch, SendQueue& out);
void encode_job_ended(core::RequestId request, const core::JobEnded& ended, SendQueue& out);

// report.cpp
void encode_log_bounds(core::RequestId request, const core::LogBounds& bounds, SendQueue& out);
void encode_log_page(core::RequestId request, const core::LogPage& page, SendQueue& out);

// monitor.cpp
void encode_consumer_list(core::RequestId request, const core::ConsumerList& list, SendQueue& out);
void encode_priority_counts(core::RequestId request, const core::PriorityCounts& counts, SendQueue& out);
void encode_job_metrics(core::RequestId request, const core::JobMetrics& metrics, SendQueue& out);

// topic.cpp
void encode_message_trace(core::RequestId request, const core::MessageTrace& trace, SendQueue& out);
void encode_binding_list(core::RequestId request, const core::BindingList& list, SendQueue& out);
void encode_listen_started(core::RequestId request, const core::ListenStarted& started, SendQueue& out);
void encode_heard(const core::Heard& heard, SendQueue& out);
void fill(const core::MessageFilter& from, v1::Filter& to);

// task.cpp
void encode_task_info(core::RequestId request, const core::TaskInfo& task, SendQueue& out);
void encode_task_list(core::RequestId request, const core::TaskList& list, SendQueue& out);

// Shared between the files above.
void append_frame(const v1::ServerFrame& frame, SendQueue& out);
void fill(const core::Attempt& from, v1::Attempt& to);
void fill(const core::Origin& from, v1::Origin& to);
void fill(const core::ScheduledRun& from, v1::ScheduledRun& to);
void fill(const WireError& from, v1::Error& to);
void fill(const core::RateLimit& from, v1::RateLimit& to);  // queue_info.cpp
void fill(const core::Dedup& from, v1::Dedup& to);          // identity.cpp
void fill(core::Produced&& produced, v1::Produced& to);
void fill(const core::ScheduleInfo& from, v1::ScheduleInfo& to);  // schedule.cpp
void fill(const core::ItemOutcome& from, v1::ItemOutcome& to);    // identity.cpp

}  // namespace baton::session
