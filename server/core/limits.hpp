#pragma once
// Every bound of the broker in one table (reliability rules, section "wire and resource limits"). The session layer
// announces them in Welcome; the core refuses what breaks them with the field and the limit.

#include "server/core/flow_limits.hpp"
#include "server/core/identity_limits.hpp"
#include "server/core/topic_limits.hpp"

#include <cstddef>
#include <cstdint>

namespace baton::core::limits {

inline constexpr std::size_t first_frame_bytes_max = 8 * 1024;
inline constexpr std::size_t message_bytes_default = 1024 * 1024;
inline constexpr std::size_t message_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t batch_bytes_max = 8 * 1024 * 1024;
inline constexpr std::uint32_t batch_messages_max = 10'000;
/// A batch may be a single message of the largest size; the rest is room for the fields around it.
inline constexpr std::size_t frame_bytes_max = message_bytes_max + 64 * 1024;
inline constexpr std::uint32_t headers_max = 64;
inline constexpr std::size_t headers_bytes_max = 16 * 1024;
inline constexpr std::size_t name_bytes_max = 255;
inline constexpr std::size_t reason_bytes_max = 4 * 1024;
inline constexpr std::size_t worker_bytes_max = 255;

inline constexpr std::uint32_t in_flight_requests_max = 4096;
inline constexpr std::uint32_t credit_messages_max = 65'536;
inline constexpr std::uint32_t credit_bytes_max = 8 * 1024 * 1024;
inline constexpr std::uint32_t consumers_per_session_max = 1024;
inline constexpr std::uint32_t connections_max = 10'000;
inline constexpr std::uint32_t settlements_max = 10'000;
inline constexpr std::uint32_t settle_messages_max = 131'072;
inline constexpr std::uint32_t ranges_per_settlement_max = 65'536;
inline constexpr std::uint32_t page_messages_max = 1'000;
inline constexpr std::uint32_t open_sequences_max = 1'024;
inline constexpr std::uint32_t attempts_kept_max = 20;
/// Of all attempts of one message together; the newest is kept whole.
inline constexpr std::size_t history_bytes_max = 64 * 1024;
inline constexpr std::size_t error_class_bytes_max = 255;
inline constexpr std::size_t stack_bytes_max = 16 * 1024;
/// What is kept of a stack, from its beginning.
inline constexpr std::size_t stack_bytes_kept_max = 4 * 1024;
inline constexpr std::uint32_t attempts_max = 65'535;
inline constexpr std::uint32_t retry_rules_max = 64;
inline constexpr std::uint32_t backoff_steps_max = 64;

inline constexpr std::int64_t ten_years_ms = 10LL * 365 * 24 * 3600 * 1000;
/// The end of the year 9999: a virtual clock goes no further, so that sums of times and delays stay in range.
inline constexpr std::int64_t time_ms_max = 253'402'300'799'999;
inline constexpr std::int64_t lease_ms_min = 1'000;
inline constexpr std::int64_t lease_ms_max = 12LL * 3600 * 1000;
inline constexpr std::int64_t fetch_wait_ms_max = 20'000;
inline constexpr std::int64_t session_grace_ms_default = 5'000;
inline constexpr std::int64_t session_grace_ms_max = 24LL * 3600 * 1000;
inline constexpr std::int64_t restart_grace_ms = 5'000;
inline constexpr std::int64_t producer_idle_ms_max = 7LL * 24 * 3600 * 1000;
/// A lease held longer than this gets a record on disk, so that a restart knows its deadline.
inline constexpr std::int64_t lease_record_after_ms = 200;

/// Bodies of produces that wait for room, of all queues together.
inline constexpr std::size_t blocked_bytes_max = 64 * 1024 * 1024;
inline constexpr std::int64_t block_timeout_ms_max = 600'000;
/// Together they keep a bucket's level within 64 bits.
inline constexpr std::uint64_t rate_permits_max = 1'000'000'000;
inline constexpr std::int64_t rate_per_ms_max = 31LL * 24 * 3600 * 1000;

inline constexpr std::uint64_t schedules_max = 1'000'000;
/// The entry that a schedule appends; all of them are in memory.
inline constexpr std::size_t schedule_entry_bytes_max = 64 * 1024;
inline constexpr std::size_t schedule_bytes_total_max = 512 * 1024 * 1024;
inline constexpr std::size_t cron_bytes_max = 256;
inline constexpr std::size_t zone_bytes_max = 64;
inline constexpr std::int64_t every_ms_min = 10;
inline constexpr std::int64_t jitter_ms_max = 24LL * 3600 * 1000;
inline constexpr std::uint32_t missed_runs_max = 1'000;
inline constexpr std::uint32_t preview_max = 1'000;
/// Schedules that fire in one round, and firings that one of them looks through, so that a round stays short.
inline constexpr std::uint32_t schedules_per_round_max = 512, firings_per_step_max = 2'000;

inline constexpr std::size_t chunk_bytes_max = 256 * 1024;
inline constexpr std::uint32_t chunk_messages_max = 1'024;
inline constexpr std::size_t commit_bytes_max = 1024 * 1024, commit_mutations_max = 8'192;
/// Queues whose timers run in one round, so that a round stays short.
inline constexpr std::uint32_t timers_per_round_max = 256;
inline constexpr std::uint32_t delivery_messages_max = 2'048;
inline constexpr std::size_t delivery_bytes_max = 256 * 1024;
/// Message bytes that all queues together keep in memory beyond what is leased.
inline constexpr std::size_t window_bytes_total_max = 48 * 1024 * 1024;
inline constexpr std::size_t window_bytes_per_queue_max = 16 * 1024 * 1024;
inline constexpr std::uint32_t lane_window_messages_max = 4'096;
inline constexpr std::size_t lane_window_bytes_max = 8 * 1024 * 1024;
/// Records of a window that may keep what arrived with them in memory; further ones are copied out of it.
inline constexpr std::size_t records_with_others_max = 64;
/// Groups of a queue whose first messages are in memory, and about how many messages these are.
inline constexpr std::size_t groups_in_memory_max = 16'384;
inline constexpr std::size_t group_records_in_memory = 32'768;
inline constexpr std::size_t group_bytes_max = 255;
/// Groups with settings of their own, in one queue: they are in memory.
inline constexpr std::size_t groups_with_limits_max = 1'000'000;
/// How far the messages of a group are counted to be shown.
inline constexpr std::uint32_t group_count_max = 1'000;
/// Lane records that one round writes anew because they became due, so that a commit stays short.
inline constexpr std::uint32_t lane_moves_per_round_max = 1'024;
inline constexpr std::uint32_t lane_moves_per_call_min = 64;
/// Lowest priority; 0 is none and goes before every other.
inline constexpr std::uint32_t priority_max = 2'097'151;
inline constexpr std::int64_t aging_ms_max = 24LL * 3600 * 1000;
inline constexpr std::uint32_t jobs_per_request_max = 1'000;
/// Entries of the index of expiries that one round looks at.
inline constexpr std::uint32_t expiries_per_round_max = 256;
/// How long a holder may take to settle a message that was cancelled.
inline constexpr std::int64_t cancel_grace_ms_default = 5'000;
inline constexpr std::int64_t cancel_grace_ms_max = 600'000;
/// What a handler returns.
inline constexpr std::size_t result_bytes_max = 64 * 1024;
inline constexpr std::size_t content_type_bytes_max = 255;
/// Finished messages that one batch of their log names, and that one step of retention removes.
inline constexpr std::uint32_t finished_batch_max = 1'024;
inline constexpr std::uint32_t retired_per_step_max = 4'096;
inline constexpr std::uint32_t finished_batches_per_step_max = 64;
/// Between two looks at what is no longer kept, so that small commits share one.
inline constexpr std::int64_t retention_every_ms = 100;
/// Events in one chunk, chunks that one step of retention looks at, and what one read for a follower takes.
inline constexpr std::size_t event_chunk_max = 1'024;
inline constexpr std::uint32_t event_chunks_per_step_max = 64;
inline constexpr std::uint32_t event_chunks_per_read_max = 64;
inline constexpr std::size_t event_batch_bytes_max = 256 * 1024;
inline constexpr std::uint32_t event_streams_per_connection_max = 64, event_credit_max = 65'536;
inline constexpr std::size_t event_name_bytes_max = 255, event_data_bytes_max = 4 * 1024;
/// What a job says of its progress; it goes into an event.
inline constexpr std::size_t progress_bytes_max = 4 * 1024;
/// Of the log of one job, the newest.
inline constexpr std::uint32_t log_lines_max = 1'000;
inline constexpr std::size_t log_bytes_max = 64 * 1024, log_line_bytes_max = 4 * 1024;
/// Jobs whose reports one step of a sweep looks at.
inline constexpr std::uint32_t reports_per_step_max = 256;
/// What one filter may ask for, messages that a listing reads at once, and looks at before it answers.
inline constexpr std::uint32_t filter_headers_max = 8;
inline constexpr std::size_t filter_header_bytes_max = 1'024;
inline constexpr std::uint32_t list_slice_messages = 256;
inline constexpr std::uint32_t list_scan_messages = 8'192;
/// Messages that a task acts on at once, slices of a round, tasks that run, and ended ones that are kept.
inline constexpr std::uint32_t task_slice_messages = 256, task_slices_per_round_max = 4;
inline constexpr std::size_t tasks_running_max = 64, tasks_kept_max = 100;
inline constexpr std::uint32_t task_passes_max = 8;
inline constexpr std::uint32_t waits_per_connection_max = 1'024;
inline constexpr std::int64_t job_wait_ms_max = 24LL * 3600 * 1000;

}  // namespace baton::core::limits
