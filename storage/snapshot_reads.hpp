#pragma once
// What an examination reads: one snapshot of a store, slowly. Whoever asked for it is asked after every slice of it
// whether to go on. What does not fit is noted here too. Included by the sources of storage only; one thread.

#include "storage/doctor.hpp"
#include "storage/keys.hpp"
#include "storage/record_codec.hpp"

#include <rocksdb/db.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace baton::storage {

class SnapshotReads {
public:
    using Each = std::function<void(const ParsedKey&, std::string_view)>;

    SnapshotReads(rocksdb::DB& db, const Examination& wanted, Diagnosis& out);

    // These throw StorageFailure when the disk refuses.
    /// Every record of a range until it is told to stop; one that cannot be decoded is an ailment of the queue.
    void each(const KeyRange& range, const std::string& queue, const Each& what);
    std::optional<std::string> value_at(const Key& key);
    bool has(const Key& key) { return value_at(key).has_value(); }
    /// Of a kind that start-up loads. Throws Damage.
    template <typename Record>
    std::optional<Record> record_at(const Key& key) {
        const auto value = value_at(key);
        return value ? std::optional<Record>(std::get<Record>(*decode_record(*parse_key(key.view()), *value)))
                     : std::nullopt;
    }

    void say(Ailment::Kind kind, const std::string& queue, std::string text);
    /// What was not seen need not be missing.
    bool stopped() const { return out_.stopped; }

private:
    /// True: to go on.
    bool count(std::size_t records, std::size_t bytes);

    rocksdb::DB& db_;
    const Examination& wanted_;
    Diagnosis& out_;
    std::shared_ptr<const rocksdb::Snapshot> snapshot_;
    rocksdb::ReadOptions options_;
    /// Of the slice that is being read.
    std::size_t slice_records_ = 0, slice_bytes_ = 0;
};

}  // namespace baton::storage
