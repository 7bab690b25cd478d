#pragma once
// Errors of the client library. Blocking calls throw Exception, which carries an Error; asynchronous calls hand a
// Result to their callback. Values only: safe to copy between threads.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace baton {

/// The server's registry of errors (proto/baton/v1/errors.proto, same numbers), and from 900 on what the client finds
/// out by itself.
enum class ErrorCode : std::uint16_t {
    ok = 0,
    invalid_argument = 100,
    unsupported_version = 101,
    hello_expected = 102,
    malformed_frame = 103,
    frame_too_large = 104,
    message_too_large = 105,
    batch_too_large = 106,
    unknown_request = 107,
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
    clock_not_virtual = 240,
    /// The message is in a state in which this cannot be done to it; the text names the state.
    wrong_message_state = 230,
    /// Only queues of profile job can find such a message by its id.
    wrong_profile = 231,
    /// The message was cancelled while the token held it.
    job_cancelled = 232,
    /// The attempt ran longer than it may, and counted as a failure.
    run_time_exceeded = 233,
    flow_not_found = 241,
    /// A job of a flow would wait for itself.
    flow_cycle = 242,
    flow_too_deep = 243,
    /// The job has children that are not over: it waits for them first.
    children_pending = 244,
    /// A child has failed the job, which cannot be completed.
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
    /// A group has as many messages as it may have.
    group_full = 290,
    too_many_groups = 291,
    doctor_busy = 250,
    dedup_not_found = 270,
    dedup_changed = 271,
    parked_full = 370,
    queue_full = 300,
    too_many_queues = 301,
    too_many_requests = 302,
    too_many_consumers = 303,
    storage_full = 304,
    too_many_schedules = 360,
    already_settled = 400,
    lease_expired = 401,
    lease_superseded = 402,
    message_gone = 403,
    token_unknown = 404,
    shutting_down = 500,
    storage_failed = 501,
    backup_failed = 502,
    unauthorized = 503,
    /// No connection could be made, or it broke before a request that must not be repeated was answered.
    connection_lost = 900,
    /// No answer within the time given. Whether the request was carried out is not known.
    timed_out = 901,
    /// The client, producer, consumer or worker was closed.
    closed = 902,
    /// The server sent what the protocol does not allow.
    protocol_violation = 903,
};

/// The name of a code as in errors.proto, for example "QUEUE_NOT_FOUND"; "ERROR_<number>" for one of a newer server.
std::string to_text(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::ok;
    std::string message;
    /// The same request may succeed later.
    bool retryable = false;
    /// The field at fault in the dotted names of the .proto files, and the limit it broke; empty and 0 when none.
    std::string field;
    std::uint64_t limit = 0;
    /// Not before this many milliseconds; 0 when unknown.
    std::uint64_t retry_after_ms = 0;
};

/// What blocking calls throw. what() is "CODE_NAME: message".
class Exception : public std::runtime_error {
public:
    explicit Exception(Error error);
    const Error& error() const { return error_; }
    ErrorCode code() const { return error_.code; }

private:
    Error error_;
};

/// A value or an Error. Asking a failed one for its value throws the Exception.
template <typename T>
class Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    const T& value() const& {
        require_value();
        return std::get<0>(state_);
    }
    T&& value() && {
        require_value();
        return std::get<0>(std::move(state_));
    }
    /// Only on a failed result.
    const Error& error() const { return std::get<1>(state_); }

private:
    void require_value() const {
        if (const Error* error = std::get_if<1>(&state_)) {
            throw Exception(*error);
        }
    }

    std::variant<T, Error> state_;
};

}  // namespace baton
