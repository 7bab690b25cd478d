#include "tests/simulation/planted.hpp"

#include "server/core/planted_bug.hpp"

#include <map>

namespace baton::simulation {

#ifdef BATON_PLANTED_BUGS
namespace {

using core::PlantedBug;

const std::map<std::string, PlantedBug> bugs = {
    {"stale_ack_accepted", PlantedBug::stale_ack_accepted},
    {"attempts_cap_off_by_one", PlantedBug::attempts_cap_off_by_one},
    {"timer_early", PlantedBug::timer_early},
    {"counter_drift", PlantedBug::counter_drift},
    {"horizon_not_raised", PlantedBug::horizon_not_raised},
    {"refused_sequence_remembered", PlantedBug::refused_sequence_remembered},
    {"returned_place_lost", PlantedBug::returned_place_lost},
    {"chunk_removed_early", PlantedBug::chunk_removed_early},
    {"double_lease", PlantedBug::double_lease},
    {"failed_dropped", PlantedBug::failed_dropped},
    {"unstarted_loss_counted", PlantedBug::unstarted_loss_counted},
    {"page_edge_ack_lost", PlantedBug::page_edge_ack_lost},
    {"priority_lost_by_retry", PlantedBug::priority_lost_by_retry},
    {"credit_in_bytes_ignored", PlantedBug::credit_in_bytes_ignored},
    {"permits_come_twice_as_fast", PlantedBug::permits_come_twice_as_fast},
    {"transaction_half_done", PlantedBug::transaction_half_done},
    {"length_limit_off_by_one", PlantedBug::length_limit_off_by_one},
    {"lane_not_in_flight", PlantedBug::lane_not_in_flight},
    {"retry_rule_ignored", PlantedBug::retry_rule_ignored},
    {"cancelled_comes_back", PlantedBug::cancelled_comes_back},
    {"run_limit_forgotten", PlantedBug::run_limit_forgotten},
    {"isolation_forgotten", PlantedBug::isolation_forgotten},
    {"expiry_not_indexed", PlantedBug::expiry_not_indexed},
    {"strict_order_forgets_retry", PlantedBug::strict_order_forgets_retry},
    {"group_keeps_its_turn", PlantedBug::group_keeps_its_turn},
    {"result_lost", PlantedBug::result_lost},
    {"left_set_not_noted", PlantedBug::left_set_not_noted},
    {"retention_off_by_one", PlantedBug::retention_off_by_one},
    {"event_lost", PlantedBug::event_lost},
    {"failure_not_told", PlantedBug::failure_not_told},
    {"report_outlives_job", PlantedBug::report_outlives_job},
    {"old_body_comes_back", PlantedBug::old_body_comes_back},
    {"leased_holder_forgotten", PlantedBug::leased_holder_forgotten},
    {"key_outlives_holder", PlantedBug::key_outlives_holder},
    {"task_stops_early", PlantedBug::task_stops_early},
    {"filter_forgets_error_class", PlantedBug::filter_forgets_error_class},
    {"flow_news_lost", PlantedBug::flow_news_lost},
    {"lost_children_forgotten", PlantedBug::lost_children_forgotten},
    {"parent_released_early", PlantedBug::parent_released_early},
    {"open_flow_acked", PlantedBug::open_flow_acked},
    {"detached_child_holds", PlantedBug::detached_child_holds},
    {"firing_not_recorded", PlantedBug::firing_not_recorded},
    {"published_while_filling_lost", PlantedBug::published_while_filling_lost},
    {"hold_forgotten", PlantedBug::hold_forgotten},
    {"needs_forgotten_by_restart", PlantedBug::needs_forgotten_by_restart},
    {"filter_forgotten", PlantedBug::filter_forgotten},
    {"key_passes_its_retry", PlantedBug::key_passes_its_retry},
    {"compaction_takes_last", PlantedBug::compaction_takes_last},
    {"compaction_forgets_hold", PlantedBug::compaction_forgets_hold},
};

}  // namespace
#endif

bool plant(const std::string& name) {
    // Planted in the driver, by the options of a run.
    if (name.empty() || name == "none" || name == "reply_before_sync") {
        return true;
    }
#ifdef BATON_PLANTED_BUGS
    const auto found = bugs.find(name);
    if (found == bugs.end()) {
        return false;
    }
    core::active_bug = found->second;
    return true;
#else
    return false;
#endif
}

}  // namespace baton::simulation
