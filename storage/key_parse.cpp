// Keys taken apart again.
#include "storage/byte_order.hpp"
#include "storage/checksums.hpp"
#include "storage/key_tags.hpp"
#include "storage/keys.hpp"

namespace baton::storage {

namespace {

std::uint64_t u64_at(std::string_view key, std::size_t pos) { return get_big_endian<std::uint64_t>(key.data() + pos); }

std::optional<ParsedKey> parse_shard_key(std::string_view key) {
    if (key.size() < 2) {
        return std::nullopt;
    }
    const auto tag = static_cast<std::uint8_t>(key[1]);
    ParsedKey parsed;
    if (tag == shard_tag(KeyKind::name_space) && key.size() == 6) {
        parsed.kind = KeyKind::name_space;
        parsed.ns = core::NamespaceId{get_big_endian<std::uint32_t>(key.data() + 2)};
        return parsed;
    }
    for (const KeyKind kind : {KeyKind::shard, KeyKind::identity, KeyKind::commit}) {
        if (tag == shard_tag(kind) && key.size() == 2) {
            parsed.kind = kind;
            return parsed;
        }
    }
    return std::nullopt;
}

std::optional<ParsedKey> parse_name_key(std::string_view key) {
    constexpr std::size_t name_head_bytes = 15;
    const auto family = static_cast<std::uint8_t>(key.size() < name_head_bytes ? 0 : key[6]);
    if (family < static_cast<std::uint8_t>(NameFamily::id) || family > static_cast<std::uint8_t>(NameFamily::parked)) {
        return std::nullopt;
    }
    ParsedKey parsed;
    parsed.kind = KeyKind::name;
    parsed.ns = core::NamespaceId{get_big_endian<std::uint32_t>(key.data() + 1)};
    parsed.queue = core::QueueId{u64_at(key, 7)};
    parsed.family = static_cast<NameFamily>(family);
    parsed.text = key.substr(name_head_bytes);
    parsed.number = entry_checksum(parsed.text);
    return parsed;
}

/// Bytes behind the queue id; 0xFF for what is no kind of namespace data.
std::size_t tail_bytes(std::uint8_t kind) {
    switch (kind) {
        case static_cast<std::uint8_t>(KeyKind::timed):
            return 20;
        case static_cast<std::uint8_t>(KeyKind::failed):
        case static_cast<std::uint8_t>(KeyKind::completed):
        case static_cast<std::uint8_t>(KeyKind::waiting_children):
            return 12;
        case static_cast<std::uint8_t>(KeyKind::finished):
            return 17;
        case static_cast<std::uint8_t>(KeyKind::prioritized):
            return 28;
        case static_cast<std::uint8_t>(KeyKind::expiry):
            return 17;
        case static_cast<std::uint8_t>(KeyKind::grouped):
            return 44;
        case static_cast<std::uint8_t>(KeyKind::group):
        case static_cast<std::uint8_t>(KeyKind::last_of_key):
        case static_cast<std::uint8_t>(KeyKind::report):
        case static_cast<std::uint8_t>(KeyKind::name_end):
        case static_cast<std::uint8_t>(KeyKind::flow):
        case static_cast<std::uint8_t>(KeyKind::flow_result):
        case static_cast<std::uint8_t>(KeyKind::flow_news):
        case static_cast<std::uint8_t>(KeyKind::flow_member):
            return 16;
        case static_cast<std::uint8_t>(KeyKind::chunk):
        case static_cast<std::uint8_t>(KeyKind::events):
        case static_cast<std::uint8_t>(KeyKind::ack_page):
        case static_cast<std::uint8_t>(KeyKind::lease):
        case static_cast<std::uint8_t>(KeyKind::returned):
        case static_cast<std::uint8_t>(KeyKind::producer):
        case static_cast<std::uint8_t>(KeyKind::locator):
        case static_cast<std::uint8_t>(KeyKind::schedule):
        case static_cast<std::uint8_t>(KeyKind::binding):
        case static_cast<std::uint8_t>(KeyKind::fill):
            return 8;
        case static_cast<std::uint8_t>(KeyKind::queue):
        case static_cast<std::uint8_t>(KeyKind::queue_state):
        case static_cast<std::uint8_t>(KeyKind::task):
        case static_cast<std::uint8_t>(KeyKind::job_minutes):
            return 0;
        default:
            return 0xFF;
    }
}

}  // namespace

std::optional<ParsedKey> parse_key(std::string_view key) {
    constexpr std::size_t key_head_bytes = 14;
    if (!key.empty() && static_cast<std::uint8_t>(key[0]) == shard_data) {
        return parse_shard_key(key);
    }
    if (key.size() < key_head_bytes || static_cast<std::uint8_t>(key[0]) != namespace_data) {
        return std::nullopt;
    }
    const auto tag = static_cast<std::uint8_t>(key[5]);
    if (tag == static_cast<std::uint8_t>(KeyKind::name)) {
        return parse_name_key(key);
    }
    if (key.size() - key_head_bytes != tail_bytes(tag)) {
        return std::nullopt;
    }
    ParsedKey parsed;
    parsed.kind = static_cast<KeyKind>(tag);
    parsed.ns = core::NamespaceId{get_big_endian<std::uint32_t>(key.data() + 1)};
    parsed.queue = core::QueueId{u64_at(key, 6)};
    if (parsed.kind == KeyKind::finished) {
        parsed.seq = u64_at(key, key_head_bytes + 1);
    }
    if (parsed.kind == KeyKind::report || (parsed.kind >= KeyKind::flow && parsed.kind <= KeyKind::flow_member)) {
        parsed.seq = u64_at(key, key_head_bytes);
    }
    if (parsed.kind == KeyKind::timed || parsed.kind == KeyKind::failed || parsed.kind == KeyKind::completed ||
        parsed.kind == KeyKind::prioritized || parsed.kind == KeyKind::waiting_children) {
        parsed.generation = get_big_endian<std::uint32_t>(key.data() + key_head_bytes);
    }
    if (parsed.kind == KeyKind::name_end) {
        parsed.at = static_cast<core::TimeMs>(u64_at(key, key_head_bytes) ^ sign_bit);
    }
    if (parsed.kind == KeyKind::timed) {
        parsed.at = static_cast<core::TimeMs>(u64_at(key, key_head_bytes + 4) ^ sign_bit);
    }
    if (parsed.kind == KeyKind::prioritized) {
        parsed.rank = static_cast<std::int64_t>(u64_at(key, key_head_bytes + 4) ^ sign_bit);
        parsed.at = static_cast<core::TimeMs>(u64_at(key, key_head_bytes + 12) ^ sign_bit);
    }
    if (parsed.kind == KeyKind::expiry) {
        parsed.at = static_cast<core::TimeMs>(u64_at(key, key_head_bytes) ^ sign_bit);
        parsed.generation = static_cast<std::uint8_t>(key[key_head_bytes + 8]);
    }
    if (parsed.kind == KeyKind::grouped) {
        parsed.group = {u64_at(key, key_head_bytes + 4), u64_at(key, key_head_bytes + 12)};
        parsed.rank = static_cast<std::int64_t>(u64_at(key, key_head_bytes + 20) ^ sign_bit);
        parsed.at = static_cast<core::TimeMs>(u64_at(key, key_head_bytes + 28) ^ sign_bit);
    }
    if (parsed.kind == KeyKind::group || parsed.kind == KeyKind::last_of_key) {
        parsed.group = {u64_at(key, key_head_bytes), u64_at(key, key_head_bytes + 8)};
    }
    if (key.size() > key_head_bytes) {
        parsed.number = u64_at(key, key.size() - 8);
    }
    return parsed;
}

}  // namespace baton::storage
