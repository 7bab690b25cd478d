#include "client/proto_convert.hpp"

#include "baton/v1/wire.pb.h"
#include "client/kept_convert.hpp"
#include "client/retry_convert.hpp"
#include "client/wire_time.hpp"

#include <algorithm>

namespace baton::detail {

namespace {

Attempt from_proto(const v1::Attempt& attempt) {
    return {attempt.at_ms(),        attempt.worker(),      attempt.reason(),
            attempt.delivered_ms(), attempt.error_class(), attempt.stack()};
}

QueueSettings from_proto(const v1::QueueSettings& in) {
    QueueSettings out;
    out.lease = ms(in.lease_ms());
    out.max_attempts = in.max_attempts();
    out.backoff = detail::from_proto(in.backoff());
    out.max_lease_losses = in.max_lease_losses();
    out.max_deliveries = in.max_deliveries();
    out.dead_letter_queue = in.dead_letter_queue();
    out.max_message_bytes = in.max_message_bytes();
    out.max_messages = in.max_messages();
    out.max_bytes = in.max_bytes();
    out.overflow = static_cast<Overflow>(in.overflow());
    out.message_ttl = ms(in.message_ttl_ms());
    out.durability = static_cast<Durability>(in.durability());
    out.paused = in.paused();
    out.rate_limit = detail::from_proto(in.rate_limit());
    out.max_in_flight = in.max_in_flight();
    out.paused_until_ms = in.paused_until_ms();
    out.block_timeout = ms(in.block_timeout_ms());
    out.aging = ms(in.aging_ms());
    out.retry_rules = detail::from_proto(in.retry_rules());
    out.run_limit = ms(in.run_limit_ms());
    out.group_rate = detail::from_proto(in.group_rate());
    out.group_max_in_flight = in.group_max_in_flight();
    out.group_order = static_cast<GroupOrder>(in.group_order());
    out.group_max_messages = in.group_max_messages();
    out.group_overflow = static_cast<GroupOverflow>(in.group_overflow());
    kept_from_proto(in, out);
    out.id_memory = ms(in.id_memory_ms());
    out.id_memory_count = in.id_memory_count();
    return out;
}

StoredMessage from_proto(const v1::StoredMessage& in) {
    StoredMessage out;
    out.id = {in.queue_id(), in.offset()};
    out.state = static_cast<MessageState>(in.state());
    out.stored_ms = in.stored_ms();
    out.at_ms = in.at_ms();
    out.deliveries = in.deliveries();
    out.failures = in.failures();
    out.lease_losses = in.lease_losses();
    out.reason = in.reason();
    for (const v1::Attempt& attempt : in.attempts()) {
        out.attempts.push_back(from_proto(attempt));
    }
    if (in.has_origin()) {
        out.origin = detail::from_proto(in.origin());
    }
    out.priority = in.priority();
    out.lifo = in.lifo();
    out.group = in.group();
    for (const v1::ParentRef& parent : in.parents()) {
        out.parents.push_back({parent.queue_id(), parent.offset()});
    }
    out.has_children = in.has_children();
    out.topic = in.topic();
    out.topic_offset = in.topic_offset();
    out.ready_ms = in.ready_ms();
    out.expires_ms = in.expires_ms();
    out.lease_ms = in.lease_ms();
    out.max_attempts = in.max_attempts();
    out.cancelling = in.cancelling();
    out.isolated = in.isolated();
    out.run_limit = ms(in.run_limit_ms());
    if (in.has_backoff()) {
        out.backoff = detail::from_proto(in.backoff());
    }
    out.own_id = in.id();
    if (in.has_dedup()) {
        const v1::Dedup& dedup = in.dedup();
        out.dedup = Dedup{dedup.id(), static_cast<Dedup::Mode>(dedup.mode()), ms(dedup.ttl_ms()), dedup.extend(),
                          dedup.replace()};
    }
    if (in.has_scheduled()) {
        out.scheduled = ScheduledRun{in.scheduled().schedule(), in.scheduled().firing_ms()};
    }
    run_from_proto(in, out);
    out.payload = in.entry().payload();
    out.name = in.entry().name();
    for (const v1::Header& header : in.entry().headers()) {
        out.headers.push_back({header.key(), header.value()});
    }
    return out;
}

void group_rules_to_proto(const QueueSettings& in, v1::QueueSettings& out) {
    if (in.group_rate) {
        detail::to_proto(*in.group_rate, *out.mutable_group_rate());
    }
    if (in.group_max_in_flight) {
        out.set_group_max_in_flight(*in.group_max_in_flight);
    }
    if (in.group_order) {
        out.set_group_order(static_cast<v1::GroupOrder>(*in.group_order));
    }
    if (in.group_max_messages) {
        out.set_group_max_messages(*in.group_max_messages);
    }
    if (in.group_overflow) {
        out.set_group_overflow(static_cast<v1::GroupOverflow>(*in.group_overflow));
    }
}

}  // namespace

RateLimit from_proto(const v1::RateLimit& in) { return {in.permits(), ms(in.per_ms()), in.burst()}; }

void to_proto(const RateLimit& in, v1::RateLimit& out) {
    out.set_permits(in.permits);
    out.set_per_ms(count_of(in.per));
    out.set_burst(in.burst);
}

Error from_proto(const v1::Error& error) {
    return {static_cast<ErrorCode>(error.code()),
            error.message(),
            error.retryable(),
            error.field(),
            error.limit(),
            error.retry_after_ms()};
}

Origin from_proto(const v1::Origin& in) {
    Origin out;
    out.queue = in.queue();
    out.id = {in.queue_id(), in.offset()};
    out.stored_ms = in.stored_ms();
    out.moved_ms = in.moved_ms();
    out.reason = in.reason();
    out.deliveries = in.deliveries();
    out.failures = in.failures();
    out.lease_losses = in.lease_losses();
    out.group = in.group();
    for (const v1::Attempt& attempt : in.attempts()) {
        out.attempts.push_back(from_proto(attempt));
    }
    return out;
}

QueueInfo from_proto(const v1::QueueInfo& in) {
    QueueInfo out;
    out.name = in.name();
    out.id = in.id();
    out.profile = static_cast<Profile>(in.profile());
    out.settings = from_proto(in.settings());
    out.created_ms = in.created_ms();
    out.waiting = in.waiting();
    out.prioritized = in.prioritized();
    out.grouped = in.grouped();
    out.groups = in.groups();
    out.groups_more = in.groups_more();
    out.delayed = in.delayed();
    out.leased = in.leased();
    out.failed = in.failed();
    out.bytes = in.bytes();
    out.oldest_waiting_ms = in.oldest_waiting_ms();
    out.consumers = in.consumers();
    out.produced_total = in.produced_total();
    out.acked_total = in.acked_total();
    out.expired_total = in.expired_total();
    out.dropped_total = in.dropped_total();
    out.dead_lettered_total = in.dead_lettered_total();
    out.redelivered_total = in.redelivered_total();
    out.purged_total = in.purged_total();
    out.cancelled_total = in.cancelled_total();
    kept_from_proto(in, out);
    out.hold = static_cast<Hold>(in.hold());
    out.held_until_ms = in.held_until_ms();
    return out;
}

MessagePage from_proto(const v1::MessageList& list) {
    MessagePage page;
    for (const v1::StoredMessage& message : list.messages()) {
        page.messages.push_back(from_proto(message));
    }
    page.next = list.next();
    return page;
}

Counted from_proto(const v1::Counted& counted) { return {counted.messages(), counted.skipped()}; }

JobsRemoved from_proto(const v1::JobsRemoved& removed) {
    JobsRemoved out;
    out.removed = removed.removed();
    for (const v1::JobRefusal& refusal : removed.refusals()) {
        out.refusals.push_back({refusal.offset(), from_proto(refusal.error()), refusal.id()});
    }
    return out;
}

JobsCancelled from_proto(const v1::JobsCancelled& cancelled) {
    JobsCancelled out;
    out.cancelled.assign(cancelled.cancelled().begin(), cancelled.cancelled().end());
    out.cancelling.assign(cancelled.cancelling().begin(), cancelled.cancelling().end());
    for (const v1::JobRefusal& refusal : cancelled.refusals()) {
        out.refusals.push_back({refusal.offset(), from_proto(refusal.error()), refusal.id()});
    }
    return out;
}

ServerStatus from_proto(const v1::ServerStatusReply& in) {
    ServerStatus out;
    out.version = in.version();
    out.epoch = in.epoch();
    out.uptime_ms = in.uptime_ms();
    out.pid = in.pid();
    out.cpu_seconds = in.cpu_seconds();
    out.rss_bytes = in.rss_bytes();
    out.commits = in.commits();
    out.queues = in.queues();
    out.connections = in.connections();
    out.data_dir = in.data_dir();
    out.state = in.state();
    return out;
}

ServerInfo from_proto(const v1::Welcome& welcome) {
    ServerInfo out{.version = welcome.server_version()};
    out.epoch = welcome.epoch();
    out.session_id = welcome.session_id();
    out.session_grace = ms(welcome.session_grace_ms());
    const auto& limits = welcome.limits();
    out.frame_bytes_max = limits.frame_bytes();
    out.message_bytes_max = limits.message_bytes();
    out.batch_messages_max = limits.batch_messages();
    out.batch_bytes_max = limits.batch_bytes();
    out.in_flight_requests_max = limits.in_flight_requests();
    out.credit_messages_max = limits.credit_messages();
    out.credit_bytes_max = limits.credit_bytes();
    out.features.assign(welcome.features().begin(), welcome.features().end());
    return out;
}

void to_proto(const QueueSettings& in, v1::QueueSettings& out) {
    const auto set = [&out](const auto& value, auto setter) {
        if (value) {
            (out.*setter)(*value);
        }
    };
    if (in.lease) {
        out.set_lease_ms(static_cast<std::uint32_t>(count_of(*in.lease)));
    }
    set(in.max_attempts, &v1::QueueSettings::set_max_attempts);
    if (in.backoff) {
        to_proto(*in.backoff, *out.mutable_backoff());
    }
    set(in.max_lease_losses, &v1::QueueSettings::set_max_lease_losses);
    set(in.max_deliveries, &v1::QueueSettings::set_max_deliveries);
    if (in.dead_letter_queue) {
        out.set_dead_letter_queue(*in.dead_letter_queue);
    }
    set(in.max_message_bytes, &v1::QueueSettings::set_max_message_bytes);
    set(in.max_messages, &v1::QueueSettings::set_max_messages);
    set(in.max_bytes, &v1::QueueSettings::set_max_bytes);
    if (in.overflow) {
        out.set_overflow(static_cast<v1::Overflow>(*in.overflow));
    }
    if (in.message_ttl) {
        out.set_message_ttl_ms(count_of(*in.message_ttl));
    }
    if (in.durability) {
        out.set_durability(static_cast<v1::Durability>(*in.durability));
    }
    set(in.paused, &v1::QueueSettings::set_paused);
    if (in.rate_limit) {
        to_proto(*in.rate_limit, *out.mutable_rate_limit());
    }
    set(in.max_in_flight, &v1::QueueSettings::set_max_in_flight);
    set(in.paused_until_ms, &v1::QueueSettings::set_paused_until_ms);
    if (in.block_timeout) {
        out.set_block_timeout_ms(static_cast<std::uint32_t>(count_of(*in.block_timeout)));
    }
    if (in.pause_for) {
        out.set_pause_for_ms(count_of(*in.pause_for));
    }
    if (in.aging) {
        out.set_aging_ms(count_of(*in.aging));
    }
    if (in.run_limit) {
        out.set_run_limit_ms(count_of(*in.run_limit));
    }
    if (in.retry_rules) {
        to_proto(*in.retry_rules, *out.mutable_retry_rules());
    }
    group_rules_to_proto(in, out);
    kept_to_proto(in, out);
    if (in.id_memory) {
        out.set_id_memory_ms(count_of(*in.id_memory));
    }
    set(in.id_memory_count, &v1::QueueSettings::set_id_memory_count);
}

Error read_error(std::string_view body) {
    v1::Error error;
    if (!error.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return {ErrorCode::protocol_violation, "the server sent a malformed error"};
    }
    return from_proto(error);
}

bool read_detail(std::string_view body, DeliveredFrame::Detail& out) {
    v1::DeliveryDetail detail;
    if (!detail.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return false;
    }
    out.offset = detail.offset();
    out.deliveries = detail.deliveries();
    out.failures = detail.failures();
    out.lease_losses = detail.lease_losses();
    out.cause = static_cast<Cause>(detail.cause());
    out.lease_ms = detail.lease_ms();
    out.priority = detail.priority();
    out.max_attempts = detail.max_attempts();
    out.group = detail.group();
    out.own_id = detail.id();
    out.dedup_id = detail.dedup_id();
    out.has_children = detail.has_children();
    if (detail.has_origin()) {
        out.origin = std::make_shared<const Origin>(from_proto(detail.origin()));
    }
    if (detail.has_scheduled()) {
        out.scheduled = std::make_shared<const ScheduledRun>(
            ScheduledRun{detail.scheduled().schedule(), detail.scheduled().firing_ms()});
    }
    return true;
}

}  // namespace baton::detail
