// Queues as JSON objects and as text.
#include "cli/message_output.hpp"
#include "cli/retry_options.hpp"
#include "cli/units.hpp"
#include "cli/where_options.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace baton::cli {

namespace json = boost::json;

namespace {

std::int64_t ms_of(const std::optional<std::chrono::milliseconds>& duration) {
    return duration ? duration->count() : 0;
}

json::object rate_json(const std::optional<RateLimit>& limit) {
    const RateLimit rate = limit.value_or(RateLimit{});
    return {{"permits", rate.permits}, {"per_ms", rate.per.count()}, {"burst", rate.burst}};
}

json::object retention_json(const Retention& keep) {
    return {{"messages", keep.messages.value_or(0)}, {"age_ms", ms_of(keep.age)}, {"bytes", keep.bytes.value_or(0)}};
}

json::object settings_json(const QueueSettings& settings) {
    json::object out{{"lease_ms", ms_of(settings.lease)},
                     {"max_attempts", settings.max_attempts.value_or(0)},
                     {"max_lease_losses", settings.max_lease_losses.value_or(0)},
                     {"max_deliveries", settings.max_deliveries.value_or(0)},
                     {"dead_letter_queue", settings.dead_letter_queue.value_or("")},
                     {"max_message_bytes", settings.max_message_bytes.value_or(0)},
                     {"max_messages", settings.max_messages.value_or(0)},
                     {"max_bytes", settings.max_bytes.value_or(0)},
                     {"overflow", to_text(settings.overflow.value_or(Overflow::reject))},
                     {"message_ttl_ms", ms_of(settings.message_ttl)},
                     {"durability", to_text(settings.durability.value_or(Durability::sync))},
                     {"paused", settings.paused.value_or(false)},
                     {"consumer_mode", to_text(settings.consumer_mode.value_or(ConsumerMode::shared))},
                     {"block_timeout_ms", ms_of(settings.block_timeout)},
                     {"max_in_flight", settings.max_in_flight.value_or(0)},
                     {"paused_until", time_json(settings.paused_until_ms.value_or(0))},
                     {"aging_ms", ms_of(settings.aging)},
                     {"keep_completed", settings.keep_completed.value_or(false)},
                     {"completed_payload_bytes", settings.completed_payload_bytes.value_or(0)},
                     {"completed_retention", retention_json(settings.completed_retention.value_or(Retention{}))},
                     {"failed_retention", retention_json(settings.failed_retention.value_or(Retention{}))},
                     {"keep_events", settings.keep_events.value_or(false)},
                     {"event_retention", retention_json(settings.event_retention.value_or(Retention{}))},
                     {"id_memory_ms", ms_of(settings.id_memory)},
                     {"id_memory_count", settings.id_memory_count.value_or(0)},
                     {"run_limit_ms", ms_of(settings.run_limit)},
                     {"group_max_in_flight", settings.group_max_in_flight.value_or(0)},
                     {"group_order", to_text(settings.group_order.value_or(GroupOrder::none))},
                     {"group_max_messages", settings.group_max_messages.value_or(0)},
                     {"group_overflow", to_text(settings.group_overflow.value_or(GroupOverflow::reject))}};
    out["rate_limit"] = rate_json(settings.rate_limit);
    out["group_rate"] = rate_json(settings.group_rate);
    out["backoff"] = to_json(settings.backoff.value_or(Backoff{}));
    json::array rules;
    for (const RetryRule& rule : settings.retry_rules.value_or(std::vector<RetryRule>{})) {
        rules.push_back(to_json(rule));
    }
    out["retry_rules"] = std::move(rules);
    return out;
}

}  // namespace

namespace {

/// What makes a topic or a subscription of a queue.
void add_kind(const QueueInfo& queue, json::object& out) {
    if (queue.kind == QueueKind::queue) {
        return;
    }
    out["kind"] = to_text(queue.kind);
    out["first_offset"] = queue.first_offset;
    out["end_offset"] = queue.end_offset;
    if (queue.kind == QueueKind::topic) {
        out["subscriptions"] = queue.subscriptions;
        out["retention"] = retention_json(queue.topic_settings.retention.value_or(Retention{}));
        out["interest"] = queue.topic_settings.interest.value_or(false);
        out["messages"] = queue.messages;
        out["compact"] = queue.topic_settings.compact.value_or(false);
        out["tombstone_ms"] = queue.topic_settings.tombstone.value_or(std::chrono::milliseconds{}).count();
        out["alternate_queue"] = queue.topic_settings.alternate_queue.value_or("");
        out["delivery_log"] = queue.topic_settings.delivery_log.value_or(false);
    } else {
        out["topic"] = queue.topic;
        out["hold_unacked"] = queue.hold_unacked;
        if (!queue.filter.conditions.empty()) {
            out["filter"] = to_json(queue.filter);
        }
        out["estimated"] = queue.estimated;
    }
    out["compacted_total"] = queue.compacted_total;
}

}  // namespace

json::object to_json(const QueueInfo& queue) {
    json::object out{{"name", queue.name},
                     {"id", queue.id},
                     {"profile", to_text(queue.profile)},
                     {"created_at", format_time(queue.created_ms)},
                     {"waiting", queue.waiting},
                     {"prioritized", queue.prioritized},
                     {"grouped", queue.grouped},
                     {"groups", queue.groups},
                     {"groups_more", queue.groups_more},
                     {"delayed", queue.delayed},
                     {"leased", queue.leased},
                     {"failed", queue.failed},
                     {"waiting_children", queue.waiting_children},
                     {"completed", queue.completed},
                     {"completed_bytes", queue.completed_bytes},
                     {"bytes", queue.bytes},
                     {"oldest_waiting_ms", queue.oldest_waiting_ms},
                     {"consumers", queue.consumers},
                     {"produced_total", queue.produced_total},
                     {"acked_total", queue.acked_total},
                     {"expired_total", queue.expired_total},
                     {"dropped_total", queue.dropped_total},
                     {"dead_lettered_total", queue.dead_lettered_total},
                     {"redelivered_total", queue.redelivered_total},
                     {"purged_total", queue.purged_total},
                     {"cancelled_total", queue.cancelled_total},
                     {"retired_total", queue.retired_total},
                     {"first_event_seq", queue.first_event_seq},
                     {"next_event_seq", queue.next_event_seq},
                     {"hold", to_text(queue.hold)},
                     {"held_until", time_json(queue.held_until_ms)},
                     {"settings", settings_json(queue.settings)}};
    add_kind(queue, out);
    return out;
}

void print_text(const QueueInfo& queue) {
    fmt::print("{}\n", queue.name);
    for (const auto& field : to_json(queue)) {
        if (field.key() != "name" && field.key() != "settings") {
            fmt::print("  {:20} {}\n", std::string(field.key()), json::serialize(field.value()));
        }
    }
    for (const auto& field : settings_json(queue.settings)) {
        fmt::print("  {:20} {}\n", std::string(field.key()), json::serialize(field.value()));
    }
}

}  // namespace baton::cli
