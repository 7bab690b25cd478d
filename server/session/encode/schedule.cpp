#include "proto/entry_format.hpp"
#include "server/core/schedule_spec.hpp"
#include "server/session/encode/encode.hpp"

#include <baton/v1/schedule.pb.h>
#include <baton/v1/wire.pb.h>

namespace baton::session {

namespace {

std::uint64_t wire_ms(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void fill_timing(const core::ScheduleTiming& from, v1::ScheduleTiming& to) {
    to.set_cron(from.cron);
    to.set_zone(from.zone);
    to.set_every_ms(wire_ms(from.every_ms));
    if (from.anchor) {
        to.set_anchor_ms(*from.anchor);
    }
    to.set_start_ms(from.start_at);
    to.set_end_ms(from.end_at);
    to.set_limit(from.limit);
    to.set_jitter_ms(wire_ms(from.jitter_ms));
    to.set_offset_ms(wire_ms(from.offset_ms));
}

/// The entry behind its tag and length.
std::string_view entry_body(std::string_view wire) {
    std::size_t pos = 1;
    std::uint64_t length = 0;
    proto::read_short_varint(wire, pos, length);
    return wire.substr(pos);
}

void fill_spec(const core::ScheduleSpec& from, bool with_entry, v1::ScheduleSpec& to) {
    to.set_queue(from.queue);
    fill_timing(from.timing, *to.mutable_timing());
    to.set_overlap(static_cast<v1::ScheduleOverlap>(from.overlap));
    to.set_missed(static_cast<v1::MissedRuns>(from.missed));
    to.set_missed_max(from.missed_max);
    if (from.options.any()) {
        fill_options(from.options, *to.mutable_options());
    }
    if (with_entry) {
        const std::string_view body = entry_body(from.entry.bytes());
        to.mutable_entry()->ParseFromArray(body.data(), static_cast<int>(body.size()));
    }
}

}  // namespace

void fill(const core::ScheduleInfo& from, v1::ScheduleInfo& to) {
    to.set_name(from.name);
    to.set_generation(from.generation);
    to.set_created_ms(from.created_at);
    fill_spec(*from.spec, from.with_entry, *to.mutable_spec());
    const core::ScheduleProgress& progress = from.progress;
    to.set_paused(progress.paused);
    to.set_next_ms(progress.next_at);
    to.set_next_due_ms(from.next_due_at);
    to.set_last_firing_ms(progress.last_firing_at);
    to.set_last_run_ms(progress.last_run_at);
    to.set_fired(progress.fired);
    to.set_skipped(progress.skipped);
    to.set_last_error(progress.last_error);
    to.set_last_error_ms(progress.last_error_at);
    to.set_running(progress.open.has_value());
    to.set_anchor_ms(from.spec->timing.cron.empty() ? from.anchor_at : 0);
}

void fill_options(const core::EntryOptions& from, v1::EntryOptions& to) {
    if (from.priority) {
        to.set_priority(*from.priority);
    }
    if (from.lifo) {
        to.set_lifo(*from.lifo);
    }
    if (from.ttl_ms) {
        to.set_ttl_ms(wire_ms(*from.ttl_ms));
    }
    if (from.lease_ms) {
        to.set_lease_ms(static_cast<std::uint32_t>(*from.lease_ms));
    }
    if (from.max_attempts) {
        to.set_max_attempts(*from.max_attempts);
    }
    if (from.run_limit_ms) {
        to.set_run_limit_ms(wire_ms(*from.run_limit_ms));
    }
    if (from.backoff) {
        fill(*from.backoff, *to.mutable_backoff());
    }
    if (from.group) {
        to.set_group(*from.group);
    }
}

void encode_schedule_info(core::RequestId request, const core::ScheduleInfo& info, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    fill(info, *frame.mutable_schedule_info());
    append_frame(frame, out);
}

void encode_schedule_list(core::RequestId request, const core::ScheduleList& list, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::ScheduleList& to = *frame.mutable_schedule_list();
    for (const core::ScheduleInfo& info : list.schedules) {
        fill(info, *to.add_schedules());
    }
    to.set_next(list.next);
    append_frame(frame, out);
}

void encode_schedule_times(core::RequestId request, const core::ScheduleTimes& times, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::ScheduleTimes& to = *frame.mutable_schedule_times();
    for (const core::ScheduleTimes::Firing& firing : times.firings) {
        v1::ScheduleTimes::Firing& added = *to.add_firings();
        added.set_at_ms(firing.at);
        added.set_offset_s(firing.offset_s);
    }
    append_frame(frame, out);
}

}  // namespace baton::session
