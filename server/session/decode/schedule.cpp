#include "server/core/schedule_spec.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/decode/template_entry.hpp"

#include <baton/v1/schedule.pb.h>

#include <limits>
#include <utility>

namespace baton::session {

namespace {

constexpr std::uint32_t firings_default = 10;
constexpr std::uint32_t schedules_default = 100;

Fault take_schedule_duration(std::uint64_t from, const char* field, core::DurationMs& out) {
    if (auto fault = check_range(from, 0, core::limits::ten_years_ms, field)) {
        return fault;
    }
    out = static_cast<core::DurationMs>(from);
    return {};
}

Fault decode_timing(const v1::ScheduleTiming& from, core::ScheduleTiming& out) {
    out.cron = from.cron();
    out.zone = from.zone();
    if (from.has_anchor_ms()) {
        out.anchor = from.anchor_ms();
    }
    out.start_at = from.start_ms();
    out.end_at = from.end_ms();
    out.limit = from.limit();
    if (auto fault = take_schedule_duration(from.every_ms(), "schedule.every_ms", out.every_ms)) {
        return fault;
    }
    if (auto fault = take_schedule_duration(from.jitter_ms(), "schedule.jitter_ms", out.jitter_ms)) {
        return fault;
    }
    return take_schedule_duration(from.offset_ms(), "schedule.offset_ms", out.offset_ms);
}

Fault decode_spec(const v1::ScheduleSpec& from, core::ScheduleSpec& out) {
    if (auto fault = check_queue_name(from.queue(), "schedule.queue")) {
        return fault;
    }
    out.queue = from.queue();
    if (!v1::ScheduleOverlap_IsValid(from.overlap())) {
        return invalid("schedule.overlap", "is unknown to this server");
    }
    if (!v1::MissedRuns_IsValid(from.missed())) {
        return invalid("schedule.missed", "is unknown to this server");
    }
    if (from.overlap() != v1::OVERLAP_UNSPECIFIED) {
        out.overlap = static_cast<core::Overlap>(from.overlap());
    }
    if (from.missed() != v1::MISSED_UNSPECIFIED) {
        out.missed = static_cast<core::MissedRuns>(from.missed());
    }
    out.missed_max = from.missed_max();
    if (auto fault = decode_timing(from.timing(), out.timing)) {
        return fault;
    }
    if (auto fault = decode_template_options(from.options().SerializeAsString(), out.options)) {
        return fault;
    }
    if (!from.has_entry()) {
        return invalid("schedule.entry", "is missing");
    }
    return template_entry(from.entry().SerializeAsString(), "schedule.entry", out.entry);
}

Fault check_schedule_name(const std::string& name, const char* field) {
    return check_range(name.size(), 1, core::limits::name_bytes_max, field);
}

/// Messages whose only field is the name of a schedule.
template <typename Message, typename Make>
Fault decode_schedule_named(std::string_view body, const char* kind, core::RequestBody& out, Make&& make) {
    return decode_as<Message>(body, kind, [&](const Message& from) -> Fault {
        if (auto fault = check_schedule_name(from.name(), "name")) {
            return fault;
        }
        out = make(from.name());
        return {};
    });
}

}  // namespace

Fault decode_upsert_schedule(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::UpsertSchedule>(body, "upsert_schedule", [&out](const v1::UpsertSchedule& from) -> Fault {
        if (auto fault = check_schedule_name(from.name(), "name")) {
            return fault;
        }
        auto spec = std::make_shared<core::ScheduleSpec>();
        if (auto fault = decode_spec(from.spec(), *spec)) {
            return fault;
        }
        core::UpsertSchedule upsert{from.name(), std::move(spec), {}};
        if (from.has_if_generation()) {
            upsert.if_generation = from.if_generation();
        }
        out = std::move(upsert);
        return {};
    });
}

Fault decode_delete_schedule(std::string_view body, core::RequestBody& out) {
    return decode_schedule_named<v1::DeleteSchedule>(
        body, "delete_schedule", out, [](const std::string& name) { return core::DeleteSchedule{name}; });
}
Fault decode_show_schedule(std::string_view body, core::RequestBody& out) {
    return decode_schedule_named<v1::ShowSchedule>(body, "show_schedule", out,
                                                   [](const std::string& name) { return core::ShowSchedule{name}; });
}
Fault decode_pause_schedule(std::string_view body, core::RequestBody& out) {
    return decode_schedule_named<v1::PauseSchedule>(body, "pause_schedule", out, [](const std::string& name) {
        return core::PauseSchedule{name, true};
    });
}
Fault decode_resume_schedule(std::string_view body, core::RequestBody& out) {
    return decode_schedule_named<v1::ResumeSchedule>(body, "resume_schedule", out, [](const std::string& name) {
        return core::PauseSchedule{name, false};
    });
}
Fault decode_run_schedule(std::string_view body, core::RequestBody& out) {
    return decode_schedule_named<v1::RunSchedule>(body, "run_schedule", out,
                                                  [](const std::string& name) { return core::RunSchedule{name}; });
}

Fault decode_list_schedules(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListSchedules>(body, "list_schedules", [&out](const v1::ListSchedules& from) -> Fault {
        if (auto fault = check_range(from.limit(), 0, core::limits::page_messages_max, "limit")) {
            return fault;
        }
        for (const auto& [text, field] : {std::pair{&from.prefix(), "prefix"}, {&from.after(), "after"}}) {
            if (auto fault = check_range(text->size(), 0, core::limits::name_bytes_max, field)) {
                return fault;
            }
        }
        out = core::ListSchedules{from.prefix(), from.after(), from.limit() == 0 ? schedules_default : from.limit()};
        return {};
    });
}

Fault decode_preview_schedule(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::PreviewSchedule>(body, "preview_schedule", [&out](const v1::PreviewSchedule& from) -> Fault {
        core::PreviewSchedule preview;
        if (auto fault =
                check_range(from.name().size(), from.has_timing() ? 0 : 1, core::limits::name_bytes_max, "name")) {
            return fault;
        }
        if (auto fault = check_range(from.count(), 0, core::limits::preview_max, "count")) {
            return fault;
        }
        preview.name = from.name();
        preview.count = from.count() == 0 ? firings_default : from.count();
        if (from.has_timing()) {
            if (auto fault = decode_timing(from.timing(), preview.timing.emplace())) {
                return fault;
            }
        }
        out = std::move(preview);
        return {};
    });
}

}  // namespace baton::session
