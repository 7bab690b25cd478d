// What a schedule may be: every field with its bounds.
#include "server/core/limits.hpp"
#include "server/core/schedule.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// The end of the year 9999, in milliseconds since 1970.
constexpr TimeMs last_time = 253'402'300'799'999;

std::optional<Refusal> check_interval(const ScheduleTiming& timing) {
    if (timing.every_ms < limits::every_ms_min || timing.every_ms > limits::ten_years_ms) {
        return invalid("schedule.every_ms", "every_ms is from 10 to ten years",
                       static_cast<std::uint64_t>(timing.every_ms < limits::every_ms_min ? limits::every_ms_min
                                                                                         : limits::ten_years_ms));
    }
    if (!timing.zone.empty()) {
        return invalid("schedule.zone", "a zone belongs to a cron pattern; every_ms counts the same in all zones");
    }
    if (timing.jitter_ms >= timing.every_ms) {
        return invalid("schedule.jitter_ms", "jitter_ms is less than every_ms",
                       static_cast<std::uint64_t>(timing.every_ms - 1));
    }
    if (timing.anchor && (*timing.anchor < 0 || *timing.anchor > last_time)) {
        return invalid("schedule.anchor_ms", "anchor_ms is a time from 1970 to 9999");
    }
    return std::nullopt;
}

std::optional<Refusal> check_cron(const ScheduleTiming& timing, const std::string& name,
                                  std::optional<CronExpression>& cron) {
    if (timing.cron.size() > limits::cron_bytes_max) {
        return invalid("schedule.cron", "a pattern has at most 256 bytes", limits::cron_bytes_max);
    }
    if (timing.zone.size() > limits::zone_bytes_max) {
        return invalid("schedule.zone", "the name of a zone has at most 64 bytes", limits::zone_bytes_max);
    }
    if (timing.anchor) {
        return invalid("schedule.anchor_ms", "anchor_ms belongs to every_ms");
    }
    auto parsed = parse_cron(timing.cron, cron_seed(name));
    if (auto* fault = std::get_if<CronFault>(&parsed)) {
        return invalid("schedule.cron", std::move(fault->message));
    }
    cron = std::get<CronExpression>(parsed);
    return std::nullopt;
}

}  // namespace

bool same_spec(const ScheduleSpec& a, const ScheduleSpec& b) {
    return a.queue == b.queue && a.timing == b.timing && a.overlap == b.overlap && a.missed == b.missed &&
           a.missed_max == b.missed_max && a.options == b.options && a.entry.bytes() == b.entry.bytes();
}

std::optional<Refusal> check_schedule_name(const std::string& name, const char* field) {
    if (name.empty() || name.size() > limits::name_bytes_max) {
        return invalid(field, std::string(field) + " has 1 to 255 bytes", limits::name_bytes_max);
    }
    if (std::any_of(name.begin(), name.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; })) {
        return invalid(field, std::string(field) + " has no control characters");
    }
    return std::nullopt;
}

std::optional<Refusal> check_timing(const ScheduleTiming& timing, const std::string& name,
                                    std::optional<CronExpression>& cron) {
    cron.reset();
    if (timing.cron.empty() == (timing.every_ms == 0)) {
        return invalid("schedule.cron", "a schedule has either cron or every_ms");
    }
    auto fault = timing.cron.empty() ? check_interval(timing) : check_cron(timing, name, cron);
    if (fault) {
        return fault;
    }
    if (timing.start_at < 0 || timing.start_at > last_time) {
        return invalid("schedule.start_ms", "start_ms is a time from 1970 to 9999");
    }
    if (timing.end_at < 0 || timing.end_at > last_time) {
        return invalid("schedule.end_ms", "end_ms is a time from 1970 to 9999");
    }
    if (timing.end_at != 0 && timing.end_at < timing.start_at) {
        return invalid("schedule.end_ms", "end_ms is not before start_ms");
    }
    if (timing.jitter_ms < 0 || timing.jitter_ms > limits::jitter_ms_max) {
        return invalid("schedule.jitter_ms", "jitter_ms is from 0 to a day",
                       static_cast<std::uint64_t>(limits::jitter_ms_max));
    }
    if (timing.offset_ms < 0 || timing.offset_ms > limits::ten_years_ms) {
        return invalid("schedule.offset_ms", "offset_ms is from 0 to ten years",
                       static_cast<std::uint64_t>(limits::ten_years_ms));
    }
    return std::nullopt;
}

std::optional<Refusal> check_spec(const ScheduleSpec& spec) {
    if (spec.missed == MissedRuns::run_all ? spec.missed_max == 0 || spec.missed_max > limits::missed_runs_max
                                           : spec.missed_max != 0) {
        return invalid("schedule.missed_max", "missed_max is from 1 to 1000, for run_all only",
                       limits::missed_runs_max);
    }
    if (spec.options.named()) {
        return invalid("schedule.options.id", "the messages of a schedule have no ids of their own");
    }
    if (spec.options.delay_ms || spec.options.due_at) {
        return invalid("schedule.options.delay_ms", "the message of a schedule has no delay: use offset_ms");
    }
    if (spec.entry.count != 1) {
        return invalid("schedule.entry", "a schedule has exactly one entry", 1);
    }
    if (spec.entry.size_of(0) > limits::schedule_entry_bytes_max) {
        return Refusal{RefusalCode::message_too_large, "the entry of a schedule has at most 64 KiB", "schedule.entry",
                       limits::schedule_entry_bytes_max};
    }
    return std::nullopt;
}

}  // namespace baton::core
