#include "cli/exit_code.hpp"

namespace baton::cli {

const char* const exit_code_table =
    "Exit codes: 0 ok, 1 failed, 3 not found, 4 conflict with what exists, 5 refused for now (full, busy),\n"
    "            6 timed out or fewer than -n N came, 7 invalid (by the server), 64 usage,\n            66 input or "
    "output, 69 no server reached";

ExitCode exit_code_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::ok:
            return ExitCode::ok;
        case ErrorCode::queue_not_found:
        case ErrorCode::consumer_not_found:
        case ErrorCode::message_not_found:
        case ErrorCode::queue_deleted:
        case ErrorCode::dead_letter_target_missing:
        case ErrorCode::message_gone:
        case ErrorCode::schedule_not_found:
        case ErrorCode::flow_not_found:
            return ExitCode::not_found;
        case ErrorCode::queue_exists:
        case ErrorCode::consumer_exists:
        case ErrorCode::queue_in_use:
        case ErrorCode::clock_not_virtual:
        case ErrorCode::wrong_message_state:
        case ErrorCode::job_cancelled:
        case ErrorCode::run_time_exceeded:
        case ErrorCode::schedule_changed:
        case ErrorCode::already_settled:
        case ErrorCode::lease_expired:
        case ErrorCode::lease_superseded:
            return ExitCode::conflict;
        case ErrorCode::queue_full:
        case ErrorCode::group_full:
        case ErrorCode::too_many_groups:
        case ErrorCode::storage_full:
        case ErrorCode::busy:
        case ErrorCode::too_many_queues:
        case ErrorCode::too_many_schedules:
        case ErrorCode::too_many_requests:
        case ErrorCode::too_many_consumers:
        case ErrorCode::too_many_streams:
        case ErrorCode::shutting_down:
            return ExitCode::refused;
        case ErrorCode::timed_out:
            return ExitCode::timed_out;
        case ErrorCode::connection_lost:
            return ExitCode::unreachable;
        case ErrorCode::invalid_argument:
        case ErrorCode::message_too_large:
        case ErrorCode::batch_too_large:
        case ErrorCode::wrong_profile:
        case ErrorCode::flow_cycle:
        case ErrorCode::flow_too_deep:
        case ErrorCode::events_not_kept:
        case ErrorCode::results_not_kept:
            return ExitCode::invalid;
        case ErrorCode::task_not_found:
            return ExitCode::not_found;
        case ErrorCode::too_many_tasks:
            return ExitCode::refused;
        case ErrorCode::stream_not_found:
        case ErrorCode::unsupported_version:
        case ErrorCode::hello_expected:
        case ErrorCode::malformed_frame:
        case ErrorCode::frame_too_large:
        case ErrorCode::unknown_request:
        case ErrorCode::sequence_too_old:
        case ErrorCode::sequence_gap:
        case ErrorCode::producer_too_old:
        case ErrorCode::token_unknown:
        case ErrorCode::storage_failed:
        case ErrorCode::backup_failed:
        case ErrorCode::unauthorized:
        case ErrorCode::closed:
        case ErrorCode::protocol_violation:
            break;
    }
    return ExitCode::failed;
}

}  // namespace baton::cli
