#include "storage/queue_codec.hpp"

#include "storage/finished_codec.hpp"
#include "storage/group_codec.hpp"
#include "storage/limit_codec.hpp"
#include "storage/record_codec.hpp"
#include "storage/retry_codec.hpp"
#include "storage/sealed.hpp"
#include "storage/selection_codec.hpp"

namespace baton::storage {

namespace {

void to_proto(const core::QueueSettings& settings, store::v1::QueueSettings& out) {
    out.set_lease_ms(settings.lease_ms);
    out.set_max_attempts(settings.max_attempts);
    out.set_max_lease_losses(settings.max_lease_losses);
    out.set_max_deliveries(settings.max_deliveries);
    out.set_dead_letter_queue(settings.dead_letter_queue);
    out.set_max_message_bytes(settings.max_message_bytes);
    out.set_max_messages(settings.max_messages);
    out.set_max_bytes(settings.max_bytes);
    out.set_overflow(static_cast<std::uint32_t>(settings.overflow));
    out.set_message_ttl_ms(settings.message_ttl_ms);
    out.set_durability(static_cast<std::uint32_t>(settings.durability));
    out.set_paused(settings.paused);
    out.set_consumer_mode(static_cast<std::uint32_t>(settings.consumer_mode));
    limits_to_proto(settings, out);
    out.set_aging_ms(settings.aging_ms);
    retention_to_proto(settings, out);
    out.set_id_memory_ms(settings.id_memory_ms);
    out.set_id_memory_count(settings.id_memory_count);
    groups_to_proto(settings.groups, out);
    storage::to_proto(settings.backoff, *out.mutable_backoff());
    rules_to_proto(settings, out);
    out.set_run_limit_ms(settings.run_limit_ms);
}

core::QueueSettings from_proto(const store::v1::QueueSettings& stored) {
    core::QueueSettings settings;
    settings.lease_ms = stored.lease_ms();
    settings.max_attempts = stored.max_attempts();
    settings.max_lease_losses = stored.max_lease_losses();
    settings.max_deliveries = stored.max_deliveries();
    settings.dead_letter_queue = stored.dead_letter_queue();
    settings.max_message_bytes = stored.max_message_bytes();
    settings.max_messages = stored.max_messages();
    settings.max_bytes = stored.max_bytes();
    settings.overflow = static_cast<core::Overflow>(stored.overflow());
    settings.message_ttl_ms = stored.message_ttl_ms();
    settings.durability = static_cast<core::Durability>(stored.durability());
    settings.paused = stored.paused();
    if (stored.consumer_mode() != 0) {
        settings.consumer_mode = static_cast<core::ConsumerMode>(stored.consumer_mode());
    }
    limits_from_proto(stored, settings);
    settings.aging_ms = stored.aging_ms();
    retention_from_proto(stored, settings);
    settings.id_memory_ms = stored.id_memory_ms();
    settings.id_memory_count = stored.id_memory_count();
    groups_from_proto(stored, settings.groups);
    settings.backoff = storage::from_proto(stored.backoff());
    rules_from_proto(stored, settings);
    settings.run_limit_ms = stored.run_limit_ms();
    return settings;
}

/// What records of before do not say is the profile's.
core::QueueSettings settings_of(const store::v1::Queue& stored) {
    core::QueueSettings settings = from_proto(stored.settings());
    if (!stored.settings().has_keep_completed()) {
        settings.keep_completed = core::default_settings(static_cast<core::Profile>(stored.profile())).keep_completed;
    }
    if (!stored.settings().has_keep_events()) {
        settings.keep_events = core::default_settings(static_cast<core::Profile>(stored.profile())).keep_events;
    }
    return settings;
}

void kind_to_proto(const core::PutQueue& record, store::v1::Queue& out) {
    out.set_kind(static_cast<std::uint32_t>(record.kind));
    if (record.kind == core::QueueKind::topic) {
        storage::to_proto(record.keeps.retention, *out.mutable_retention());
        out.set_interest(record.keeps.interest);
        out.set_alternate(record.keeps.alternate);
        out.set_delivery_log(record.keeps.delivery_log);
        out.set_compact(record.keeps.compact);
        out.set_tombstone_ms(record.keeps.tombstone_ms);
    }
    out.set_topic(core::value(record.topic));
    out.set_hold(record.hold);
    out.set_began(record.began);
    if (record.selects) {
        storage::to_proto(*record.selects, *out.mutable_selects());
    }
}

void kind_from_proto(const store::v1::Queue& stored, core::PutQueue& out) {
    out.kind = static_cast<core::QueueKind>(stored.kind());
    if (out.kind == core::QueueKind::topic) {
        out.keeps.retention = storage::from_proto(stored.retention());
        out.keeps.interest = stored.interest();
        out.keeps.alternate = stored.alternate();
        out.keeps.delivery_log = stored.delivery_log();
        out.keeps.compact = stored.compact();
        if (stored.has_tombstone_ms()) {
            out.keeps.tombstone_ms = stored.tombstone_ms();
        }
    }
    out.topic = core::QueueId{stored.topic()};
    out.hold = stored.hold();
    out.began = stored.began();
    out.selects = stored.has_selects() ? storage::from_proto(stored.selects()) : nullptr;
}

}  // namespace

core::PutQueue queue_from_proto(const ParsedKey& key, const store::v1::Queue& stored) {
    const auto profile = static_cast<core::Profile>(stored.profile());
    core::PutQueue record{key.ns, key.queue, stored.name(), profile, stored.created_ms(), settings_of(stored)};
    kind_from_proto(stored, record);
    return record;
}

std::string encode(const core::PutQueue& record) {
    store::v1::Queue stored;
    stored.set_name(record.name);
    stored.set_profile(static_cast<std::uint32_t>(record.profile));
    stored.set_created_ms(record.created_at);
    to_proto(record.settings, *stored.mutable_settings());
    kind_to_proto(record, stored);
    return sealed(stored, KeyKind::queue, record.id, 0);
}

void log_to_proto(const core::PutQueueState& record, store::v1::QueueState& out) {
    out.set_log_bytes(record.log_bytes);
    out.set_token_floor(record.token_floor);
    out.set_holes(record.holes.messages);
    out.set_hole_bytes(record.holes.bytes);
    out.set_compacted_bytes(record.compacted_bytes);
}

void log_from_proto(const store::v1::QueueState& stored, core::PutQueueState& out) {
    out.log_bytes = stored.log_bytes();
    out.token_floor = stored.token_floor();
    out.holes = {stored.holes(), stored.hole_bytes()};
    out.compacted_bytes = stored.compacted_bytes();
}

}  // namespace baton::storage
