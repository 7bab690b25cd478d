#include "server/session/encode/encode.hpp"

#include <baton/v1/queue.pb.h>
#include <baton/v1/wire.pb.h>

namespace baton::session {

namespace {

std::uint64_t unsigned_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void fill_retention(const core::Retention& from, v1::Retention& to) {
    to.set_messages(from.messages);
    to.set_age_ms(unsigned_of(from.age_ms));
    to.set_bytes(from.bytes);
}

void fill_settings(const core::QueueSettings& from, v1::QueueSettings& to) {
    to.set_lease_ms(static_cast<std::uint32_t>(from.lease_ms));
    to.set_max_attempts(from.max_attempts);
    fill(from.backoff, *to.mutable_backoff());
    fill_retry_rules(from, to);
    to.set_run_limit_ms(unsigned_of(from.run_limit_ms));
    to.set_max_lease_losses(from.max_lease_losses);
    to.set_max_deliveries(from.max_deliveries);
    to.set_dead_letter_queue(from.dead_letter_queue);
    to.set_max_message_bytes(static_cast<std::uint32_t>(from.max_message_bytes));
    to.set_max_messages(from.max_messages);
    to.set_max_bytes(from.max_bytes);
    to.set_overflow(static_cast<v1::Overflow>(from.overflow));
    to.set_message_ttl_ms(unsigned_of(from.message_ttl_ms));
    to.set_durability(static_cast<v1::Durability>(from.durability));
    to.set_paused(from.paused);
    to.set_consumer_mode(static_cast<v1::ConsumerMode>(from.consumer_mode));
    fill(from.rate_limit, *to.mutable_rate_limit());
    to.set_max_in_flight(from.max_in_flight);
    to.set_paused_until_ms(from.paused_until);
    to.set_block_timeout_ms(static_cast<std::uint32_t>(from.block_timeout_ms));
    to.set_aging_ms(unsigned_of(from.aging_ms));
    fill(from.groups.rate, *to.mutable_group_rate());
    to.set_group_max_in_flight(from.groups.max_in_flight);
    to.set_group_order(static_cast<v1::GroupOrder>(from.groups.order));
    to.set_group_max_messages(from.groups.max_messages);
    to.set_group_overflow(static_cast<v1::GroupOverflow>(from.groups.overflow));
    to.set_keep_completed(from.keep_completed);
    to.set_completed_payload_bytes(from.completed_payload_bytes);
    fill_retention(from.completed_retention, *to.mutable_completed_retention());
    fill_retention(from.failed_retention, *to.mutable_failed_retention());
    to.set_keep_events(from.keep_events);
    fill_retention(from.event_retention, *to.mutable_event_retention());
    to.set_id_memory_ms(unsigned_of(from.id_memory_ms));
    to.set_id_memory_count(from.id_memory_count);
}

void fill_kind(const core::QueueInfo& from, v1::QueueInfo& to) {
    to.set_kind(static_cast<v1::QueueKind>(from.kind));
    if (from.kind == core::QueueKind::topic) {
        fill_retention(from.keeps.retention, *to.mutable_topic_settings()->mutable_retention());
        to.mutable_topic_settings()->set_interest(from.keeps.interest);
        to.mutable_topic_settings()->set_alternate_queue(from.keeps.alternate);
        to.mutable_topic_settings()->set_delivery_log(from.keeps.delivery_log);
        to.mutable_topic_settings()->set_compact(from.keeps.compact);
        to.mutable_topic_settings()->set_tombstone_ms(unsigned_of(from.keeps.tombstone_ms));
    }
    to.set_subscriptions(from.subscriptions);
    if (from.kind != core::QueueKind::queue) {
        to.set_first_offset(from.first);
        to.set_end_offset(from.end);
    }
    to.set_topic(from.topic);
    to.set_hold_unacked(from.holds);
    if (from.filter) {
        fill(*from.filter, *to.mutable_filter());
    }
    to.set_estimated(from.estimated);
    to.set_messages(from.messages);
    to.set_compacted_total(from.totals.compacted);
}

void fill_info(const core::QueueInfo& from, v1::QueueInfo& to) {
    to.set_name(from.name);
    to.set_id(core::value(from.id));
    to.set_profile(static_cast<v1::Profile>(from.profile));
    fill_settings(from.settings, *to.mutable_settings());
    to.set_created_ms(from.created_at);
    to.set_waiting(from.waiting);
    to.set_prioritized(from.prioritized);
    to.set_grouped(from.grouped);
    to.set_groups(from.groups);
    to.set_groups_more(!from.groups_known);
    to.set_delayed(from.delayed);
    to.set_leased(from.leased);
    to.set_failed(from.failed);
    to.set_bytes(from.live_bytes);
    to.set_oldest_waiting_ms(unsigned_of(from.oldest_waiting_ms));
    to.set_consumers(from.consumers);
    to.set_produced_total(from.totals.produced);
    to.set_acked_total(from.totals.acked);
    to.set_expired_total(from.totals.expired);
    to.set_dropped_total(from.totals.dropped);
    to.set_dead_lettered_total(from.totals.dead_lettered);
    to.set_redelivered_total(from.totals.redelivered);
    to.set_purged_total(from.totals.purged);
    to.set_cancelled_total(from.totals.cancelled);
    to.set_waiting_children(from.waiting_children);
    to.set_completed(from.completed);
    to.set_completed_bytes(from.completed_bytes);
    to.set_retired_total(from.totals.retired);
    to.set_first_event_seq(from.first_event);
    to.set_next_event_seq(from.next_event);
    to.set_hold(static_cast<v1::Hold>(from.hold));
    to.set_held_until_ms(from.held_until);
    fill_kind(from, to);
}

}  // namespace

void fill(const core::RateLimit& from, v1::RateLimit& to) {
    to.set_permits(from.permits);
    to.set_per_ms(unsigned_of(from.per_ms));
    to.set_burst(from.burst);
}

void encode_queue_info(core::RequestId request, const core::QueueInfo& info, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    fill_info(info, *frame.mutable_queue_info());
    append_frame(frame, out);
}

void encode_queue_list(core::RequestId request, const core::QueueList& list, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::QueueList& to = *frame.mutable_queue_list();
    for (const core::QueueInfo& info : list.queues) {
        fill_info(info, *to.add_queues());
    }
    to.set_next(list.next);
    append_frame(frame, out);
}

}  // namespace baton::session
