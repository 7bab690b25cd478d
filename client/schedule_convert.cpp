#include "client/schedule_convert.hpp"

#include "baton/v1/schedule.pb.h"
#include "client/message_options.hpp"
#include "client/retry_convert.hpp"

namespace baton::detail {

namespace {

/// Negative times and lengths are passed on as what no server takes, so that it names the field.
std::uint64_t wire_ms(std::chrono::milliseconds time) { return static_cast<std::uint64_t>(time.count()); }
std::chrono::milliseconds from_wire_ms(std::uint64_t ms) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
}

ScheduleTiming timing_from(const v1::ScheduleTiming& from) {
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

Schedule spec_from(const v1::ScheduleSpec& from) {
    Schedule to;
    to.queue = from.queue();
    to.timing = timing_from(from.timing());
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
        to.message.options.backoff = from_proto(from.options().backoff());
    }
    to.message.payload = from.entry().payload();
    to.message.name = from.entry().name();
    for (const v1::Header& header : from.entry().headers()) {
        to.message.headers.push_back({header.key(), header.value()});
    }
    return to;
}

}  // namespace

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
        put_message_options(options, from.message.options);
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

ScheduleInfo from_proto(const v1::ScheduleInfo& from) {
    ScheduleInfo to;
    to.name = from.name();
    to.generation = from.generation();
    to.created_ms = from.created_ms();
    to.schedule = spec_from(from.spec());
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

}  // namespace baton::detail
