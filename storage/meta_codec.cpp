#include "storage/meta_codec.hpp"

#include "storage/name_codec.hpp"
#include "storage/retry_codec.hpp"

namespace baton::storage {

void to_proto(const core::Counters& counters, store::v1::Counters& out) {
    out.set_deliveries(counters.deliveries);
    out.set_failures(counters.failures);
    out.set_lease_losses(counters.lease_losses);
}

core::Counters from_proto(const store::v1::Counters& counters) {
    return {counters.deliveries(), counters.failures(), counters.lease_losses()};
}

void to_proto(const core::MessageMeta& meta, store::v1::MessageMeta& out) {
    out.set_lease_ms(meta.lease_ms);
    out.set_expires_ms(meta.expires_at);
    out.set_cause(static_cast<std::uint32_t>(meta.cause));
    to_proto(meta.counters, *out.mutable_counters());
    attempts_to_proto(meta.attempts, *out.mutable_attempts());
    out.set_priority(meta.priority);
    out.set_lifo(meta.lifo);
    out.set_front(meta.front);
    out.set_fence(meta.fence);
    out.set_max_attempts(meta.max_attempts);
    out.set_run_limit_ms(meta.run_limit_ms);
    out.set_isolated(meta.isolated);
    if (meta.backoff) {
        to_proto(*meta.backoff, *out.mutable_backoff());
    }
    if (meta.group) {
        out.set_group(meta.group->name);
    }
    if (meta.origin) {
        out.set_origin_max_attempts(meta.origin->max_attempts);
        out.set_origin_run_limit_ms(meta.origin->run_limit_ms);
        if (meta.origin->backoff) {
            to_proto(*meta.origin->backoff, *out.mutable_origin_backoff());
        }
        out.set_origin_group(meta.origin->group);
        out.set_origin_priority(meta.origin->priority);
        const core::Origin& origin = *meta.origin;
        store::v1::Origin& stored = *out.mutable_origin();
        stored.set_queue(origin.queue);
        stored.set_queue_id(core::value(origin.queue_id));
        stored.set_offset(origin.offset);
        stored.set_stored_ms(origin.stored_at);
        stored.set_moved_ms(origin.moved_at);
        stored.set_reason(static_cast<std::uint32_t>(origin.reason));
        to_proto(origin.counters, *stored.mutable_counters());
        attempts_to_proto(origin.attempts, *stored.mutable_attempts());
    }
    if (meta.parents) {
        for (const core::FlowLink& link : *meta.parents) {
            store::v1::FlowLink& parent = *out.add_parents();
            parent.set_queue_id(core::value(link.flow.queue));
            parent.set_offset(link.flow.parent);
            parent.set_index(link.index);
        }
    }
    out.set_has_flow(meta.has_flow);
    out.set_has_open_flow(meta.has_open_flow);
    out.set_source_topic(core::value(meta.source.topic));
    out.set_source_offset(meta.source.offset);
    if (meta.scheduled) {
        out.mutable_scheduled()->set_schedule(meta.scheduled->schedule);
        out.mutable_scheduled()->set_firing_ms(meta.scheduled->firing_at);
    }
    if (meta.identity) {
        to_proto(*meta.identity, *out.mutable_names());
    }
}

core::MetaPtr from_proto(const store::v1::MessageMeta& meta) {
    auto out = std::make_shared<core::MessageMeta>();
    out->lease_ms = meta.lease_ms();
    out->expires_at = meta.expires_ms();
    out->cause = static_cast<core::Cause>(meta.cause());
    out->counters = from_proto(meta.counters());
    out->attempts = attempts_from_proto(meta.attempts());
    out->priority = meta.priority();
    out->lifo = meta.lifo();
    out->front = meta.front();
    out->fence = meta.fence();
    out->max_attempts = meta.max_attempts();
    out->run_limit_ms = meta.run_limit_ms();
    out->isolated = meta.isolated();
    if (meta.has_backoff()) {
        out->backoff = std::make_shared<const core::Backoff>(from_proto(meta.backoff()));
    }
    out->group = core::make_group(meta.group());
    out->has_flow = meta.has_flow();
    out->has_open_flow = meta.has_open_flow();
    out->source = {core::QueueId{meta.source_topic()}, meta.source_offset()};
    if (meta.parents_size() != 0) {
        auto parents = std::make_shared<std::vector<core::FlowLink>>();
        for (const store::v1::FlowLink& link : meta.parents()) {
            parents->push_back({{core::QueueId{link.queue_id()}, link.offset()}, link.index()});
        }
        out->parents = std::move(parents);
    }
    if (meta.has_origin()) {
        const store::v1::Origin& stored = meta.origin();
        auto origin = std::make_shared<core::Origin>();
        origin->queue = stored.queue();
        origin->queue_id = core::QueueId{stored.queue_id()};
        origin->offset = stored.offset();
        origin->stored_at = stored.stored_ms();
        origin->moved_at = stored.moved_ms();
        origin->reason = static_cast<core::EndReason>(stored.reason());
        origin->counters = from_proto(stored.counters());
        origin->attempts = attempts_from_proto(stored.attempts());
        origin->priority = meta.origin_priority();
        origin->max_attempts = meta.origin_max_attempts();
        origin->run_limit_ms = meta.origin_run_limit_ms();
        if (meta.has_origin_backoff()) {
            origin->backoff = std::make_shared<const core::Backoff>(from_proto(meta.origin_backoff()));
        }
        origin->group = meta.origin_group();
        out->origin = std::move(origin);
    }
    if (meta.has_scheduled()) {
        out->scheduled = std::make_shared<const core::ScheduledRun>(
            core::ScheduledRun{meta.scheduled().schedule(), meta.scheduled().firing_ms()});
    }
    if (meta.has_names()) {
        out->identity = std::make_shared<const core::Identity>(from_proto(meta.names()));
    }
    return out;
}

}  // namespace baton::storage
