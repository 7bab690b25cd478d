#pragma once
// Why a request was not carried out: the closed set of expected refusals. The numbers are those of
// proto/baton/v1/errors.proto (a test compares the two), so the session layer passes them on unchanged.

#include <cstdint>
#include <string>
#include <utility>

namespace baton::core {

enum class RefusalCode : std::uint16_t {
    invalid_argument = 100,
    message_too_large = 105,
    batch_too_large = 106,
    queue_not_found = 200,
    queue_exists = 201,
    consumer_not_found = 202,
    consumer_exists = 203,
    message_not_found = 204,
    sequence_too_old = 205,
    sequence_gap = 206,
    producer_too_old = 207,
    queue_deleted = 208,
    dead_letter_target_missing = 209,
    queue_in_use = 210,
    busy = 211,
    wrong_kind = 220,
    messages_failed = 221,
    no_subscription = 222,
    binding_not_found = 223,
    binding_exists = 224,
    clock_not_virtual = 240,
    wrong_message_state = 230,
    wrong_profile = 231,
    job_cancelled = 232,
    run_time_exceeded = 233,
    flow_not_found = 241,
    flow_cycle = 242,
    flow_too_deep = 243,
    children_pending = 244,
    failed_by_child = 245,
    not_a_child = 246,
    events_not_kept = 280,
    stream_not_found = 281,
    too_many_streams = 282,
    results_not_kept = 283,
    task_not_found = 285,
    too_many_tasks = 286,
    schedule_not_found = 260,
    schedule_changed = 261,
    dedup_not_found = 270,
    dedup_changed = 271,
    parked_full = 370,
    queue_full = 300,
    too_many_queues = 301,
    too_many_requests = 302,
    too_many_consumers = 303,
    storage_full = 304,
    too_many_schedules = 360,
    group_full = 290,
    too_many_groups = 291,
    already_settled = 400,
    lease_expired = 401,
    lease_superseded = 402,
    message_gone = 403,
    token_unknown = 404,
    shutting_down = 500,
};

struct Refusal {
    RefusalCode code = RefusalCode::invalid_argument;
    std::string message;
    /// The field at fault in the names of the .proto files; empty when none.
    std::string field;
    std::uint64_t limit = 0;
    bool retryable = false;
    std::uint64_t retry_after_ms = 0;
};

/// A broken limit: says the field and the limit.
inline Refusal invalid(std::string field, std::string message, std::uint64_t limit = 0) {
    return Refusal{RefusalCode::invalid_argument, std::move(message), std::move(field), limit, false, 0};
}

}  // namespace baton::core
