// The rows of the state machine, in the order of the specification; each of its rows is one or several here.
#include "tests/simulation/transition.hpp"

namespace baton::simulation {

namespace {

using At = Standing;
using On = Trigger;

// Which runs see a row.
constexpr std::uint8_t plain_runs = static_cast<std::uint8_t>(RunKind::plain);
constexpr std::uint8_t flow_runs = static_cast<std::uint8_t>(RunKind::flows);
constexpr std::uint8_t finished_runs = static_cast<std::uint8_t>(RunKind::finished);
constexpr std::uint8_t schedule_runs = static_cast<std::uint8_t>(RunKind::schedules);

constexpr Transition transition_table[] = {
    // - | add
    {At::none, On::add, At::waiting, plain_runs | flow_runs | finished_runs},
    {At::none, On::add, At::prioritized, plain_runs | flow_runs | finished_runs},
    {At::none, On::add, At::delayed, plain_runs | flow_runs},
    {At::none, On::add_flow, At::waiting_children, flow_runs},
    {At::none, On::schedule_fires, At::waiting, schedule_runs},
    {At::none, On::moved_in, At::waiting, plain_runs},
    {At::none, On::moved_in, At::prioritized, plain_runs},
    // - | add, id exists
    {At::waiting, On::id_taken, At::unchanged, plain_runs},
    {At::prioritized, On::id_taken, At::unchanged, plain_runs},
    {At::delayed, On::id_taken, At::unchanged, plain_runs},
    {At::active, On::id_taken, At::unchanged, plain_runs},
    {At::completed, On::id_taken, At::unchanged, plain_runs},
    {At::failed, On::id_taken, At::unchanged, plain_runs},
    {At::gone, On::id_taken, At::unchanged, plain_runs},
    // Jobs of flows can have ids; the runs about flows give them none.
    {At::waiting_children, On::id_taken, At::unchanged, 0},
    // - | add, dedup hit
    {At::waiting, On::key_taken, At::unchanged, plain_runs},
    {At::prioritized, On::key_taken, At::unchanged, plain_runs},
    {At::delayed, On::key_taken, At::unchanged, plain_runs},
    {At::active, On::key_taken, At::unchanged, plain_runs},
    {At::completed, On::key_taken, At::unchanged, plain_runs},
    {At::failed, On::key_taken, At::unchanged, plain_runs},
    {At::gone, On::key_taken, At::unchanged, plain_runs},
    {At::waiting_children, On::key_taken, At::unchanged, 0, "the jobs of a flow have no deduplication keys"},
    {At::waiting, On::key_taken, At::gone, plain_runs},
    {At::prioritized, On::key_taken, At::gone, plain_runs},
    {At::delayed, On::key_taken, At::gone, plain_runs},
    {At::active, On::supersede, At::cancelled, 0, "a holder that is leased keeps its key: the newer one is parked"},
    {At::none, On::key_taken, At::parked, plain_runs},
    {At::parked, On::holder_over, At::waiting, plain_runs},
    {At::parked, On::holder_over, At::prioritized, plain_runs},
    {At::parked, On::holder_over, At::delayed, plain_runs},
    {At::waiting, On::clear_key, At::waiting, plain_runs},
    {At::prioritized, On::clear_key, At::prioritized, plain_runs},
    {At::delayed, On::clear_key, At::delayed, plain_runs},
    // - | add, queue full
    {At::none, On::queue_full, At::refused, plain_runs},
    {At::waiting, On::queue_full, At::dropped, plain_runs},
    {At::prioritized, On::queue_full, At::dropped, plain_runs},
    {At::waiting, On::queue_full, At::dead_lettered, plain_runs},
    {At::prioritized, On::queue_full, At::dead_lettered, plain_runs},
    {At::delayed, On::queue_full, At::dropped, 0, "what is delayed makes no room: the produce is refused"},
    {At::waiting, On::newer_run, At::dropped, schedule_runs},
    // delayed | due / promote
    {At::delayed, On::due, At::waiting, plain_runs | flow_runs | schedule_runs},
    {At::delayed, On::due, At::prioritized, plain_runs | flow_runs},
    {At::delayed, On::promote, At::waiting, plain_runs},
    {At::delayed, On::promote, At::prioritized, plain_runs},
    {At::waiting, On::promote, At::refused, plain_runs},
    {At::prioritized, On::promote, At::refused, plain_runs},
    {At::active, On::promote, At::refused, plain_runs},
    {At::completed, On::promote, At::refused, plain_runs},
    {At::failed, On::promote, At::refused, plain_runs},
    // Changes of priority and delay, which 2.4 and 2.5 allow in these states.
    {At::delayed, On::change, At::delayed, plain_runs},
    {At::delayed, On::change, At::waiting, plain_runs},
    {At::delayed, On::change, At::prioritized, plain_runs},
    {At::waiting, On::change, At::waiting, plain_runs},
    {At::waiting, On::change, At::prioritized, plain_runs},
    {At::waiting, On::change, At::delayed, plain_runs},
    {At::prioritized, On::change, At::prioritized, plain_runs},
    {At::prioritized, On::change, At::waiting, plain_runs},
    {At::prioritized, On::change, At::delayed, plain_runs},
    {At::active, On::change, At::refused, plain_runs},
    {At::completed, On::change, At::refused, plain_runs},
    {At::failed, On::change, At::refused, plain_runs},
    // waiting, prioritized | lease
    {At::waiting, On::lease, At::active, plain_runs | flow_runs | finished_runs | schedule_runs},
    {At::prioritized, On::lease, At::active, plain_runs | flow_runs | finished_runs},
    // waiting, prioritized, delayed | TTL
    {At::waiting, On::ttl, At::expired, plain_runs},
    {At::prioritized, On::ttl, At::expired, plain_runs},
    {At::delayed, On::ttl, At::expired, plain_runs},
    {At::waiting, On::ttl, At::dead_lettered, plain_runs},
    {At::prioritized, On::ttl, At::dead_lettered, plain_runs},
    {At::delayed, On::ttl, At::dead_lettered, plain_runs},
    // active | ack
    {At::active, On::ack, At::completed, plain_runs | flow_runs | finished_runs | schedule_runs},
    {At::waiting, On::late_ack, At::completed, plain_runs},
    {At::prioritized, On::late_ack, At::completed, plain_runs},
    {At::active, On::ack, At::refused, flow_runs},
    // active | fail
    {At::active, On::fail, At::delayed, plain_runs | schedule_runs},
    {At::active, On::fail, At::waiting, plain_runs},
    {At::active, On::fail, At::prioritized, plain_runs},
    {At::active, On::fail_last, At::failed, plain_runs | schedule_runs},
    {At::active, On::fail_last, At::dead_lettered, plain_runs},
    {At::active, On::fail_terminal, At::failed, plain_runs | flow_runs | finished_runs | schedule_runs},
    {At::active, On::fail_terminal, At::dead_lettered, plain_runs},
    // active | release
    {At::active, On::release, At::waiting, plain_runs},
    {At::active, On::release, At::prioritized, plain_runs},
    {At::active, On::release, At::delayed, plain_runs},
    {At::active, On::deliveries_cap, At::failed, plain_runs},
    {At::active, On::deliveries_cap, At::dead_lettered, plain_runs},
    // A restart counts as a delivery that may have been: it can be the last one.
    {At::waiting, On::deliveries_cap, At::failed, plain_runs},
    {At::waiting, On::deliveries_cap, At::dead_lettered, plain_runs},
    {At::prioritized, On::deliveries_cap, At::failed, 0},
    {At::prioritized, On::deliveries_cap, At::dead_lettered, 0},
    // active | wait-children
    {At::active, On::wait_children, At::waiting_children, flow_runs},
    {At::active, On::wait_children, At::unchanged, flow_runs},
    {At::active, On::child_fails, At::failed, flow_runs},
    {At::active, On::add_children, At::unchanged, flow_runs},
    // active | lease deadline; and the other ways to lose a holder
    {At::active, On::lease_lost, At::waiting, plain_runs},
    {At::active, On::lease_lost, At::prioritized, plain_runs},
    {At::active, On::lease_ends, At::waiting, plain_runs},
    {At::active, On::lease_ends, At::prioritized, plain_runs},
    {At::active, On::losses_cap, At::failed, plain_runs},
    {At::active, On::losses_cap, At::dead_lettered, plain_runs},
    {At::active, On::consumer_lost, At::waiting, plain_runs},
    {At::active, On::consumer_lost, At::prioritized, plain_runs},
    {At::active, On::restart, At::waiting, plain_runs},
    {At::active, On::restart, At::prioritized, 0,
     "what has a priority is leased with a record, which a restart keeps: its consumer is lost"},
    {At::waiting, On::restart, At::waiting, plain_runs},
    {At::prioritized, On::restart, At::prioritized, 0},
    // active | cancel; what nobody holds is cancelled at once
    {At::active, On::cancel, At::cancelled, plain_runs},
    {At::active, On::cancel, At::unchanged, plain_runs},
    {At::waiting, On::cancel, At::cancelled, plain_runs},
    {At::prioritized, On::cancel, At::cancelled, plain_runs},
    {At::delayed, On::cancel, At::cancelled, plain_runs},
    {At::waiting_children, On::cancel, At::cancelled, flow_runs},
    {At::completed, On::cancel, At::refused, plain_runs},
    {At::failed, On::cancel, At::refused, plain_runs},
    // active | extend, progress, log, set data: the token must match
    {At::active, On::extend, At::unchanged, plain_runs},
    {At::active, On::progress, At::unchanged, finished_runs},
    {At::active, On::log, At::unchanged, finished_runs},
    {At::active, On::set_data, At::unchanged, finished_runs},
    {At::waiting, On::old_token, At::refused, plain_runs},
    {At::prioritized, On::old_token, At::refused, plain_runs},
    {At::delayed, On::old_token, At::refused, plain_runs},
    {At::active, On::old_token, At::refused, plain_runs},
    {At::completed, On::old_token, At::refused, plain_runs},
    {At::failed, On::old_token, At::refused, plain_runs},
    {At::gone, On::old_token, At::refused, plain_runs},
    // waiting-children
    {At::waiting_children, On::children_over, At::waiting, flow_runs},
    {At::waiting_children, On::children_over, At::prioritized, flow_runs},
    {At::waiting_children, On::children_over, At::delayed, flow_runs},
    {At::waiting_children, On::child_fails, At::failed, flow_runs},
    {At::waiting_children, On::child_continues, At::waiting, flow_runs},
    {At::waiting_children, On::child_continues, At::prioritized, flow_runs},
    {At::waiting_children, On::child_continues, At::delayed, flow_runs},
    // completed, failed, dead | retry
    {At::failed, On::retry, At::waiting, plain_runs | flow_runs | finished_runs},
    {At::failed, On::retry, At::prioritized, plain_runs | flow_runs | finished_runs},
    {At::failed, On::retry, At::waiting_children, flow_runs},
    {At::completed, On::retry, At::waiting, finished_runs},
    {At::completed, On::retry, At::prioritized, finished_runs},
    {At::dead_lettered, On::retry, At::waiting, 0, "a dead letter is a message of another queue: it is redriven there"},
    {At::waiting, On::redrive, At::gone, plain_runs},
    {At::prioritized, On::redrive, At::gone, plain_runs},
    {At::waiting, On::retry, At::refused, finished_runs},
    {At::active, On::retry, At::refused, finished_runs},
    // any but active | remove
    {At::waiting, On::remove, At::gone, plain_runs | flow_runs},
    {At::prioritized, On::remove, At::gone, plain_runs | flow_runs},
    {At::delayed, On::remove, At::gone, plain_runs},
    {At::waiting_children, On::remove, At::gone, flow_runs},
    {At::completed, On::remove, At::gone, plain_runs | flow_runs | finished_runs},
    {At::failed, On::remove, At::gone, plain_runs | flow_runs | finished_runs},
    {At::active, On::remove, At::refused, plain_runs},
    {At::gone, On::remove, At::refused, plain_runs},
    {At::waiting, On::purge, At::gone, plain_runs | flow_runs | finished_runs},
    {At::prioritized, On::purge, At::gone, plain_runs | flow_runs | finished_runs},
    {At::delayed, On::purge, At::gone, plain_runs},
    {At::waiting_children, On::purge, At::gone, flow_runs},
    {At::completed, On::purge, At::gone, finished_runs},
    {At::failed, On::purge, At::gone, plain_runs | finished_runs},
    {At::waiting, On::delete_queue, At::gone, plain_runs | flow_runs},
    {At::prioritized, On::delete_queue, At::gone, flow_runs},
    {At::delayed, On::delete_queue, At::gone, plain_runs},
    {At::active, On::delete_queue, At::gone, plain_runs | flow_runs},
    {At::waiting_children, On::delete_queue, At::gone, flow_runs},
    {At::completed, On::delete_queue, At::gone, plain_runs | flow_runs},
    {At::failed, On::delete_queue, At::gone, flow_runs},
    // completed, failed | retention
    {At::completed, On::retention, At::gone, finished_runs},
    {At::failed, On::retention, At::gone, finished_runs},
};

}  // namespace

std::span<const Transition> transitions() { return transition_table; }

}  // namespace baton::simulation
