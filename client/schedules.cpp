#include "baton/schedules.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/parsed.hpp"
#include "client/schedule_convert.hpp"

#include <algorithm>
#include <utility>

namespace baton {

using detail::from_proto;
using detail::parsed;
using detail::to_proto;

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
    return from_proto(
        parsed<v1::ScheduleInfo>(core_->call(upsert_schedule_request, request, schedule_info_reply, !if_generation)));
}

ScheduleInfo Schedules::show(const std::string& name) {
    return from_proto(parsed<v1::ScheduleInfo>(
        core_->call(show_schedule_request, schedule_named<v1::ShowSchedule>(name), schedule_info_reply)));
}

SchedulePage Schedules::list(const std::string& prefix, const std::string& after, std::uint32_t limit) {
    v1::ListSchedules request;
    request.set_prefix(prefix);
    request.set_after(after);
    request.set_limit(limit);
    const auto list = parsed<v1::ScheduleList>(core_->call(list_schedule_request, request, schedule_list_reply));
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
    return from_proto(parsed<v1::ScheduleInfo>(
        core_->call(pause_schedule_request, schedule_named<v1::PauseSchedule>(name), schedule_info_reply)));
}

ScheduleInfo Schedules::resume(const std::string& name) {
    return from_proto(parsed<v1::ScheduleInfo>(
        core_->call(resume_schedule_request, schedule_named<v1::ResumeSchedule>(name), schedule_info_reply)));
}

MessageId Schedules::run_now(const std::string& name) {
    const auto produced = parsed<v1::Produced>(
        core_->call(run_schedule_request, schedule_named<v1::RunSchedule>(name), run_reply, false));
    return {produced.queue_id(), produced.first_offset()};
}

std::vector<Firing> Schedules::preview(const std::string& name, std::uint32_t count) {
    auto request = schedule_named<v1::PreviewSchedule>(name);
    request.set_count(count);
    return from_proto(parsed<v1::ScheduleTimes>(core_->call(preview_schedule_request, request, schedule_times_reply)));
}

std::vector<Firing> Schedules::preview(const ScheduleTiming& timing, std::uint32_t count) {
    v1::PreviewSchedule request;
    to_proto(timing, *request.mutable_timing());
    request.set_count(count);
    return from_proto(parsed<v1::ScheduleTimes>(core_->call(preview_schedule_request, request, schedule_times_reply)));
}

}  // namespace baton
