#include "baton/schedules.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/message_options.hpp"
#include "client/retry_convert.hpp"

#include <algorithm>
#include <utility>

namespace baton {

namespace {

/// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
enum ScheduleRequest : std::uint32_t {
    upsert_schedule_request = 60,
    delete_schedule_request,
    show_schedule_request,
    list_schedule_request,
    pause_schedule_request,
    resume_schedule_request,
    run_schedule_request,
    preview_schedule_request,
};
enum ScheduleReply : std::uint32_t {
    run_reply = 6,
    deleted_reply = 9,
    schedule_info_reply = 60,
    schedule_list_reply,
    schedule_times_reply,
};

template <typename Reply>
Reply schedule_answer(const std::string& bytes) {
    Reply reply;
    if (!reply.ParseFromString(bytes)) {
        throw Exception({ErrorCode::protocol_violation, "the server's answer makes no sense"});
    }
    return reply;
}

/// Negative times and lengths are passed on as what no server takes, so that it names the field.
std::uint64_t wire_ms(std::chrono::milliseconds time) { return static_cast<std::uint64_t>(time.count()); }
std::chrono::milliseconds from_wire_ms(std::uint64_t ms) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
}

void to_proto(const ScheduleTiming& from, v1::ScheduleTiming& to) {
    to.set_cron(from.cron);
    to.set_zone(from.zone);
    to.set_every_ms(wire_ms(from.every));
    if (from.anchor_ms) {
        to.set_anchor_ms(*from.anchor_ms);
    }
    to.set_start_ms(from.start_ms);
    to.set_end_ms(from.end_ms);
    to.set_limit(from.limit);
    to.set_jitter_ms(wire_ms(from.jitter));
    to.set_offset_ms(wire_ms(from.offset));
}

void to_proto(const Schedule& from, v1::ScheduleSpec& to) {
    to.set_queue(from.queue);
    to_proto(from.timing, *to.mutable_timing());
    to.set_overlap(static_cast<v1::ScheduleOverlap>(from.overlap));
    to.set_missed(static_cast<v1::MissedRuns>(from.missed));
    to.set_missed_max(from.missed_max);
    if (from.message.options.any()) {
        std::string options;
        detail::put_message_options(options, from.message.options);
        to.mutable_options()->ParseFromString(options);
    }
    v1::Entry& entry = *to.mutable_entry();
    entry.set_payload(from.message.payload);
    entry.set_name(from.message.name);
    for (const Header& header : from.message.headers) {
        entry.add_headers()->set_key(header.key);
        entry.mutable_headers()->rbegin()->set_value(header.value);
    }
}

ScheduleTiming from_proto(const v1::ScheduleTiming& from) {
    ScheduleTiming to;
    to.cron = from.cron();
    to.zone = from.zone();
    to.every = from_wire_ms(from.every_ms());
    if (from.has_anchor_ms()) {
        to.anchor_ms = from.anchor_ms();
    }
    to.start_ms = from.start_ms();
    to.end_ms = from.end_ms();
    to.limit = from.limit();
    to.jitter = from_wire_ms(from.jitter_ms());
    to.offset = from_wire_ms(from.offset_ms());
    return to;
}

Schedule from_proto(const v1::ScheduleSpec& from) {
    Schedule to;
    to.queue = from.queue();
    to.timing = from_proto(from.timing());
    to.overlap = static_cast<Overlap>(from.overlap());
    to.missed = static_cast<MissedRuns>(from.missed());
    to.missed_max = from.missed_max();
    if (from.options().has_ttl_ms()) {
        to.message.options.ttl = from_wire_ms(from.options().ttl_ms());
    }
    if (from.options().has_lease_ms()) {
        to.message.options.lease = from_wire_ms(from.options().lease_ms());
    }
    to.message.options.group = from.options().group();
    if (from.options().has_priority()) {
        to.message.options.priority = from.options().priority();
    }
    to.message.options.lifo = from.options().lifo();
    if (from.options().has_max_attempts()) {
        to.message.options.max_attempts = from.options().max_attempts();
    }
    if (from.options().has_run_limit_ms()) {
        to.message.options.run_limit = from_wire_ms(from.options().run_limit_ms());
    }
    if (from.options().has_backoff()) {
        to.message.options.backoff = detail::from_proto(from.options().backoff());
    }
    to.message.payload = from.entry().payload();
    to.message.name = from.entry().name();
    for (const v1::Header& header : from.entry().headers()) {
        to.message.headers.push_back({header.key(), header.value()});
    }
    return to;
}

ScheduleInfo from_proto(const v1::ScheduleInfo& from) {
    ScheduleInfo to;
    to.name = from.name();
    to.generation = from.generation();
    to.created_ms = from.created_ms();
    to.schedule = from_proto(from.spec());
    to.paused = from.paused();
    to.next_ms = from.next_ms();
    to.next_due_ms = from.next_due_ms();
    to.last_firing_ms = from.last_firing_ms();
    to.last_run_ms = from.last_run_ms();
    to.fired = from.fired();
    to.skipped = from.skipped();
    to.last_error = from.last_error();
    to.last_error_ms = from.last_error_ms();
    to.running = from.running();
    return to;
}

std::vector<Firing> from_proto(const v1::ScheduleTimes& from) {
    std::vector<Firing> to;
    for (const v1::ScheduleTimes::Firing& firing : from.firings()) {
        to.push_back({firing.at_ms(), std::chrono::seconds(firing.offset_s())});
    }
    return to;
}

template <typename Message>
Message schedule_named(const std::string& name) {
    Message request;
    request.set_name(name);
    return request;
}

}  // namespace

const char* to_text(Overlap overlap) {
    switch (overlap) {
        case Overlap::skip:
            return "skip";
        case Overlap::queue:
            return "queue";
        case Overlap::replace:
            break;
    }
    return "replace";
}

const char* to_text(MissedRuns missed) {
    switch (missed) {
        case MissedRuns::skip:
            return "skip";
        case MissedRuns::run_once:
            return "run-once";
        case MissedRuns::run_all:
            break;
    }
    return "run-all";
}

ScheduleTiming cron(std::string pattern, std::string zone) {
    ScheduleTiming timing;
    timing.cron = std::move(pattern);
    timing.zone = std::move(zone);
    return timing;
}

ScheduleTiming every(std::chrono::milliseconds interval) {
    ScheduleTiming timing;
    timing.every = interval;
    return timing;
}

Schedules::Schedules(const Client& client) : core_(client.core()) {}

ScheduleInfo Schedules::upsert(const std::string& name, const Schedule& schedule,
                               std::optional<std::uint64_t> if_generation) {
    auto request = schedule_named<v1::UpsertSchedule>(name);
    to_proto(schedule, *request.mutable_spec());
    if (if_generation) {
        request.set_if_generation(*if_generation);
    }
    // One that looks at the generation must not be repeated after a lost answer: it would find its own work.
    return from_proto(schedule_answer<v1::ScheduleInfo>(
        core_->call(upsert_schedule_request, request, schedule_info_reply, !if_generation)));
}

ScheduleInfo Schedules::show(const std::string& name) {
    return from_proto(schedule_answer<v1::ScheduleInfo>(
        core_->call(show_schedule_request, schedule_named<v1::ShowSchedule>(name), schedule_info_reply)));
}

SchedulePage Schedules::list(const std::string& prefix, const std::string& after, std::uint32_t limit) {
    v1::ListSchedules request;
    request.set_prefix(prefix);
    request.set_after(after);
    request.set_limit(limit);
    const auto list =
        schedule_answer<v1::ScheduleList>(core_->call(list_schedule_request, request, schedule_list_reply));
    SchedulePage page;
    for (const v1::ScheduleInfo& info : list.schedules()) {
        page.schedules.push_back(from_proto(info));
    }
    page.next = list.next();
    return page;
}

void Schedules::remove(const std::string& name) {
    core_->call(delete_schedule_request, schedule_named<v1::DeleteSchedule>(name), deleted_reply, false);
}

ScheduleInfo Schedules::pause(const std::string& name) {
    return from_proto(schedule_answer<v1::ScheduleInfo>(
        core_->call(pause_schedule_request, schedule_named<v1::PauseSchedule>(name), schedule_info_reply)));
}

ScheduleInfo Schedules::resume(const std::string& name) {
    return from_proto(schedule_answer<v1::ScheduleInfo>(
        core_->call(resume_schedule_request, schedule_named<v1::ResumeSchedule>(name), schedule_info_reply)));
}

MessageId Schedules::run_now(const std::string& name) {
    const auto produced = schedule_answer<v1::Produced>(
        core_->call(run_schedule_request, schedule_named<v1::RunSchedule>(name), run_reply, false));
    return {produced.queue_id(), produced.first_offset()};
}

std::vector<Firing> Schedules::preview(const std::string& name, std::uint32_t count) {
    auto request = schedule_named<v1::PreviewSchedule>(name);
    request.set_count(count);
    return from_proto(
        schedule_answer<v1::ScheduleTimes>(core_->call(preview_schedule_request, request, schedule_times_reply)));
}

std::vector<Firing> Schedules::preview(const ScheduleTiming& timing, std::uint32_t count) {
    v1::PreviewSchedule request;
    to_proto(timing, *request.mutable_timing());
    request.set_count(count);
    return from_proto(
        schedule_answer<v1::ScheduleTimes>(core_->call(preview_schedule_request, request, schedule_times_reply)));
}

}  // namespace baton
