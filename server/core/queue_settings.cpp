#include "server/core/queue_settings.hpp"

#include "server/core/word_pattern.hpp"

#include <algorithm>

namespace baton::core {

namespace {

template <typename T>
void take(T& target, const std::optional<T>& source) {
    if (source) {
        target = *source;
    }
}

template <typename T>
std::optional<Refusal> in_range(T value, T low, T high, const std::string& field) {
    if (value >= low && value <= high) {
        return std::nullopt;
    }
    return invalid(field, field + " must be from " + std::to_string(low) + " to " + std::to_string(high),
                   static_cast<std::uint64_t>(value < low ? low : high));
}

void take(Retention& target, const RetentionChange& source) {
    take(target.messages, source.messages);
    take(target.age_ms, source.age_ms);
    take(target.bytes, source.bytes);
}

/// What is kept of messages that are over.
std::optional<Refusal> check_kept(const QueueSettings& settings) {
    for (const auto& [age_ms, field] :
         {std::pair{settings.completed_retention.age_ms, "settings.completed_retention.age_ms"},
          {settings.failed_retention.age_ms, "settings.failed_retention.age_ms"},
          {settings.event_retention.age_ms, "settings.event_retention.age_ms"}}) {
        if (auto refusal = in_range<std::int64_t>(age_ms, 0, limits::ten_years_ms, field)) {
            return refusal;
        }
    }
    return in_range<std::uint64_t>(settings.completed_payload_bytes, 0, limits::message_bytes_max,
                                   "settings.completed_payload_bytes");
}

}  // namespace

std::optional<Refusal> check_rate(const RateLimit& rate, const std::string& field) {
    if (rate == RateLimit{}) {
        return std::nullopt;
    }
    if (auto refusal = in_range<std::uint64_t>(rate.permits, 1, limits::rate_permits_max, field + ".permits")) {
        return refusal;
    }
    if (auto refusal = in_range<std::int64_t>(rate.per_ms, 1, limits::rate_per_ms_max, field + ".per_ms")) {
        return refusal;
    }
    return in_range<std::uint64_t>(rate.burst, 0, limits::rate_permits_max, field + ".burst");
}

QueueSettings default_settings(Profile profile) {
    QueueSettings settings;
    settings.keep_completed = settings.keep_events = profile == Profile::job;
    settings.max_attempts = profile == Profile::job ? 3 : 20;
    if (profile == Profile::job) {
        // About as long as a completed job is kept, so that a stored one has its id to itself.
        settings.id_memory_ms = settings.completed_retention.age_ms;
        settings.id_memory_count = settings.completed_retention.messages;
    }
    return settings;
}

QueueSettings changed(QueueSettings base, const QueueSettingsChange& change, TimeMs now) {
    take(base.lease_ms, change.lease_ms);
    take(base.max_attempts, change.max_attempts);
    take(base.backoff, change.backoff);
    take(base.max_lease_losses, change.max_lease_losses);
    take(base.max_deliveries, change.max_deliveries);
    take(base.dead_letter_queue, change.dead_letter_queue);
    take(base.max_message_bytes, change.max_message_bytes);
    take(base.max_messages, change.max_messages);
    take(base.max_bytes, change.max_bytes);
    take(base.overflow, change.overflow);
    take(base.message_ttl_ms, change.message_ttl_ms);
    take(base.durability, change.durability);
    take(base.paused, change.paused);
    take(base.consumer_mode, change.consumer_mode);
    take(base.rate_limit, change.rate_limit);
    take(base.max_in_flight, change.max_in_flight);
    take(base.paused_until, change.paused_until);
    take(base.block_timeout_ms, change.block_timeout_ms);
    if (change.pause_for_ms) {
        base.paused_until = now + std::clamp<DurationMs>(*change.pause_for_ms, 0, limits::ten_years_ms);
    }
    take(base.aging_ms, change.aging_ms);
    take(base.retry_rules, change.retry_rules);
    take(base.run_limit_ms, change.run_limit_ms);
    take(base.groups.rate, change.group_rate);
    take(base.groups.max_in_flight, change.group_max_in_flight);
    take(base.groups.order, change.group_order);
    take(base.groups.max_messages, change.group_max_messages);
    take(base.groups.overflow, change.group_overflow);
    take(base.keep_completed, change.keep_completed);
    take(base.completed_payload_bytes, change.completed_payload_bytes);
    take(base.completed_retention, change.completed_retention);
    take(base.failed_retention, change.failed_retention);
    take(base.keep_events, change.keep_events);
    take(base.event_retention, change.event_retention);
    take(base.id_memory_ms, change.id_memory_ms);
    take(base.id_memory_count, change.id_memory_count);
    return base;
}

namespace {

std::optional<Refusal> check_id_memory(const QueueSettings& settings) {
    if (auto refusal =
            in_range<std::int64_t>(settings.id_memory_ms, 0, limits::ten_years_ms, "settings.id_memory_ms")) {
        return refusal;
    }
    return in_range<std::uint64_t>(settings.id_memory_count, 0, limits::id_memory_count_max,
                                   "settings.id_memory_count");
}

std::optional<Refusal> check_loss_caps(const QueueSettings& settings) {
    if (auto refusal = in_range<std::uint32_t>(settings.max_lease_losses, 0, 65'535, "settings.max_lease_losses")) {
        return refusal;
    }
    return in_range<std::uint32_t>(settings.max_deliveries, 0, 65'535, "settings.max_deliveries");
}

}  // namespace

std::optional<Refusal> check_settings(const QueueSettings& settings) {
    if (auto refusal = in_range(settings.lease_ms, limits::lease_ms_min, limits::lease_ms_max, "settings.lease_ms")) {
        return refusal;
    }
    if (auto refusal = check_loss_caps(settings)) {
        return refusal;
    }
    if (auto refusal = in_range<std::uint32_t>(settings.max_attempts, 1, 65'535, "settings.max_attempts")) {
        return refusal;
    }
    if (auto refusal = in_range<std::uint64_t>(settings.max_message_bytes, 1, limits::message_bytes_max,
                                               "settings.max_message_bytes")) {
        return refusal;
    }
    if (auto refusal =
            in_range<std::int64_t>(settings.message_ttl_ms, 0, limits::ten_years_ms, "settings.message_ttl_ms")) {
        return refusal;
    }
    if (auto refusal = in_range<std::int64_t>(settings.aging_ms, 0, limits::aging_ms_max, "settings.aging_ms")) {
        return refusal;
    }
    if (!settings.dead_letter_queue.empty()) {
        if (auto refusal = check_name(settings.dead_letter_queue, "settings.dead_letter_queue")) {
            return refusal;
        }
    }
    if (auto refusal =
            in_range<std::int64_t>(settings.paused_until, 0, limits::time_ms_max, "settings.paused_until_ms")) {
        return refusal;
    }
    if (auto refusal = in_range<std::int64_t>(settings.block_timeout_ms, 1, limits::block_timeout_ms_max,
                                              "settings.block_timeout_ms")) {
        return refusal;
    }
    if (settings.overflow == Overflow::dead_letter_oldest && settings.dead_letter_queue.empty()) {
        return invalid("settings.overflow", "to dead-letter its oldest a queue needs a dead_letter_queue");
    }
    if (auto refusal = check_rate(settings.rate_limit, "settings.rate_limit")) {
        return refusal;
    }
    if (auto refusal =
            in_range<std::int64_t>(settings.run_limit_ms, 0, limits::ten_years_ms, "settings.run_limit_ms")) {
        return refusal;
    }
    if (auto refusal = check_rules(settings.retry_rules)) {
        return refusal;
    }
    if (auto refusal = check_rate(settings.groups.rate, "settings.group_rate")) {
        return refusal;
    }
    if (settings.groups.overflow == GroupOverflow::dead_letter_oldest && settings.dead_letter_queue.empty()) {
        return invalid("settings.group_overflow", "to dead-letter its oldest a queue needs a dead_letter_queue");
    }
    if (auto refusal = check_id_memory(settings)) {
        return refusal;
    }
    auto kept = check_kept(settings);
    return kept ? kept : check_backoff(settings.backoff, "settings.backoff");
}

std::optional<Refusal> check_name(const std::string& name, const char* field) {
    if (name.empty() || name.size() > limits::name_bytes_max) {
        return invalid(field, std::string(field) + " has 1 to 255 bytes", limits::name_bytes_max);
    }
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    });
    if (!plain) {
        return invalid(field, std::string(field) + " may hold only letters, digits, '.', '_' and '-'");
    }
    return std::nullopt;
}

std::optional<Refusal> check_target_name(const std::string& name, const char* field) {
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos || name.size() > limits::name_bytes_max) {
        return check_name(name, field);
    }
    const std::string of = name.substr(0, slash);
    auto fault = is_pattern(of) ? check_pattern(of, field) : check_name(of, field);
    return fault ? fault : check_name(name.substr(slash + 1), field);
}

}  // namespace baton::core
