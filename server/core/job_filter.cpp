#include "server/core/job_filter.hpp"

#include "server/core/entry_fields.hpp"
#include "server/core/limits.hpp"
#include "server/core/message_list.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/retry_rules.hpp"

#include <algorithm>

namespace baton::core {

namespace {

bool within(TimeMs at, TimeMs from, TimeMs before) { return (from == 0 || at >= from) && (before == 0 || at < before); }

bool id_begins(const std::string& prefix, QueueId queue, const StoredMessage& message) {
    const std::string id = std::to_string(value(queue)) + '-' + std::to_string(message.offset);
    return id.starts_with(prefix) || (message.identity && message.identity->id.starts_with(prefix));
}

bool error_class_matches(const std::string& pattern, const StoredMessage& message) {
    if (planted(PlantedBug::filter_forgets_error_class)) {
        return true;
    }
    return !message.attempts.empty() && matches(pattern, message.attempts.back().error_class);
}

}  // namespace

bool matches(const JobFilter& filter, QueueId queue, const StoredMessage& message) {
    if (message.offset >= filter.below || (filter.states != 0 && (filter.states & state_bit(message.state)) == 0) ||
        !within(message.stored_at, filter.stored_from, filter.stored_before)) {
        return false;
    }
    if ((filter.ended_from != 0 || filter.ended_before != 0) &&
        (!is_finished(message.state) || !within(message.at, filter.ended_from, filter.ended_before))) {
        return false;
    }
    if (!filter.id_prefix.empty() && !id_begins(filter.id_prefix, queue, message)) {
        return false;
    }
    if (!filter.error_class.empty() && !error_class_matches(filter.error_class, message)) {
        return false;
    }
    if (!filter.name.empty() && !matches(filter.name, entry_name(message.body))) {
        return false;
    }
    return std::all_of(filter.headers.begin(), filter.headers.end(),
                       [&](const auto& header) { return entry_has_header(message.body, header.first, header.second); });
}

std::optional<Refusal> check_filter(const JobFilter& filter, const std::string& field) {
    constexpr std::uint32_t all_states = (1U << (static_cast<std::uint8_t>(MessageState::waiting_children) + 1)) - 2;
    if ((filter.states & ~all_states) != 0) {
        return invalid(field + ".states", "a state is unknown to this server");
    }
    if (filter.name.size() > limits::name_bytes_max) {
        return invalid(field + ".name", "at most 255 bytes", limits::name_bytes_max);
    }
    if (filter.error_class.size() > limits::error_class_bytes_max) {
        return invalid(field + ".error_class", "at most 255 bytes", limits::error_class_bytes_max);
    }
    if (filter.id_prefix.size() > limits::identity_bytes_max) {
        return invalid(field + ".id_prefix", "at most 256 bytes", limits::identity_bytes_max);
    }
    for (const TimeMs at : {filter.stored_from, filter.stored_before, filter.ended_from, filter.ended_before}) {
        if (at < 0 || at > limits::time_ms_max) {
            return invalid(field, "times are milliseconds since 1970", static_cast<std::uint64_t>(limits::time_ms_max));
        }
    }
    if (filter.headers.size() > limits::filter_headers_max) {
        return invalid(field + ".headers", "at most 8 headers", limits::filter_headers_max);
    }
    for (const auto& [key, wanted] : filter.headers) {
        if (key.empty() || key.size() + wanted.size() > limits::filter_header_bytes_max) {
            return invalid(field + ".headers", "a header has a key, and at most 1024 bytes",
                           limits::filter_header_bytes_max);
        }
    }
    return std::nullopt;
}

}  // namespace baton::core
