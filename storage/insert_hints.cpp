#include "storage/insert_hints.hpp"

#include "storage/key_kind.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace baton::storage {

namespace {

/// Of a key: version, namespace and kind (keys.hpp); and these with the queue.
constexpr std::size_t kind_bytes = 1 + 4 + 1, queue_bytes = kind_bytes + 8;
constexpr std::size_t generation = 4, offset = 8, time = 8, rank = 8, group = 16, flag = 1, batch = 8;

struct Hinted {
    KeyKind kind;
    /// How long the key of one record is.
    std::size_t bytes;
};
constexpr Hinted hinted[] = {
    {KeyKind::timed, queue_bytes + generation + time + offset},
    {KeyKind::prioritized, queue_bytes + generation + rank + time + offset},
    {KeyKind::grouped, queue_bytes + generation + group + rank + time + offset},
    {KeyKind::completed, queue_bytes + generation + offset},
    {KeyKind::locator, queue_bytes + offset},
    {KeyKind::lease, queue_bytes + batch},
    {KeyKind::group, queue_bytes + group},
    {KeyKind::expiry, queue_bytes + time + flag + offset},
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
