#include "storage/schedule_codec.hpp"

#include "baton/store/v1/store.pb.h"
#include "server/core/schedule_spec.hpp"
#include "storage/checksums.hpp"
#include "storage/record_codec.hpp"
#include "storage/retry_codec.hpp"
#include "storage/sealed.hpp"

#include <memory>
#include <string>
#include <utility>

namespace baton::storage {

namespace {

void to_proto(const core::ScheduleTiming& timing, store::v1::ScheduleTiming& out) {
    out.set_cron(timing.cron);
    out.set_zone(timing.zone);
    out.set_every_ms(timing.every_ms);
    if (timing.anchor) {
        out.set_anchor_ms(*timing.anchor);
    }
    out.set_start_ms(timing.start_at);
    out.set_end_ms(timing.end_at);
    out.set_limit(timing.limit);
    out.set_jitter_ms(timing.jitter_ms);
    out.set_offset_ms(timing.offset_ms);
}

core::ScheduleTiming from_proto(const store::v1::ScheduleTiming& stored) {
    core::ScheduleTiming timing{stored.cron(),     stored.zone(),   stored.every_ms(), {},
                                stored.start_ms(), stored.end_ms(), stored.limit(),    stored.jitter_ms(),
                                stored.offset_ms()};
    if (stored.has_anchor_ms()) {
        timing.anchor = stored.anchor_ms();
    }
    return timing;
}

void to_proto(const core::EntryOptions& options, store::v1::TemplateOptions& out) {
    out.set_ttl_ms(options.ttl_ms.value_or(0));
    out.set_priority(options.priority.value_or(0));
    out.set_lifo(options.lifo.value_or(false));
    out.set_lease_ms(options.lease_ms.value_or(0));
    out.set_max_attempts(options.max_attempts.value_or(0));
    out.set_run_limit_ms(options.run_limit_ms.value_or(0));
    if (options.backoff) {
        storage::to_proto(*options.backoff, *out.mutable_backoff());
    }
    out.set_group(options.group.value_or(""));
}

core::EntryOptions from_proto(const store::v1::TemplateOptions& stored) {
    core::EntryOptions options;
    if (stored.priority() != 0) {
        options.priority = stored.priority();
    }
    if (stored.lifo()) {
        options.lifo = true;
    }
    if (stored.ttl_ms() != 0) {
        options.ttl_ms = stored.ttl_ms();
    }
    if (!stored.group().empty()) {
        options.group = stored.group();
    }
    if (stored.lease_ms() != 0) {
        options.lease_ms = stored.lease_ms();
    }
    if (stored.max_attempts() != 0) {
        options.max_attempts = stored.max_attempts();
    }
    if (stored.run_limit_ms() != 0) {
        options.run_limit_ms = stored.run_limit_ms();
    }
    if (stored.has_backoff()) {
        options.backoff = storage::from_proto(stored.backoff());
    }
    return options;
}

core::EntryRun entry_of(const std::string& bytes) {
    auto body = std::make_shared<const std::string>(bytes);
    auto index = std::make_shared<core::EntryIndex>();
    index->bounds = {0, static_cast<std::uint32_t>(body->size())};
    index->checksums = {entry_checksum(*body)};
    const std::string_view view(*body);
    return {{std::move(body), view}, std::move(index), 0, 1};
}

void to_proto(const core::PutSchedule& record, store::v1::Schedule& out) {
    const core::ScheduleSpec& spec = *record.spec;
    out.set_name(record.name);
    out.set_created_ms(record.created_at);
    out.set_generation(record.generation);
    out.set_anchor_ms(record.anchor_at);
    out.set_queue(spec.queue);
    to_proto(spec.timing, *out.mutable_timing());
    out.set_overlap(static_cast<std::uint32_t>(spec.overlap));
    out.set_missed(static_cast<std::uint32_t>(spec.missed));
    out.set_missed_max(spec.missed_max);
    to_proto(spec.options, *out.mutable_options());
    const std::string_view entry = spec.entry.bytes();
    out.set_entry(entry.data(), entry.size());
}

core::PutSchedule from_proto(core::NamespaceId ns, core::ScheduleId id, const store::v1::Schedule& stored) {
    auto spec = std::make_shared<core::ScheduleSpec>();
    spec->queue = stored.queue();
    spec->timing = from_proto(stored.timing());
    spec->overlap = static_cast<core::Overlap>(stored.overlap());
    spec->missed = static_cast<core::MissedRuns>(stored.missed());
    spec->missed_max = stored.missed_max();
    spec->options = from_proto(stored.options());
    spec->entry = entry_of(stored.entry());
    return {ns, id, stored.name(), stored.created_ms(), stored.generation(), stored.anchor_ms(), std::move(spec)};
}

void to_proto(const core::PutScheduleProgress& record, store::v1::ScheduleProgress& out) {
    const core::ScheduleProgress& progress = record.progress;
    out.set_next_ms(progress.next_at);
    out.set_paused(progress.paused);
    out.set_fired(progress.fired);
    out.set_skipped(progress.skipped);
    out.set_last_firing_ms(progress.last_firing_at);
    out.set_last_run_ms(progress.last_run_at);
    if (progress.open) {
        out.mutable_open()->set_queue(core::value(progress.open->queue));
        out.mutable_open()->set_offset(progress.open->offset);
        out.mutable_open()->set_bytes(progress.open->bytes);
    }
    out.set_last_error(progress.last_error);
    out.set_last_error_ms(progress.last_error_at);
}

core::PutScheduleProgress from_proto(core::NamespaceId ns, core::ScheduleId id,
                                     const store::v1::ScheduleProgress& stored) {
    core::PutScheduleProgress record{ns, id, {}};
    core::ScheduleProgress& progress = record.progress;
    progress.next_at = stored.next_ms();
    progress.paused = stored.paused();
    progress.fired = stored.fired();
    progress.skipped = stored.skipped();
    progress.last_firing_at = stored.last_firing_ms();
    progress.last_run_at = stored.last_run_ms();
    if (stored.has_open()) {
        progress.open =
            core::OpenRun{core::QueueId{stored.open().queue()}, stored.open().offset(), stored.open().bytes()};
    }
    progress.last_error = stored.last_error();
    progress.last_error_at = stored.last_error_ms();
    return record;
}

}  // namespace

std::string encode(const core::PutSchedule& record) {
    store::v1::Schedule stored;
    to_proto(record, stored);
    return sealed(stored, KeyKind::schedule, core::QueueId{core::value(record.id)}, 0);
}

std::string encode(const core::PutScheduleProgress& record) {
    store::v1::ScheduleProgress stored;
    to_proto(record, stored);
    return sealed(stored, KeyKind::schedule, core::QueueId{core::value(record.id)}, 1);
}

core::Mutation decode_schedule(const ParsedKey& key, std::string_view value) {
    const core::ScheduleId id{core::value(key.queue)};
    if (key.number == 0) {
        return from_proto(key.ns, id, opened<store::v1::Schedule>(key, value));
    }
    return from_proto(key.ns, id, opened<store::v1::ScheduleProgress>(key, value));
}

}  // namespace baton::storage
