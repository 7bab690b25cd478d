// The index of what expires <-> bytes.
#include "baton/store/v1/store.pb.h"
#include "storage/record_codec.hpp"
#include "storage/sealed.hpp"

namespace baton::storage {

std::string encode(const core::PutExpiry& record) {
    store::v1::Expiry stored;
    if (record.in_lane) {
        stored.set_lane(static_cast<std::uint32_t>(record.lane));
        stored.set_lane_at_ms(record.lane_at);
        stored.set_lane_rank(record.lane_rank);
        stored.set_group_high(record.lane_group.high);
        stored.set_group_low(record.lane_group.low);
    }
    return sealed(stored, KeyKind::expiry, record.id, record.offset);
}

core::PutExpiry decode_expiry(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::Expiry>(key, value);
    const bool in_lane = key.generation != 0;
    return {key.ns,
            key.queue,
            key.at,
            key.number,
            in_lane,
            in_lane ? static_cast<core::Lane>(stored.lane()) : core::Lane::timed,
            stored.lane_at_ms(),
            stored.lane_rank(),
            {stored.group_high(), stored.group_low()}};
}

}  // namespace baton::storage
