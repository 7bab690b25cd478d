// Topics and subscriptions.
#include "server/core/limits.hpp"
#include "server/core/word_pattern.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/decode/filter.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/decode/queue_settings.hpp"

#include <baton/v1/topic.pb.h>
#include <baton/v1/wire.pb.h>

#include <utility>

namespace baton::session {

namespace {

constexpr std::uint32_t page_default = 100;

/// A name without that of another thing before it.
Fault check_plain_name(const std::string& name, const char* field) {
    if (auto refusal = core::check_name(name, field)) {
        return wire_error(std::move(*refusal));
    }
    return {};
}

/// A topic, or a pattern of topics.
Fault check_topics(const std::string& topics, const char* field) {
    if (!core::is_pattern(topics)) {
        return check_plain_name(topics, field);
    }
    if (auto refusal = core::check_pattern(topics, field)) {
        return wire_error(std::move(*refusal));
    }
    return {};
}

Fault decode_topic_settings(const v1::TopicSettings& from, core::TopicSettingsChange& out) {
    if (from.has_interest()) {
        out.interest = from.interest();
    }
    if (from.has_delivery_log()) {
        out.delivery_log = from.delivery_log();
    }
    if (from.has_compact()) {
        out.compact = from.compact();
    }
    if (from.has_tombstone_ms()) {
        const auto ten_years_ms = static_cast<std::uint64_t>(core::limits::ten_years_ms);
        if (auto fault = check_range(from.tombstone_ms(), 0, ten_years_ms, "topic_settings.tombstone_ms")) {
            return fault;
        }
        out.tombstone_ms = static_cast<core::DurationMs>(from.tombstone_ms());
    }
    if (from.has_alternate_queue()) {
        if (!from.alternate_queue().empty()) {
            if (auto fault = check_plain_name(from.alternate_queue(), "topic_settings.alternate_queue")) {
                return fault;
            }
        }
        out.alternate = from.alternate_queue();
    }
    return decode_retention(from.retention(), "topic_settings.retention.age_ms", out.retention);
}

Fault decode_start(const v1::Start& from, const char* field, core::StartAt& out) {
    switch (from.at_case()) {
        case v1::Start::kBeginning:
            out = core::StartBeginning{};
            return {};
        case v1::Start::kLast:
            out = core::StartLast{};
            return {};
        case v1::Start::kLastPerKey:
            out = core::StartLastPerKey{};
            return {};
        case v1::Start::kOffset:
            out = core::StartOffset{from.offset()};
            return {};
        case v1::Start::kTimeMs:
            if (from.time_ms() < 0 || from.time_ms() > core::limits::time_ms_max) {
                return invalid(field, "time_ms is a time in milliseconds since 1970");
            }
            out = core::StartTime{from.time_ms()};
            return {};
        case v1::Start::kNow:
        case v1::Start::AT_NOT_SET:
            break;
    }
    out = core::StartNow{};
    return {};
}

/// Create and update of a topic differ by their names only.
template <typename Request, typename Message>
Fault take_topic(const Message& from, const char* field, Request& out) {
    if (auto fault = check_plain_name(from.name(), field)) {
        return fault;
    }
    out.name = from.name();
    if (auto fault = decode_topic_settings(from.topic_settings(), out.topic)) {
        return fault;
    }
    return decode_settings(from.settings(), out.settings);
}

Fault check_page(const std::string& after, std::uint32_t limit, const char* after_field, const char* limit_field) {
    if (auto fault = check_range(after.size(), 0, core::limits::name_bytes_max, after_field)) {
        return fault;
    }
    return check_range(limit, 0, core::limits::page_messages_max, limit_field);
}

Fault decode_create_topic(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CreateTopic>(body, "create_topic", [&out](const v1::CreateTopic& from) -> Fault {
        core::CreateTopic create;
        create.update = from.update();
        auto fault = take_topic(from, "create_topic.name", create);
        out = std::move(create);
        return fault;
    });
}

Fault decode_update_topic(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::UpdateTopic>(body, "update_topic", [&out](const v1::UpdateTopic& from) -> Fault {
        core::UpdateTopic update;
        auto fault = take_topic(from, "update_topic.name", update);
        out = std::move(update);
        return fault;
    });
}

Fault decode_delete_topic(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::DeleteTopic>(body, "delete_topic", [&out](const v1::DeleteTopic& from) -> Fault {
        out = core::DeleteTopic{from.name()};
        return check_plain_name(from.name(), "delete_topic.name");
    });
}

Fault decode_trim_topic(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::TrimTopic>(body, "trim_topic", [&out](const v1::TrimTopic& from) -> Fault {
        core::TrimTopic trim{from.name(), from.below_offset()};
        if (from.has_before_ms()) {
            trim.before = from.before_ms();
            if (trim.below != 0) {
                return invalid("trim_topic.below_offset", "a trim is by an offset or by a time, not by both");
            }
            if (*trim.before < 0 || *trim.before > core::limits::time_ms_max) {
                return invalid("trim_topic.before_ms", "is a time in milliseconds since 1970");
            }
        }
        out = std::move(trim);
        return check_plain_name(from.name(), "trim_topic.name");
    });
}

Fault decode_list_topics(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListTopics>(body, "list_topics", [&out](const v1::ListTopics& from) -> Fault {
        if (auto fault = check_range(from.prefix().size(), 0, core::limits::name_bytes_max, "list_topics.prefix")) {
            return fault;
        }
        out = core::ListTopics{from.prefix(), from.after(), from.limit() == 0 ? page_default : from.limit()};
        return check_page(from.after(), from.limit(), "list_topics.after", "list_topics.limit");
    });
}

Fault decode_create_subscription(std::string_view body, core::RequestBody& out) {
    const auto decode = [&out](const v1::CreateSubscription& from) -> Fault {
        if (auto fault = check_topics(from.topic(), "create_subscription.topic")) {
            return fault;
        }
        if (auto fault = check_plain_name(from.name(), "create_subscription.name")) {
            return fault;
        }
        core::CreateSubscription create;
        create.topic = from.topic();
        create.name = from.name();
        if (from.has_hold_unacked()) {
            create.hold = from.hold_unacked();
        }
        create.update = from.update();
        if (from.has_filter()) {
            if (auto fault = decode_message_filter(from.filter(), "create_subscription.filter", create.filter)) {
                return fault;
            }
        }
        if (auto fault = decode_start(from.start(), "create_subscription.start.time_ms", create.start)) {
            return fault;
        }
        auto fault = decode_settings(from.settings(), create.settings);
        out = std::move(create);
        return fault;
    };
    return decode_as<v1::CreateSubscription>(body, "create_subscription", decode);
}

Fault decode_list_subscriptions(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListSubscriptions>(
        body, "list_subscriptions", [&out](const v1::ListSubscriptions& from) -> Fault {
            if (auto fault = check_topics(from.topic(), "list_subscriptions.topic")) {
                return fault;
            }
            out = core::ListSubscriptions{from.topic(), from.after(), from.limit() == 0 ? page_default : from.limit()};
            return check_page(from.after(), from.limit(), "list_subscriptions.after", "list_subscriptions.limit");
        });
}

Fault decode_seek_subscription(std::string_view body, core::RequestBody& out) {
    const auto decode = [&out](const v1::SeekSubscription& from) -> Fault {
        if (auto fault = check_topics(from.topic(), "seek_subscription.topic")) {
            return fault;
        }
        if (auto fault = check_plain_name(from.name(), "seek_subscription.name")) {
            return fault;
        }
        core::SeekSubscription seek;
        seek.topic = from.topic();
        seek.name = from.name();
        seek.dry_run = from.dry_run();
        seek.drop_failed = from.drop_failed();
        if (from.start().at_case() == v1::Start::AT_NOT_SET) {
            return invalid("seek_subscription.start", "is missing");
        }
        auto fault = decode_start(from.start(), "seek_subscription.start.time_ms", seek.start);
        out = std::move(seek);
        return fault;
    };
    return decode_as<v1::SeekSubscription>(body, "seek_subscription", decode);
}

Fault decode_trace_message(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::TraceMessage>(body, "trace_message", [&out](const v1::TraceMessage& from) -> Fault {
        out = core::TraceMessage{from.topic(), from.offset(), from.after(),
                                 from.limit() == 0 ? page_default : from.limit()};
        if (auto fault = check_plain_name(from.topic(), "trace_message.topic")) {
            return fault;
        }
        return check_page(from.after(), from.limit(), "trace_message.after", "trace_message.limit");
    });
}

}  // namespace

Fault decode_topic_body(std::uint64_t field, std::string_view body, core::RequestBody& out, bool& known) {
    switch (field) {
        case v1::ClientFrame::kCreateTopic:
            return decode_create_topic(body, out);
        case v1::ClientFrame::kUpdateTopic:
            return decode_update_topic(body, out);
        case v1::ClientFrame::kDeleteTopic:
            return decode_delete_topic(body, out);
        case v1::ClientFrame::kTrimTopic:
            return decode_trim_topic(body, out);
        case v1::ClientFrame::kListTopics:
            return decode_list_topics(body, out);
        case v1::ClientFrame::kCreateSubscription:
            return decode_create_subscription(body, out);
        case v1::ClientFrame::kListSubscriptions:
            return decode_list_subscriptions(body, out);
        case v1::ClientFrame::kSeekSubscription:
            return decode_seek_subscription(body, out);
        case v1::ClientFrame::kTraceMessage:
            return decode_trace_message(body, out);
        default:
            known = false;
            return {};
    }
}

}  // namespace baton::session
