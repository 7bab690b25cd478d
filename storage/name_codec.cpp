#include "storage/name_codec.hpp"

#include "server/core/entry_run.hpp"
#include "storage/checksums.hpp"
#include "storage/meta_codec.hpp"
#include "storage/record_codec.hpp"
#include "storage/sealed.hpp"

#include <memory>
#include <string>
#include <utility>

namespace baton::storage {

void to_proto(const core::Identity& identity, store::v1::MessageNames& out) {
    out.set_id(identity.id);
    if (identity.dedup) {
        store::v1::Dedup& dedup = *out.mutable_dedup();
        dedup.set_key(identity.dedup->key);
        dedup.set_mode(static_cast<std::uint32_t>(identity.dedup->mode));
        dedup.set_ttl_ms(identity.dedup->ttl_ms);
        dedup.set_extend(identity.dedup->extend);
        dedup.set_replace(identity.dedup->replace);
    }
}

core::Identity from_proto(const store::v1::MessageNames& stored) {
    core::Identity identity{stored.id(), std::nullopt};
    if (stored.has_dedup()) {
        const store::v1::Dedup& dedup = stored.dedup();
        identity.dedup = core::Dedup{dedup.key(), static_cast<core::DedupMode>(dedup.mode()), dedup.ttl_ms(),
                                     dedup.extend(), dedup.replace()};
    }
    return identity;
}

void to_proto(const core::NameCounts& counts, store::v1::NameCounts& out) {
    out.set_used(counts.used);
    out.set_sweeping(counts.sweeping);
    out.set_numbers(counts.numbers);
    out.set_turns(counts.turns);
    out.set_timed(counts.timed);
    out.set_counted(counts.counted);
}

core::NameCounts from_proto(const store::v1::NameCounts& stored) {
    return {stored.used(), stored.sweeping(), stored.numbers(), stored.turns(), stored.timed(), stored.counted()};
}

std::string encode(const core::PutName& record) {
    store::v1::Name stored;
    stored.set_holder(record.record.holder);
    stored.set_remembered(record.record.remembered);
    stored.set_until_ms(record.record.until);
    stored.set_number(record.record.number);
    stored.set_turn(record.record.turn);
    return sealed(stored, KeyKind::name, record.name.queue, entry_checksum(record.name.text));
}

std::string encode(const core::PutNameEnd& record) {
    store::v1::NameEnd stored;
    stored.set_kind(static_cast<std::uint32_t>(record.end.name.kind));
    stored.set_text(record.end.name.text);
    stored.set_turn(record.end.turn);
    return sealed(stored, KeyKind::name_end, record.end.name.queue, record.end.number);
}

std::string encode_parked_head(const core::PutParked& record) {
    store::v1::Parked stored;
    stored.set_holder(record.parked.holder);
    stored.set_parked_ms(record.parked.parked_at);
    stored.set_delay_ms(record.parked.delay_ms);
    stored.set_ttl_ms(record.parked.ttl_ms);
    storage::to_proto(*record.parked.meta, *stored.mutable_meta());
    stored.set_body_checksum(record.parked.body.checksum_of(0));
    std::string value(4, '\0');
    value += sealed(stored, KeyKind::name, record.id, entry_checksum(record.key));
    put_little_endian(value.data(), static_cast<std::uint32_t>(value.size() - 4));
    return value;
}

core::NameRecord decode_name(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::Name>(key, value);
    return {stored.holder(), stored.remembered(), stored.until_ms(), stored.number(), stored.turn()};
}

core::NameEnd decode_name_end(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::NameEnd>(key, value);
    return {key.at, key.number, stored.turn(),
            core::Name{key.queue, static_cast<core::NameKind>(stored.kind()), stored.text()}};
}

core::PutParked decode_parked(const ParsedKey& key, std::string_view value) {
    const std::uint32_t parked_head_bytes = value.size() < 4 ? 0 : get_little_endian<std::uint32_t>(value.data());
    if (value.size() < 4 || parked_head_bytes > value.size() - 4) {
        throw Damage(fmt::format("parked message '{}' of queue {}: cut", key.text, core::value(key.queue)));
    }
    const auto stored = opened<store::v1::Parked>(key, value.substr(4, parked_head_bytes));
    auto body = std::make_shared<const std::string>(value.substr(4 + parked_head_bytes));
    const std::uint32_t sum = entry_checksum(*body);
    if (sum != stored.body_checksum()) {
        throw Damage(fmt::format("parked message '{}' of queue {}: the entry does not match its checksum", key.text,
                                 core::value(key.queue)));
    }
    auto index = std::make_shared<core::EntryIndex>();
    index->bounds = {0, static_cast<std::uint32_t>(body->size())};
    index->checksums = {sum};
    const std::string_view view(*body);
    core::EntryRun run{{std::move(body), view}, std::move(index), 0, 1};
    return {key.ns,
            key.queue,
            std::string(key.text),
            {stored.holder(), stored.parked_ms(), stored.delay_ms(), stored.ttl_ms(),
             storage::from_proto(stored.meta()), std::move(run)}};
}

std::optional<core::Mutation> decode_named(const ParsedKey& key, std::string_view value) {
    return key.family == NameFamily::parked ? std::optional<core::Mutation>(decode_parked(key, value)) : std::nullopt;
}

}  // namespace baton::storage
