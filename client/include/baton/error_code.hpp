#pragma once
// The registry of errors. The server's have the numbers of proto/baton/v1/errors.proto; from 900 on is what the client
// finds out by itself. Numbers are never used again.

#include <cstdint>
#include <string>

namespace baton {

enum class ErrorCode : std::uint16_t {
    ok = 0,
    /// A field breaks a rule; Error::field names it, and Error::limit the bound.
    invalid_argument = 100,
    /// Client and server speak no version of the protocol in common.
    unsupported_version = 101,
    /// These three: a defect of the client, and the end of the connection.
    hello_expected = 102,
    malformed_frame = 103,
    frame_too_large = 104,
    /// A message is larger than its queue, or the server, takes.
    message_too_large = 105,
    /// More messages or bytes than one request may have.
    batch_too_large = 106,
    /// The server is older than the client.
    unknown_request = 107,
    queue_not_found = 200,
    /// It exists with other settings or another profile.
    queue_exists = 201,
    /// No such consumer in this session, and one too many of a number; the library declares them itself.
    consumer_not_found = 202,
    consumer_exists = 203,
    /// No message has this offset or this id, or none in the state that the call is about.
    message_not_found = 204,
    /// The server cannot tell whether a repeated batch was stored: it was answered long ago,
    sequence_too_old = 205,
    /// too many batches of this producer are unanswered,
    sequence_gap = 206,
    /// or the producer was idle for days and is forgotten. Begin a new one.
    producer_too_old = 207,
    /// The queue of a message in hand is gone.
    queue_deleted = 208,
    dead_letter_target_missing = 209,
    /// Another queue names it as its dead-letter queue.
    queue_in_use = 210,
    /// Other work on this queue or message must end first; the same call may succeed later.
    busy = 211,
    /// The server runs on real time.
    /// A topic where a queue is meant, or the other way round.
    wrong_kind = 220,
    /// A subscription that goes back has failed messages.
    messages_failed = 221,
    no_subscription = 222,
    binding_not_found = 223,
    binding_exists = 224,
    clock_not_virtual = 240,
    /// The message is in a state in which this cannot be done to it; the text names the state.
    wrong_message_state = 230,
    /// Only a queue of profile job finds a delayed or prioritized message by its offset, or does what was asked.
    wrong_profile = 231,
    /// The message was cancelled while the token held it.
    job_cancelled = 232,
    /// The attempt ran longer than it may, and counted as a failure.
    run_time_exceeded = 233,
    /// The message is not the parent of a flow.
    flow_not_found = 241,
    /// A job of a flow would wait for itself.
    flow_cycle = 242,
    /// More than 64 levels.
    flow_too_deep = 243,
    /// The job has children that are not over: it waits for them first.
    children_pending = 244,
    /// A child has failed the job, which cannot be completed.
    failed_by_child = 245,
    /// The job is no child of a flow, or not of this parent.
    not_a_child = 246,
    /// Set keep_events, and keep_completed for results_not_kept.
    events_not_kept = 280,
    /// No such stream of events on this connection; the library opens it again itself.
    stream_not_found = 281,
    too_many_streams = 282,
    results_not_kept = 283,
    /// No such task, or it ended long ago.
    task_not_found = 285,
    /// 64 run.
    too_many_tasks = 286,
    schedule_not_found = 260,
    /// It has another generation than was said, or exists when none was.
    schedule_changed = 261,
    /// A group has as many messages as it may have.
    group_full = 290,
    /// A million groups of one queue have settings of their own or work in flight.
    too_many_groups = 291,
    /// Another examination is running; Error::retry_after_ms says when to ask again.
    doctor_busy = 250,
    /// Nobody has this deduplication id.
    dedup_not_found = 270,
    /// Another message has it than was said.
    dedup_changed = 271,
    /// Too much is parked behind leased messages.
    parked_full = 370,
    /// A bound on the length of a queue; also when a transaction or a flow would pass it.
    queue_full = 300,
    too_many_queues = 301,
    /// The server has as much of this connection in hand as it takes.
    too_many_requests = 302,
    too_many_consumers = 303,
    /// The server's disk is nearly full: it takes no messages.
    storage_full = 304,
    too_many_schedules = 360,
    /// Why a settle was refused: this delivery acked it before,
    already_settled = 400,
    /// its lease ended and it waits again,
    lease_expired = 401,
    /// another delivery holds it,
    lease_superseded = 402,
    /// it was acked, moved, expired or purged,
    message_gone = 403,
    /// or the server knows no such delivery.
    token_unknown = 404,
    shutting_down = 500,
    /// The server can no longer write, and stops.
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

}  // namespace baton
