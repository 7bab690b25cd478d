#include "storage/commit_record.hpp"

#include "storage/byte_order.hpp"

#include <xxhash.h>

namespace baton::storage {

namespace {
constexpr char record_format = 1;
constexpr std::size_t checked_bytes = commit_record_bytes - 8;
}  // namespace

void encode_commit_record(const CommitRecord& record, char* out) {
    out[0] = record_format;
    put_little_endian(out + 1, record.commit_seq);
    put_little_endian(out + 9, record.synced_seq);
    put_little_endian(out + 17, record.epoch);
    put_little_endian(out + 25, record.time);
    put_little_endian(out + checked_bytes, static_cast<std::uint64_t>(XXH3_64bits(out, checked_bytes)));
}

std::optional<CommitRecord> decode_commit_record(std::string_view value) {
    if (value.size() != commit_record_bytes || value[0] != record_format ||
        get_little_endian<std::uint64_t>(value.data() + checked_bytes) != XXH3_64bits(value.data(), checked_bytes)) {
        return std::nullopt;
    }
    return CommitRecord{
        get_little_endian<std::uint64_t>(value.data() + 1), get_little_endian<std::uint64_t>(value.data() + 9),
        get_little_endian<std::uint64_t>(value.data() + 17), get_little_endian<core::TimeMs>(value.data() + 25)};
}

}  // namespace baton::storage
