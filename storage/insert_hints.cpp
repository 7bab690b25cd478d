#include "storage/insert_hints.hpp"

#include "storage/key_kind.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace baton::storage {

namespace {

/// Of a key: version, namespace and kind (keys.hpp); and these with the queue.
constexpr std::size_t kind_bytes = 1 + 4 + 1, queue_bytes = kind_bytes + 8;
/// What may follow in a key.
namespace field {
constexpr std::size_t generation = 4, offset = 8, time = 8, rank = 8, group = 16, flag = 1, batch = 8;
}  // namespace field

struct Hinted {
    KeyKind kind;
    /// How long the key of one record is.
    std::size_t bytes;
};
constexpr Hinted hinted[] = {
    {KeyKind::timed, queue_bytes + field::generation + field::time + field::offset},
    {KeyKind::prioritized, queue_bytes + field::generation + field::rank + field::time + field::offset},
    {KeyKind::grouped, queue_bytes + field::generation + field::group + field::rank + field::time + field::offset},
    {KeyKind::completed, queue_bytes + field::generation + field::offset},
    {KeyKind::locator, queue_bytes + field::offset},
    {KeyKind::lease, queue_bytes + field::batch},
    {KeyKind::group, queue_bytes + field::group},
    {KeyKind::last_of_key, queue_bytes + field::group},
    {KeyKind::expiry, queue_bytes + field::time + field::flag + field::offset},
};

class InsertHints final : public rocksdb::SliceTransform {
public:
    const char* Name() const override { return "baton.InsertHints"; }
    rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), kind_bytes}; }
    bool InDomain(const rocksdb::Slice& key) const override {
        return key.size() > queue_bytes && std::any_of(std::begin(hinted), std::end(hinted), [&key](const Hinted& one) {
                   return static_cast<char>(one.kind) == key[kind_bytes - 1] && one.bytes == key.size();
               });
    }
};

}  // namespace

std::shared_ptr<const rocksdb::SliceTransform> insert_hints() { return std::make_shared<const InsertHints>(); }

}  // namespace baton::storage
