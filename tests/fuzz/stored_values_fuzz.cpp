// Keys and values read back from disk: damage is told as such and nothing else happens. The first byte says which
// reader; values behind a checksum get as far as it.

#include "storage/chunk_codec.hpp"
#include "storage/commit_record.hpp"
#include "storage/damage.hpp"
#include "storage/keys.hpp"
#include "storage/record_codec.hpp"
#include "tests/fuzz/invariant.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

using baton::fuzz::require;
namespace storage = baton::storage;

namespace {

constexpr storage::KeyKind kinds[] = {
    storage::KeyKind::ack_page,   storage::KeyKind::lease, storage::KeyKind::returned,
    storage::KeyKind::producer,   storage::KeyKind::queue, storage::KeyKind::queue_state,
    storage::KeyKind::name_space, storage::KeyKind::shard, storage::KeyKind::schedule};

void read_value(std::uint8_t which, std::string_view value) {
    storage::ParsedKey key;
    key.ns = baton::core::NamespaceId{1};
    key.queue = baton::core::QueueId{1};
    switch (which % 4) {
        case 0:
            key.kind = kinds[which / 4 % std::size(kinds)];
            storage::decode_record(key, value);
            return;
        case 1:
            key.kind = which & 4 ? storage::KeyKind::timed : storage::KeyKind::failed;
            storage::decode_lane_record(key, value);
            return;
        case 2:
            storage::decode_chunk(baton::core::QueueId{1}, 0, std::make_shared<const std::string>(value));
            return;
        default:
            storage::decode_commit_record(value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    storage::parse_key(bytes);
    require(!storage::describe_key(bytes).empty(), "any key can be described");
    try {
        read_value(data[0], bytes);
    } catch (const storage::Damage& damage) {
        require(damage.what()[0] != '\0', "damage says what it is");
    }
    return 0;
}
