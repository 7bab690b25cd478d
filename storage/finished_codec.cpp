#include "storage/finished_codec.hpp"

#include "storage/meta_codec.hpp"
#include "storage/sealed.hpp"

namespace baton::storage {

void to_proto(const core::Retention& keep, store::v1::Retention& out) {
    out.set_messages(keep.messages);
    out.set_age_ms(keep.age_ms);
    out.set_bytes(keep.bytes);
}

core::Retention from_proto(const store::v1::Retention& stored) {
    return {stored.messages(), stored.age_ms(), stored.bytes()};
}

namespace {

void to_proto(const core::FinishedCounts& counts, store::v1::FinishedCounts& out) {
    out.set_head(counts.head);
    out.set_head_done(counts.head_done);
    out.set_oldest_ms(counts.oldest_at);
    out.set_next(counts.next);
    out.set_messages(counts.messages);
    out.set_bytes(counts.bytes);
}

core::FinishedCounts from_proto(const store::v1::FinishedCounts& stored) {
    core::FinishedCounts counts;
    if (stored.next() != 0) {
        counts = {stored.head(), stored.head_done(), stored.oldest_ms(),
                  stored.next(), stored.messages(),  stored.bytes()};
    }
    return counts;
}

void to_proto(const core::EventCounts& counts, store::v1::EventCounts& out) {
    out.set_head(counts.head);
    out.set_first_chunk(counts.first_chunk);
    out.set_next(counts.next);
    out.set_bytes(counts.bytes);
    out.set_oldest_ms(counts.oldest_at);
}

core::EventCounts from_proto(const store::v1::EventCounts& stored) {
    if (stored.next() == 0) {
        return {};
    }
    return {stored.head(), stored.first_chunk(), stored.next(), stored.bytes(), stored.oldest_ms()};
}

}  // namespace

void retention_to_proto(const core::QueueSettings& settings, store::v1::QueueSettings& out) {
    out.set_keep_completed(settings.keep_completed);
    out.set_completed_payload_bytes(settings.completed_payload_bytes);
    to_proto(settings.completed_retention, *out.mutable_completed_retention());
    to_proto(settings.failed_retention, *out.mutable_failed_retention());
    out.set_keep_events(settings.keep_events);
    to_proto(settings.event_retention, *out.mutable_event_retention());
}

void retention_from_proto(const store::v1::QueueSettings& stored, core::QueueSettings& settings) {
    if (stored.has_keep_events()) {
        settings.keep_events = stored.keep_events();
        settings.event_retention = from_proto(stored.event_retention());
    }
    if (!stored.has_keep_completed()) {
        return;
    }
    settings.keep_completed = stored.keep_completed();
    settings.completed_payload_bytes = stored.completed_payload_bytes();
    settings.completed_retention = from_proto(stored.completed_retention());
    settings.failed_retention = from_proto(stored.failed_retention());
}

void kept_to_proto(const core::PutQueueState& record, store::v1::QueueState& out) {
    to_proto(record.completed, *out.mutable_completed());
    to_proto(record.failed, *out.mutable_failed());
    out.set_completed_generation(record.completed_generation);
    if (record.events != core::EventCounts{}) {
        to_proto(record.events, *out.mutable_events());
    }
}

void kept_from_proto(const store::v1::QueueState& stored, core::PutQueueState& record) {
    record.completed = from_proto(stored.completed());
    record.failed = from_proto(stored.failed());
    record.completed_generation = stored.completed_generation();
    record.events = from_proto(stored.events());
}

core::CompletionPtr completion_from_proto(const store::v1::Completion& stored) {
    core::Completion completion{stored.started_ms(), stored.worker(), nullptr};
    if (stored.has_result()) {
        completion.result =
            std::make_shared<const core::JobResult>(core::JobResult{stored.content_type(), stored.result()});
    }
    return std::make_shared<const core::Completion>(std::move(completion));
}

std::string encode(const core::PutFinished& record) {
    store::v1::FinishedBatch stored;
    stored.set_at_ms(record.batch.at);
    for (const core::OffsetRange& range : record.batch.ranges) {
        stored.add_ranges(range.first);
        stored.add_ranges(range.count);
    }
    stored.mutable_sizes()->Add(record.batch.sizes.begin(), record.batch.sizes.end());
    return sealed(stored, KeyKind::finished, record.id, record.batch.seq);
}

core::FinishedBatch decode_finished(const ParsedKey& key, std::string_view value) {
    ParsedKey numbered = key;
    numbered.number = key.seq;
    const auto stored = opened<store::v1::FinishedBatch>(numbered, value);
    core::FinishedBatch batch;
    batch.seq = key.seq;
    batch.at = stored.at_ms();
    std::size_t messages = 0;
    for (int i = 0; i + 1 < stored.ranges_size(); i += 2) {
        batch.ranges.push_back({stored.ranges(i), static_cast<std::uint32_t>(stored.ranges(i + 1))});
        messages += batch.ranges.back().count;
    }
    batch.sizes.assign(stored.sizes().begin(), stored.sizes().end());
    if (messages != batch.sizes.size()) {
        throw Damage(fmt::format("finished batch {} of queue {}: it does not say what each message counts for", key.seq,
                                 core::value(key.queue)));
    }
    return batch;
}

CompletedEncoder::CompletedEncoder(const core::PutCompleted& completed) : completed_(completed) {
    record_.set_ready_ms(completed.ready_at);
    record_.set_stored_ms(completed.stored_at);
    record_.set_at_ms(completed.finished_at);
    record_.set_finished_seq(completed.finished_seq);
    record_.set_body_not_kept(completed.bodies.count == 0);
    if (completed.meta) {
        storage::to_proto(*completed.meta, *record_.mutable_meta());
    }
    store::v1::Completion& completion = *record_.mutable_completion();
    completion.set_started_ms(completed.completion->started_at);
    completion.set_worker(completed.completion->worker);
    if (const core::JobResultPtr& result = completed.completion->result) {
        completion.set_has_result(true);
        completion.set_content_type(result->content_type);
        completion.set_result(result->value);
    }
}

const std::string& CompletedEncoder::head(std::uint32_t i) {
    const core::Offset offset = completed_.first + i;
    record_.set_offset(offset);
    if (completed_.bodies.count != 0) {
        record_.set_body_checksum(core::bind_checksum(completed_.bodies.checksum_of(i), completed_.id, offset));
    }
    value_.assign(4 + sum_bytes, '\0');
    record_.AppendToString(&value_);
    const std::string_view body = std::string_view(value_).substr(4 + sum_bytes);
    put_little_endian(value_.data() + 4, checksum(body, seed_of(KeyKind::completed, completed_.id, offset)));
    put_little_endian(value_.data(), static_cast<std::uint32_t>(value_.size() - 4));
    return value_;
}

}  // namespace baton::storage
