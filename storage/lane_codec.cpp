// Lane records and their locators <-> bytes. A lane record is a sealed head, with its length in front, and the entry.
#include "baton/store/v1/store.pb.h"
#include "storage/finished_codec.hpp"
#include "storage/meta_codec.hpp"
#include "storage/record_codec.hpp"
#include "storage/sealed.hpp"

namespace baton::storage {

std::string encode(const core::PutLocator& record) {
    store::v1::Locator stored;
    stored.set_lane(static_cast<std::uint32_t>(record.lane));
    stored.set_at_ms(record.at);
    stored.set_rank(record.rank);
    stored.set_group_high(record.group.high);
    stored.set_group_low(record.group.low);
    return sealed(stored, KeyKind::locator, record.id, record.offset);
}

std::string encode_lane_head(const core::PutLaneRecord& record) {
    const core::MessageRecord& message = record.record;
    store::v1::LaneRecord stored;
    stored.set_offset(message.offset);
    stored.set_ready_ms(message.ready_at);
    stored.set_stored_ms(message.stored_at);
    stored.set_at_ms(message.at);
    stored.set_reason(static_cast<std::uint32_t>(message.reason));
    if (message.meta) {
        storage::to_proto(*message.meta, *stored.mutable_meta());
    }
    stored.set_finished_seq(message.finished_seq);
    stored.set_body_checksum(core::bind_checksum(message.body.checksum_of(0), record.id, message.offset));
    std::string value(4, '\0');
    value += sealed(stored, lane_kind(record.lane), record.id, message.offset);
    put_little_endian(value.data(), static_cast<std::uint32_t>(value.size() - 4));
    return value;
}

core::PutLocator decode_locator(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::Locator>(key, value);
    return {key.ns,
            key.queue,
            key.number,
            static_cast<core::Lane>(stored.lane()),
            stored.at_ms(),
            stored.rank(),
            {stored.group_high(), stored.group_low()}};
}

core::MessageRecord decode_lane_record(const ParsedKey& key, std::string_view value) {
    const std::uint32_t head_bytes = value.size() < 4 ? 0 : get_little_endian<std::uint32_t>(value.data());
    if (value.size() < 4 || head_bytes > value.size() - 4) {
        throw Damage(fmt::format("lane record of queue {} at offset {}: cut", core::value(key.queue), key.number));
    }
    const auto stored = opened<store::v1::LaneRecord>(key, value.substr(4, head_bytes));
    core::MessageRecord record;
    if (stored.has_completion()) {
        record.completion = completion_from_proto(stored.completion());
    }
    record.finished_seq = stored.finished_seq();
    auto body = std::make_shared<const std::string>(value.substr(4 + head_bytes));
    const std::uint32_t sum = entry_checksum(*body);
    const bool no_body = stored.body_not_kept();
    if (!no_body && core::bind_checksum(sum, key.queue, stored.offset()) != stored.body_checksum()) {
        throw Damage(fmt::format("lane record of queue {} at offset {}: the entry does not match its checksum",
                                 core::value(key.queue), key.number));
    }
    record.offset = stored.offset();
    record.lane = key.kind == KeyKind::grouped            ? core::Lane::grouped
                  : key.kind == KeyKind::prioritized      ? core::Lane::prioritized
                  : key.kind == KeyKind::failed           ? core::Lane::failed
                  : key.kind == KeyKind::completed        ? core::Lane::completed
                  : key.kind == KeyKind::waiting_children ? core::Lane::waiting_children
                                                          : core::Lane::timed;
    record.rank = key.rank;
    record.turn = key.kind == KeyKind::prioritized || key.kind == KeyKind::grouped ? key.at : 0;
    record.group = key.group;
    record.ready_at = stored.ready_ms();
    record.stored_at = stored.stored_ms();
    record.at = stored.at_ms();
    record.reason = static_cast<core::EndReason>(stored.reason());
    record.meta = stored.has_meta() ? storage::from_proto(stored.meta()) : nullptr;
    if (record.lane == core::Lane::grouped &&
        (!record.meta || !record.meta->group || record.meta->group->id != key.group)) {
        throw Damage(fmt::format("lane record of queue {} at offset {}: its group is another than its key says",
                                 core::value(key.queue), key.number));
    }
    if (no_body) {
        return record;
    }
    auto index = std::make_shared<core::EntryIndex>();
    index->bounds = {0, static_cast<std::uint32_t>(body->size())};
    index->checksums = {sum};
    const std::string_view view(*body);
    record.body = {{std::move(body), view}, std::move(index), 0, 1};
    return record;
}

}  // namespace baton::storage
