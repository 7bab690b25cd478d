#include "server/session/decode/parse.hpp"
#include "server/session/decode/queue_settings.hpp"
#include "server/session/decode/retry.hpp"

#include <baton/v1/queue.pb.h>

#include <limits>
#include <utility>

namespace baton::session {

namespace {

/// What fits the core's signed arithmetic; the meaning is checked by core::check_settings.
Fault take_number(bool present, std::uint64_t from, const char* field, std::optional<std::int64_t>& out) {
    if (!present) {
        return {};
    }
    if (auto fault = check_range(from, 0, std::numeric_limits<std::int64_t>::max(), field)) {
        return fault;
    }
    out = static_cast<std::int64_t>(from);
    return {};
}

Fault decode_choices(const v1::QueueSettings& from, core::QueueSettingsChange& out) {
    if (from.has_consumer_mode()) {
        if (!v1::ConsumerMode_IsValid(from.consumer_mode()) || from.consumer_mode() == 0) {
            return invalid("settings.consumer_mode", "is unknown to this server");
        }
        out.consumer_mode = static_cast<core::ConsumerMode>(from.consumer_mode());
    }
    if (from.has_overflow()) {
        if (!v1::Overflow_IsValid(from.overflow()) || from.overflow() == v1::OVERFLOW_UNSPECIFIED) {
            return invalid("settings.overflow", "is unknown to this server");
        }
        out.overflow = static_cast<core::Overflow>(from.overflow());
    }
    if (from.has_durability()) {
        if (from.durability() != v1::SYNC && from.durability() != v1::OS) {
            return invalid("settings.durability", "is unknown to this server");
        }
        out.durability = static_cast<core::Durability>(from.durability());
    }
    return {};
}

Fault decode_groups(const v1::QueueSettings& from, core::QueueSettingsChange& out) {
    if (from.has_group_rate()) {
        if (auto fault = decode_rate(from.group_rate(), "settings.group_rate.per_ms", out.group_rate.emplace())) {
            return fault;
        }
    }
    if (from.has_group_max_in_flight()) {
        out.group_max_in_flight = from.group_max_in_flight();
    }
    if (from.has_group_order()) {
        if (!v1::GroupOrder_IsValid(from.group_order()) || from.group_order() == v1::GROUP_ORDER_UNSPECIFIED) {
            return invalid("settings.group_order", "is unknown to this server");
        }
        out.group_order = static_cast<core::GroupOrder>(from.group_order());
    }
    if (from.has_group_max_messages()) {
        out.group_max_messages = from.group_max_messages();
    }
    if (from.has_group_overflow()) {
        if (!v1::GroupOverflow_IsValid(from.group_overflow()) ||
            from.group_overflow() == v1::GROUP_OVERFLOW_UNSPECIFIED) {
            return invalid("settings.group_overflow", "is unknown to this server");
        }
        out.group_overflow = static_cast<core::GroupOverflow>(from.group_overflow());
    }
    return {};
}

}  // namespace

Fault decode_retention(const v1::Retention& from, const char* age_field, core::RetentionChange& out) {
    if (from.has_messages()) {
        out.messages = from.messages();
    }
    if (from.has_bytes()) {
        out.bytes = from.bytes();
    }
    return take_number(from.has_age_ms(), from.age_ms(), age_field, out.age_ms);
}

namespace {

/// What is kept of messages that are over.
Fault decode_kept(const v1::QueueSettings& from, core::QueueSettingsChange& out) {
    if (from.has_keep_completed()) {
        out.keep_completed = from.keep_completed();
    }
    if (from.has_completed_payload_bytes()) {
        out.completed_payload_bytes = from.completed_payload_bytes();
    }
    if (auto fault = decode_retention(from.completed_retention(), "settings.completed_retention.age_ms",
                                      out.completed_retention)) {
        return fault;
    }
    if (from.has_keep_events()) {
        out.keep_events = from.keep_events();
    }
    if (auto fault = decode_retention(from.event_retention(), "settings.event_retention.age_ms", out.event_retention)) {
        return fault;
    }
    return decode_retention(from.failed_retention(), "settings.failed_retention.age_ms", out.failed_retention);
}

Fault decode_id_memory(const v1::QueueSettings& from, core::QueueSettingsChange& out) {
    if (auto fault =
            take_number(from.has_id_memory_ms(), from.id_memory_ms(), "settings.id_memory_ms", out.id_memory_ms)) {
        return fault;
    }
    if (from.has_id_memory_count()) {
        out.id_memory_count = from.id_memory_count();
    }
    return {};
}

Fault decode_limits(const v1::QueueSettings& from, core::QueueSettingsChange& out) {
    if (from.has_rate_limit()) {
        if (auto fault = decode_rate(from.rate_limit(), "settings.rate_limit.per_ms", out.rate_limit.emplace())) {
            return fault;
        }
    }
    if (from.has_max_in_flight()) {
        out.max_in_flight = from.max_in_flight();
    }
    if (from.has_block_timeout_ms()) {
        out.block_timeout_ms = from.block_timeout_ms();
    }
    if (from.has_paused_until_ms()) {
        out.paused_until = from.paused_until_ms();
    }
    if (from.has_pause_for_ms()) {
        if (auto fault = check_range(from.pause_for_ms(), 0, core::limits::ten_years_ms, "settings.pause_for_ms")) {
            return fault;
        }
        out.pause_for_ms = static_cast<core::DurationMs>(from.pause_for_ms());
    }
    if (auto fault = decode_groups(from, out)) {
        return fault;
    }
    if (auto fault = decode_id_memory(from, out)) {
        return fault;
    }
    return decode_kept(from, out);
}

}  // namespace

Fault decode_settings(const v1::QueueSettings& from, core::QueueSettingsChange& out) {
    if (from.has_lease_ms()) {
        out.lease_ms = from.lease_ms();
    }
    if (from.has_max_attempts()) {
        out.max_attempts = from.max_attempts();
    }
    if (from.has_backoff()) {
        if (auto fault = decode_backoff(from.backoff(), "settings.backoff", out.backoff.emplace())) {
            return fault;
        }
    }
    if (from.has_max_lease_losses()) {
        out.max_lease_losses = from.max_lease_losses();
    }
    if (from.has_max_deliveries()) {
        out.max_deliveries = from.max_deliveries();
    }
    if (from.has_dead_letter_queue()) {
        if (!from.dead_letter_queue().empty()) {
            if (auto fault = check_queue_name(from.dead_letter_queue(), "settings.dead_letter_queue")) {
                return fault;
            }
        }
        out.dead_letter_queue = from.dead_letter_queue();
    }
    if (from.has_max_message_bytes()) {
        out.max_message_bytes = from.max_message_bytes();
    }
    if (from.has_max_messages()) {
        out.max_messages = from.max_messages();
    }
    if (from.has_max_bytes()) {
        out.max_bytes = from.max_bytes();
    }
    if (auto fault = take_number(from.has_message_ttl_ms(), from.message_ttl_ms(), "settings.message_ttl_ms",
                                 out.message_ttl_ms)) {
        return fault;
    }
    if (auto fault = take_number(from.has_aging_ms(), from.aging_ms(), "settings.aging_ms", out.aging_ms)) {
        return fault;
    }
    if (auto fault =
            take_number(from.has_run_limit_ms(), from.run_limit_ms(), "settings.run_limit_ms", out.run_limit_ms)) {
        return fault;
    }
    if (from.has_retry_rules()) {
        if (auto fault = decode_retry_rules(from.retry_rules(), out.retry_rules.emplace())) {
            return fault;
        }
    }
    if (from.has_paused()) {
        out.paused = from.paused();
    }
    if (auto fault = decode_limits(from, out)) {
        return fault;
    }
    return decode_choices(from, out);
}

namespace {

/// Messages whose only field is the name of a queue.
template <typename Message, typename Request>
Fault decode_named(std::string_view body, const char* kind, const char* field, core::RequestBody& out) {
    return decode_as<Message>(body, kind, [&](const Message& from) -> Fault {
        if (auto fault = check_queue_name(from.name(), field)) {
            return fault;
        }
        out = Request{from.name()};
        return {};
    });
}

}  // namespace

Fault decode_rate(const v1::RateLimit& rate, const char* per_field, core::RateLimit& out) {
    std::optional<std::int64_t> per_ms;
    if (auto fault = take_number(true, rate.per_ms(), per_field, per_ms)) {
        return fault;
    }
    out = core::RateLimit{rate.permits(), *per_ms, rate.burst()};
    return {};
}

Fault decode_create_queue(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CreateQueue>(body, "create_queue", [&out](const v1::CreateQueue& from) -> Fault {
        if (auto fault = check_queue_name(from.name(), "create_queue.name")) {
            return fault;
        }
        core::CreateQueue create;
        create.name = from.name();
        create.update = from.update();
        if (!v1::Profile_IsValid(from.profile())) {
            return invalid("create_queue.profile", "is unknown to this server");
        }
        create.profile = from.profile() == v1::JOB ? core::Profile::job : core::Profile::message;
        if (auto fault = decode_settings(from.settings(), create.settings)) {
            return fault;
        }
        out = std::move(create);
        return {};
    });
}

Fault decode_update_queue(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::UpdateQueue>(body, "update_queue", [&out](const v1::UpdateQueue& from) -> Fault {
        if (auto fault = check_queue_name(from.name(), "update_queue.name")) {
            return fault;
        }
        core::UpdateQueue update;
        update.name = from.name();
        if (auto fault = decode_settings(from.settings(), update.settings)) {
            return fault;
        }
        out = std::move(update);
        return {};
    });
}

Fault decode_list_queues(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListQueues>(body, "list_queues", [&out](const v1::ListQueues& from) -> Fault {
        if (auto fault = check_range(from.limit(), 0, core::limits::page_messages_max, "list_queues.limit")) {
            return fault;
        }
        for (const auto& [text, field] :
             {std::pair{&from.prefix(), "list_queues.prefix"}, {&from.after(), "list_queues.after"}}) {
            if (auto fault = check_range(text->size(), 0, core::limits::name_bytes_max, field)) {
                return fault;
            }
        }
        out = core::ListQueues{from.prefix(), from.after(), from.limit() == 0 ? 100 : from.limit()};
        return {};
    });
}

Fault decode_show_queue(std::string_view body, core::RequestBody& out) {
    return decode_named<v1::ShowQueue, core::ShowQueue>(body, "show_queue", "show_queue.name", out);
}

Fault decode_delete_queue(std::string_view body, core::RequestBody& out) {
    return decode_named<v1::DeleteQueue, core::DeleteQueue>(body, "delete_queue", "delete_queue.name", out);
}

Fault decode_purge_queue(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::PurgeQueue>(body, "purge_queue", [&out](const v1::PurgeQueue& from) -> Fault {
        if (auto fault = check_queue_name(from.name(), "purge_queue.name")) {
            return fault;
        }
        out = core::PurgeQueue{from.name(), from.failed(), from.completed()};
        return {};
    });
}

Fault decode_penalise(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::Penalise>(body, "penalise", [&out](const v1::Penalise& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "penalise.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.penalty_ms(), 0, core::limits::ten_years_ms, "penalise.penalty_ms")) {
            return fault;
        }
        if (auto fault = check_group(from.group(), 0, "penalise.group")) {
            return fault;
        }
        out = core::Penalise{from.queue(), static_cast<core::DurationMs>(from.penalty_ms()), from.group()};
        return {};
    });
}

}  // namespace baton::session
