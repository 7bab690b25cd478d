#include "tests/support/printing.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton::tests {

using namespace core;

namespace {

constexpr std::pair<RefusalCode, const char*> refusal_names[] = {
    {RefusalCode::invalid_argument, "invalid_argument"},
    {RefusalCode::message_too_large, "message_too_large"},
    {RefusalCode::batch_too_large, "batch_too_large"},
    {RefusalCode::queue_not_found, "queue_not_found"},
    {RefusalCode::queue_exists, "queue_exists"},
    {RefusalCode::consumer_not_found, "consumer_not_found"},
    {RefusalCode::consumer_exists, "consumer_exists"},
    {RefusalCode::message_not_found, "message_not_found"},
    {RefusalCode::sequence_too_old, "sequence_too_old"},
    {RefusalCode::sequence_gap, "sequence_gap"},
    {RefusalCode::producer_too_old, "producer_too_old"},
    {RefusalCode::queue_deleted, "queue_deleted"},
    {RefusalCode::dead_letter_target_missing, "dead_letter_target_missing"},
    {RefusalCode::queue_in_use, "queue_in_use"},
    {RefusalCode::busy, "busy"},
    {RefusalCode::clock_not_virtual, "clock_not_virtual"},
    {RefusalCode::schedule_not_found, "schedule_not_found"},
    {RefusalCode::schedule_changed, "schedule_changed"},
    {RefusalCode::too_many_schedules, "too_many_schedules"},
    {RefusalCode::dedup_not_found, "dedup_not_found"},
    {RefusalCode::dedup_changed, "dedup_changed"},
    {RefusalCode::parked_full, "parked_full"},
    {RefusalCode::queue_full, "queue_full"},
    {RefusalCode::too_many_queues, "too_many_queues"},
    {RefusalCode::too_many_requests, "too_many_requests"},
    {RefusalCode::too_many_consumers, "too_many_consumers"},
    {RefusalCode::storage_full, "storage_full"},
    {RefusalCode::already_settled, "already_settled"},
    {RefusalCode::lease_expired, "lease_expired"},
    {RefusalCode::lease_superseded, "lease_superseded"},
    {RefusalCode::message_gone, "message_gone"},
    {RefusalCode::token_unknown, "token_unknown"},
    {RefusalCode::shutting_down, "shutting_down"},
    {RefusalCode::wrong_message_state, "wrong_message_state"},
    {RefusalCode::wrong_profile, "wrong_profile"},
    {RefusalCode::job_cancelled, "job_cancelled"},
    {RefusalCode::run_time_exceeded, "run_time_exceeded"},
    {RefusalCode::group_full, "group_full"},
    {RefusalCode::too_many_groups, "too_many_groups"},
    {RefusalCode::events_not_kept, "events_not_kept"},
    {RefusalCode::stream_not_found, "stream_not_found"},
    {RefusalCode::too_many_streams, "too_many_streams"},
    {RefusalCode::results_not_kept, "results_not_kept"},
    {RefusalCode::task_not_found, "task_not_found"},
    {RefusalCode::too_many_tasks, "too_many_tasks"},
    {RefusalCode::flow_not_found, "flow_not_found"},
    {RefusalCode::flow_cycle, "flow_cycle"},
    {RefusalCode::flow_too_deep, "flow_too_deep"},
    {RefusalCode::children_pending, "children_pending"},
    {RefusalCode::failed_by_child, "failed_by_child"},
    {RefusalCode::not_a_child, "not_a_child"},
};

}  // namespace

const char* to_text(core::RefusalCode code) {
    for (const auto& [known, name] : refusal_names) {
        if (known == code) {
            return name;
        }
    }
    return "unknown refusal";
}

const char* to_text(core::Cause cause) {
    switch (cause) {
        case Cause::none:
            return "none";
        case Cause::failed:
            return "failed";
        case Cause::lease_expired:
            return "lease_expired";
        case Cause::released:
            return "released";
        case Cause::consumer_lost:
            return "consumer_lost";
        case Cause::restart:
            return "restart";
        case Cause::retried:
            return "retried";
        case Cause::redriven:
            return "redriven";
    }
    return "unknown cause";
}

}  // namespace baton::tests

namespace baton::core {

std::ostream& operator<<(std::ostream& out, const Counters& c) {
    return out << c.deliveries << " deliveries, " << c.failures << " failures, " << c.lease_losses << " lease losses";
}
std::ostream& operator<<(std::ostream& out, const Attempt& attempt) {
    return out << attempt.at << ' ' << attempt.worker << ": " << attempt.error_class << ' ' << attempt.reason;
}
std::ostream& operator<<(std::ostream& out, RefusalCode code) { return out << tests::to_text(code); }
std::ostream& operator<<(std::ostream& out, Cause cause) { return out << tests::to_text(cause); }
std::ostream& operator<<(std::ostream& out, EndReason reason) { return out << to_text(reason); }

}  // namespace baton::core
