#pragma once
// Bugs that the simulation plants to prove that it would see them. Compiled in only for the test that needs them; in
// every other build `planted()` is the constant false and costs nothing.

#include <cstdint>

namespace baton::core {

enum class PlantedBug : std::uint8_t {
    none,
    /// Takes an ack with the token of a lease that has since gone to another consumer.
    stale_ack_accepted,
    /// Allows one failure more than max_attempts.
    attempts_cap_off_by_one,
    /// Releases a delayed message one millisecond early.
    timer_early,
    /// Forgets to count one acked message.
    counter_drift,
    /// Delivers beyond the durable delivery horizon.
    horizon_not_raised,
    /// Remembers the sequence of a produce that was refused.
    refused_sequence_remembered,
    /// Returns an expired message behind newer ones.
    returned_place_lost,
    /// Deletes a chunk that still has an unacked message.
    chunk_removed_early,
    /// Gives a message away when half of its lease is over.
    double_lease,
    /// Drops a message that used up its attempts instead of keeping it in the failed set.
    failed_dropped,
    /// Counts a lease loss for a message that was never started.
    unstarted_loss_counted,
    /// Forgets the ack of the last message of a page.
    page_edge_ack_lost,
    /// Forgets the priority of a message that is tried again.
    priority_lost_by_retry,
    /// Takes a whole run of messages for the one that may exceed the credit in bytes.
    credit_in_bytes_ignored,
    /// A rate limit earns its permits twice as fast.
    permits_come_twice_as_fast,
    /// Settles what a transaction settles although its produce is refused.
    transaction_half_done,
    /// A queue takes one message more than its limit.
    length_limit_off_by_one,
    /// The limit on what is in flight forgets messages of the timed lane.
    lane_not_in_flight,
    /// In strict order: lets a message pass one of its group that waits to be tried again.
    strict_order_forgets_retry,
    /// A group takes one message more than its limit.
    group_limit_off_by_one,
    /// Serves the same group until it has nothing left.
    group_keeps_its_turn,
    /// Appends the message of a firing without the record that says so.
    firing_not_recorded,
    /// Tries a message again whose error class a rule calls final.
    retry_rule_ignored,
    /// A cancelled message whose lease ends waits again.
    cancelled_comes_back,
    /// Attempts run for as long as their lease is prolonged.
    run_limit_forgotten,
    /// Delivers messages of a lost batch together again.
    isolation_forgotten,
    /// Messages that wait behind others do not expire before their turn.
    expiry_not_indexed,
    /// Forgets the result of some completed messages.
    result_lost,
    /// Forgets that a retried message left the set that it had ended in.
    left_set_not_noted,
    /// Keeps one finished message fewer than asked for.
    retention_off_by_one,
    /// Forgets the last of several events of a commit.
    event_lost,
    /// Leaves those who wait for a failed message waiting.
    failure_not_told,
    /// Leaves what a job said behind when the job is gone.
    report_outlives_job,
    /// Delivers a message again with the body that it had before its holder changed it.
    old_body_comes_back,
    /// Takes a leased message for gone when another asks for its id or key.
    leased_holder_forgotten,
    /// Leaves the deduplication key of a finished message behind.
    key_outlives_holder,
    /// A task says that it is done after its first slice.
    task_stops_early,
    /// A filter takes any error class for the one that it asks for.
    filter_forgets_error_class,
    /// A flow does not learn of a child that ended while its record was not in memory.
    flow_news_lost,
    /// Flows do not learn of children that went with the messages of their queue.
    lost_children_forgotten,
    /// Releases a parent while one child is still to be done.
    parent_released_early,
    /// Completes a job whose own children are not over.
    open_flow_acked,
    /// A child that was detached still holds its parent.
    detached_child_holds,
    /// Ends the look through the past of a topic although something was published to it meanwhile.
    published_while_filling_lost,
    /// Retention takes what a subscription with hold has not acked.
    hold_forgotten,
    /// After a restart a subscription that selects needs nothing that is not in memory.
    needs_forgotten_by_restart,
    /// A filter lets everything pass that is published from now on.
    filter_forgotten,
    /// A message overtakes one of its key that waits to be tried again.
    key_passes_its_retry,
    /// Compaction takes the last message of a key too.
    compaction_takes_last,
    /// Compaction takes what a subscription with hold has not acked.
    compaction_forgets_hold,
};

#ifdef BATON_PLANTED_BUGS
/// The bug that is active; set by the simulation before a run.
inline PlantedBug active_bug = PlantedBug::none;
inline bool planted(PlantedBug bug) { return active_bug == bug; }
#else
constexpr bool planted(PlantedBug) { return false; }
#endif

}  // namespace baton::core
