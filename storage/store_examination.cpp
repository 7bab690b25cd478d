#include "storage/store_examination.hpp"

#include "storage/commit_record.hpp"
#include "storage/damage.hpp"
#include "storage/queue_examination.hpp"
#include "storage/range_iterator.hpp"
#include "storage/record_codec.hpp"
#include "storage/store.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

namespace baton::storage {

namespace {

class StoreExamination {
public:
    StoreExamination(rocksdb::DB& db, const Examination& wanted)
        : db_(db), wanted_(wanted), snapshot_(db.GetSnapshot(), [&db](const auto* held) { db.ReleaseSnapshot(held); }) {
        options_.snapshot = snapshot_.get();
        options_.fill_cache = false;
    }

    Diagnosis run();

private:
    std::optional<std::string> value_at(const Key& key);
    template <typename Record>
    std::optional<Record> record_at(const Key& key);
    std::optional<core::NamespaceId> namespace_named(const std::string& name);
    std::vector<core::PutQueue> queues_of(core::NamespaceId ns);
    void examine(const core::PutQueue& queue);
    void say_damaged(const std::string& queue, const Damage& damage);

    rocksdb::DB& db_;
    const Examination& wanted_;
    std::shared_ptr<const rocksdb::Snapshot> snapshot_;
    rocksdb::ReadOptions options_;
    Diagnosis out_;
};

std::optional<std::string> StoreExamination::value_at(const Key& key) {
    std::string value;
    const rocksdb::Status status = db_.Get(options_, slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    if (!status.ok()) {
        throw StorageFailure(fmt::format("cannot read for the examination: {}", status.ToString()));
    }
    return value;
}

template <typename Record>
std::optional<Record> StoreExamination::record_at(const Key& key) {
    const auto value = value_at(key);
    return value ? std::optional<Record>(std::get<Record>(*decode_record(*parse_key(key.view()), *value)))
                 : std::nullopt;
}

std::optional<core::NamespaceId> StoreExamination::namespace_named(const std::string& name) {
    const auto shard = record_at<core::PutShard>(shard_key()).value_or(core::PutShard{});
    for (std::uint32_t id = 1; id < shard.next_namespace; ++id) {
        const auto space = record_at<core::PutNamespace>(namespace_key(core::NamespaceId{id}));
        if (space && space->name == name) {
            return space->id;
        }
    }
    return std::nullopt;
}

std::vector<core::PutQueue> StoreExamination::queues_of(core::NamespaceId ns) {
    std::vector<core::PutQueue> queues;
    RangeIterator range(db_, queues_range(ns), snapshot_.get());
    for (range.at->SeekToFirst(); range.at->Valid(); range.at->Next()) {
        try {
            const auto key = parse_key(view(range.at->key()));
            const auto record = key ? decode_record(*key, view(range.at->value())) : std::nullopt;
            if (!record) {
                throw Damage(describe_key(view(range.at->key())));
            }
            const auto& queue = std::get<core::PutQueue>(*record);
            if (wanted_.queue.empty() || queue.name == wanted_.queue) {
                queues.push_back(queue);
            }
        } catch (const Damage& damage) {
            say_damaged("", damage);
        }
    }
    if (!range.at->status().ok()) {
        throw StorageFailure("cannot read the queues for the examination: " + range.at->status().ToString());
    }
    return queues;
}

void StoreExamination::say_damaged(const std::string& queue, const Damage& damage) {
    out_.found += 1;
    if (out_.ailments.size() < Examination::ailments_max) {
        out_.ailments.push_back({Ailment::Kind::damage, queue, damage.what()});
    }
}

void StoreExamination::examine(const core::PutQueue& queue) {
    out_.queues += 1;
    const auto found = record_at<core::PutQueueState>(queue_state_key(queue.ns, queue.id));
    // One that was never touched has no state yet.
    const core::PutQueueState state = found.value_or(core::PutQueueState{queue.ns, queue.id});
    QueueExamination(db_, snapshot_.get(), queue, state, wanted_, out_).run();
}

Diagnosis StoreExamination::run() {
    const auto commit = value_at(commit_key());
    const auto decoded = commit ? decode_commit_record(*commit) : std::nullopt;
    out_.commit_seq = decoded ? decoded->commit_seq : 0;
    const auto ns = namespace_named(wanted_.ns.empty() ? "default" : wanted_.ns);
    for (const core::PutQueue& queue : ns ? queues_of(*ns) : std::vector<core::PutQueue>{}) {
        if (out_.stopped) {
            break;
        }
        try {
            examine(queue);
        } catch (const Damage& damage) {
            say_damaged(queue.name, damage);
        }
    }
    return std::move(out_);
}

}  // namespace

Diagnosis examine_store(rocksdb::DB& db, const Examination& wanted) {
    try {
        return StoreExamination(db, wanted).run();
    } catch (const Damage& damage) {
        throw StorageFailure(std::string("stored data is damaged: ") + damage.what());
    }
}

}  // namespace baton::storage
