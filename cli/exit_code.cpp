#include "cli/exit_code.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton::cli {

const char* const exit_code_table =
    "Exit codes: 0 ok, 1 failed, 3 not found, 4 conflict with what exists, 5 refused for now (full, busy),\n"
    "            6 timed out or fewer than -n N came, 7 invalid (by the server), 64 usage,\n            66 input or "
    "output, 69 no server reached";

namespace {

/// Every other one means that it failed.
constexpr std::pair<ErrorCode, ExitCode> exit_codes[] = {
    {ErrorCode::ok, ExitCode::ok},
    {ErrorCode::queue_not_found, ExitCode::not_found},
    {ErrorCode::consumer_not_found, ExitCode::not_found},
    {ErrorCode::message_not_found, ExitCode::not_found},
    {ErrorCode::queue_deleted, ExitCode::not_found},
    {ErrorCode::dead_letter_target_missing, ExitCode::not_found},
    {ErrorCode::message_gone, ExitCode::not_found},
    {ErrorCode::schedule_not_found, ExitCode::not_found},
    {ErrorCode::dedup_not_found, ExitCode::not_found},
    {ErrorCode::task_not_found, ExitCode::not_found},
    {ErrorCode::flow_not_found, ExitCode::not_found},
    {ErrorCode::binding_not_found, ExitCode::not_found},
    {ErrorCode::queue_exists, ExitCode::conflict},
    {ErrorCode::binding_exists, ExitCode::conflict},
    {ErrorCode::consumer_exists, ExitCode::conflict},
    {ErrorCode::queue_in_use, ExitCode::conflict},
    {ErrorCode::clock_not_virtual, ExitCode::conflict},
    {ErrorCode::wrong_message_state, ExitCode::conflict},
    {ErrorCode::job_cancelled, ExitCode::conflict},
    {ErrorCode::run_time_exceeded, ExitCode::conflict},
    {ErrorCode::schedule_changed, ExitCode::conflict},
    {ErrorCode::already_settled, ExitCode::conflict},
    {ErrorCode::lease_expired, ExitCode::conflict},
    {ErrorCode::lease_superseded, ExitCode::conflict},
    {ErrorCode::dedup_changed, ExitCode::conflict},
    {ErrorCode::queue_full, ExitCode::refused},
    {ErrorCode::no_subscription, ExitCode::refused},
    {ErrorCode::parked_full, ExitCode::refused},
    {ErrorCode::group_full, ExitCode::refused},
    {ErrorCode::too_many_groups, ExitCode::refused},
    {ErrorCode::storage_full, ExitCode::refused},
    {ErrorCode::busy, ExitCode::refused},
    {ErrorCode::doctor_busy, ExitCode::refused},
    {ErrorCode::too_many_queues, ExitCode::refused},
    {ErrorCode::too_many_schedules, ExitCode::refused},
    {ErrorCode::too_many_requests, ExitCode::refused},
    {ErrorCode::too_many_consumers, ExitCode::refused},
    {ErrorCode::too_many_streams, ExitCode::refused},
    {ErrorCode::too_many_tasks, ExitCode::refused},
    {ErrorCode::shutting_down, ExitCode::refused},
    {ErrorCode::timed_out, ExitCode::timed_out},
    {ErrorCode::connection_lost, ExitCode::unreachable},
    {ErrorCode::invalid_argument, ExitCode::invalid},
    {ErrorCode::message_too_large, ExitCode::invalid},
    {ErrorCode::batch_too_large, ExitCode::invalid},
    {ErrorCode::wrong_profile, ExitCode::invalid},
    {ErrorCode::events_not_kept, ExitCode::invalid},
    {ErrorCode::results_not_kept, ExitCode::invalid},
    {ErrorCode::flow_cycle, ExitCode::invalid},
    {ErrorCode::flow_too_deep, ExitCode::invalid},
    {ErrorCode::children_pending, ExitCode::conflict},
    {ErrorCode::failed_by_child, ExitCode::conflict},
    {ErrorCode::not_a_child, ExitCode::not_found},
};

}  // namespace

ExitCode exit_code_of(ErrorCode code) {
    const auto found = std::find_if(std::begin(exit_codes), std::end(exit_codes),
                                    [code](const auto& row) { return row.first == code; });
    return found == std::end(exit_codes) ? ExitCode::failed : found->second;
}

}  // namespace baton::cli
