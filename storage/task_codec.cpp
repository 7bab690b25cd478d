#include "storage/task_codec.hpp"

#include "baton/store/v1/store.pb.h"
#include "server/core/request.hpp"
#include "storage/sealed.hpp"

#include <memory>

namespace baton::storage {

namespace {

void to_proto(const core::JobFilter& filter, store::v1::JobFilter& out) {
    out.set_states(filter.states);
    out.set_name(filter.name);
    out.set_error_class(filter.error_class);
    out.set_id_prefix(filter.id_prefix);
    out.set_stored_from_ms(filter.stored_from);
    out.set_stored_before_ms(filter.stored_before);
    out.set_ended_from_ms(filter.ended_from);
    out.set_ended_before_ms(filter.ended_before);
    for (const auto& [key, value] : filter.headers) {
        store::v1::JobFilter::Header& header = *out.add_headers();
        header.set_key(key);
        header.set_value(value);
    }
    out.set_below(filter.below);
}

core::JobFilterPtr from_proto(const store::v1::JobFilter& stored) {
    auto filter = std::make_shared<core::JobFilter>();
    filter->states = stored.states();
    filter->name = stored.name();
    filter->error_class = stored.error_class();
    filter->id_prefix = stored.id_prefix();
    filter->stored_from = stored.stored_from_ms();
    filter->stored_before = stored.stored_before_ms();
    filter->ended_from = stored.ended_from_ms();
    filter->ended_before = stored.ended_before_ms();
    for (const store::v1::JobFilter::Header& header : stored.headers()) {
        filter->headers.emplace_back(header.key(), header.value());
    }
    filter->below = stored.below();
    return filter;
}

}  // namespace

std::string encode(const core::PutTask& record) {
    store::v1::Task stored;
    const core::TaskSpec& spec = *record.spec;
    stored.set_queue(core::value(record.queue));
    stored.set_queue_name(spec.queue);
    stored.set_kind(static_cast<std::uint32_t>(spec.kind));
    to_proto(*spec.filter, *stored.mutable_filter());
    stored.set_grace_ms(spec.grace_ms);
    stored.set_limit(spec.limit);
    stored.set_rate(spec.rate);
    stored.set_dry_run(spec.dry_run);
    stored.set_keep_counters(spec.keep_counters);
    stored.set_force(spec.force);
    stored.set_created_ms(record.created_at);
    const core::TaskProgress& progress = record.progress;
    stored.set_state(static_cast<std::uint32_t>(progress.state));
    stored.set_scanned(progress.scanned);
    stored.set_matched(progress.matched);
    stored.set_done(progress.done);
    stored.set_skipped(progress.skipped);
    stored.set_ended_ms(progress.ended_at);
    stored.set_error(progress.error);
    stored.set_from_state(static_cast<std::uint32_t>(progress.from_state));
    stored.set_from_at(progress.from_at);
    stored.set_from_offset(progress.from_offset);
    stored.set_from_rank(progress.from_rank);
    stored.set_from_group_high(progress.from_group.high);
    stored.set_from_group_low(progress.from_group.low);
    stored.set_pass_done(progress.pass_done);
    stored.set_passes(progress.passes);
    return sealed(stored, KeyKind::task, core::QueueId{core::value(record.id)}, 0);
}

core::PutTask decode_task(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::Task>(key, value);
    core::TaskSpec spec;
    spec.queue = stored.queue_name();
    spec.kind = static_cast<core::TaskKind>(stored.kind());
    spec.filter = from_proto(stored.filter());
    spec.grace_ms = stored.grace_ms();
    spec.limit = stored.limit();
    spec.rate = stored.rate();
    spec.dry_run = stored.dry_run();
    spec.keep_counters = stored.keep_counters();
    spec.force = stored.force();
    core::PutTask record;
    record.ns = key.ns;
    record.id = core::TaskId{core::value(key.queue)};
    record.queue = core::QueueId{stored.queue()};
    record.created_at = stored.created_ms();
    record.spec = std::make_shared<const core::TaskSpec>(std::move(spec));
    core::TaskProgress& progress = record.progress;
    progress.state = static_cast<core::TaskState>(stored.state());
    progress.scanned = stored.scanned();
    progress.matched = stored.matched();
    progress.done = stored.done();
    progress.skipped = stored.skipped();
    progress.ended_at = stored.ended_ms();
    progress.error = stored.error();
    progress.from_state = static_cast<core::MessageState>(stored.from_state());
    progress.from_at = stored.from_at();
    progress.from_offset = stored.from_offset();
    progress.from_rank = stored.from_rank();
    progress.from_group = {stored.from_group_high(), stored.from_group_low()};
    progress.pass_done = stored.pass_done();
    progress.passes = stored.passes();
    return record;
}

}  // namespace baton::storage
