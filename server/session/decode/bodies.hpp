#pragma once
// The decoders of the single request bodies, one file a family. Each takes the wire bytes of the body and fills `out`,
// or says what is wrong: a fatal error when the bytes are no such message, else the field and the limit it broke.

#include "server/core/request.hpp"
#include "server/session/decode/frame.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baton::v1 {
class RateLimit;
}

namespace baton::session {

using Fault = std::optional<WireError>;

// connection.cpp
Fault decode_hello(std::string_view body, Hello& out);
Fault decode_cancel(std::string_view body, core::RequestBody& out);
Fault decode_backup(std::string_view body, BackupRequest& out);

// produce.cpp
Fault decode_produce(std::string_view body, const core::Buffer& frame, core::RequestBody& out);

// identity.cpp
Fault decode_id(std::string_view text, std::optional<std::string>& out);
Fault decode_dedup(std::string_view bytes, std::optional<core::Dedup>& out);
Fault decode_show_dedup(std::string_view body, core::RequestBody& out);
Fault decode_clear_dedup(std::string_view body, core::RequestBody& out);
/// An id or a deduplication id: its length, and that it is UTF-8.
Fault check_name_text(std::string_view text, const char* field);
/// An id that may be left out; then the offset names the message.
Fault check_job_id(const std::string& id, std::uint64_t offset, const char* field);

// why.cpp
Fault decode_why(std::string_view body, core::RequestBody& out);
Fault decode_doctor(std::string_view body, DoctorRequest& out);

// transaction.cpp
Fault decode_transaction(std::string_view body, const core::Buffer& frame, core::RequestBody& out);

// settle.cpp
Fault decode_settle(std::string_view body, core::RequestBody& out);

// consume.cpp
Fault decode_open_consumer(std::string_view body, core::RequestBody& out);
Fault decode_close_consumer(std::string_view body, core::RequestBody& out);
Fault decode_set_credit(std::string_view body, core::RequestBody& out);
Fault decode_fetch(std::string_view body, core::RequestBody& out);

// queue.cpp
Fault decode_create_queue(std::string_view body, core::RequestBody& out);
Fault decode_update_queue(std::string_view body, core::RequestBody& out);
Fault decode_list_queues(std::string_view body, core::RequestBody& out);
Fault decode_show_queue(std::string_view body, core::RequestBody& out);
Fault decode_purge_queue(std::string_view body, core::RequestBody& out);
Fault decode_delete_queue(std::string_view body, core::RequestBody& out);

Fault decode_penalise(std::string_view body, core::RequestBody& out);

// inspect.cpp
Fault decode_peek(std::string_view body, core::RequestBody& out);
Fault decode_list_failed(std::string_view body, core::RequestBody& out);
Fault decode_show_failed(std::string_view body, core::RequestBody& out);
Fault decode_retry_failed(std::string_view body, core::RequestBody& out);
Fault decode_redrive(std::string_view body, core::RequestBody& out);

// clock.cpp
Fault decode_advance_clock(std::string_view body, core::RequestBody& out);
// job.cpp
Fault decode_show_job(std::string_view body, core::RequestBody& out);
Fault decode_change_job(std::string_view body, core::RequestBody& out);
Fault decode_promote_job(std::string_view body, core::RequestBody& out);
Fault decode_promote_all(std::string_view body, core::RequestBody& out);
Fault decode_remove_jobs(std::string_view body, core::RequestBody& out);

// cancel.cpp
Fault decode_cancel_jobs(std::string_view body, core::RequestBody& out);

Fault decode_rate(const v1::RateLimit& rate, const char* per_field, core::RateLimit& out);

// group.cpp
Fault take_group(std::string_view name, core::EntryOptions& out);
Fault decode_set_group(std::string_view body, core::RequestBody& out);
Fault decode_show_group(std::string_view body, core::RequestBody& out);
Fault decode_list_groups(std::string_view body, core::RequestBody& out);

// event.cpp
Fault decode_stream_events(std::string_view body, core::RequestBody& out);
Fault decode_credit_events(std::string_view body, core::RequestBody& out);
Fault decode_close_events(std::string_view body, core::RequestBody& out);
Fault decode_emit_event(std::string_view body, core::RequestBody& out);
Fault decode_trim_events(std::string_view body, core::RequestBody& out);
Fault decode_wait_job(std::string_view body, core::RequestBody& out);

// report.cpp
Fault decode_set_progress(std::string_view body, core::RequestBody& out);
Fault decode_append_log(std::string_view body, core::RequestBody& out);
Fault decode_clear_log(std::string_view body, core::RequestBody& out);
Fault decode_set_data(std::string_view body, core::RequestBody& out);
Fault decode_list_log(std::string_view body, core::RequestBody& out);
// flow.cpp
Fault decode_add_flow(std::string_view body, core::RequestBody& out);
Fault decode_show_flow(std::string_view body, core::RequestBody& out);
Fault decode_list_children(std::string_view body, core::RequestBody& out);
Fault decode_wait_children(std::string_view body, core::RequestBody& out);
Fault decode_detach(std::string_view body, core::RequestBody& out);
// flow_action.cpp
Fault decode_remove_children(std::string_view body, core::RequestBody& out);
Fault decode_cancel_flow(std::string_view body, core::RequestBody& out);
Fault decode_retry_flow(std::string_view body, core::RequestBody& out);
Fault decode_remove_flow(std::string_view body, core::RequestBody& out);

// topic.cpp
/// Requests about topics and subscriptions; `known` is false for others.
Fault decode_topic_body(std::uint64_t field, std::string_view body, core::RequestBody& out, bool& known);
// binding.cpp
Fault decode_binding_body(std::uint64_t field, std::string_view body, core::RequestBody& out, bool& known);
// listen.cpp
Fault decode_listen_body(std::uint64_t field, std::string_view body, core::RequestBody& out, bool& known);

// monitor.cpp
/// What looks at a queue from outside; `known` is false for others.
Fault decode_monitor_body(std::uint64_t field, std::string_view body, core::RequestBody& out, bool& known);

// task.cpp
Fault decode_list_jobs(std::string_view body, core::RequestBody& out);
Fault decode_start_task(std::string_view body, core::RequestBody& out);
Fault decode_list_tasks(std::string_view body, core::RequestBody& out);
Fault decode_show_task(std::string_view body, core::RequestBody& out);
Fault decode_cancel_task(std::string_view body, core::RequestBody& out);

// schedule.cpp
Fault decode_upsert_schedule(std::string_view body, core::RequestBody& out);
Fault decode_delete_schedule(std::string_view body, core::RequestBody& out);
Fault decode_show_schedule(std::string_view body, core::RequestBody& out);
Fault decode_list_schedules(std::string_view body, core::RequestBody& out);
Fault decode_pause_schedule(std::string_view body, core::RequestBody& out);
Fault decode_resume_schedule(std::string_view body, core::RequestBody& out);
Fault decode_run_schedule(std::string_view body, core::RequestBody& out);
Fault decode_preview_schedule(std::string_view body, core::RequestBody& out);

}  // namespace baton::session
