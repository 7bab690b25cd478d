#include "storage/store_examination.hpp"

#include "storage/commit_record.hpp"
#include "storage/damage.hpp"
#include "storage/flow_examination.hpp"
#include "storage/message_places.hpp"
#include "storage/queue_examination.hpp"
#include "storage/record_codec.hpp"
#include "storage/snapshot_reads.hpp"
#include "storage/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace baton::storage {

namespace {

class StoreExamination {
public:
    StoreExamination(rocksdb::DB& db, const Examination& wanted) : wanted_(wanted), reads_(db, wanted, out_) {}

    Diagnosis run();

private:
    std::optional<core::NamespaceId> namespace_named(const std::string& name);
    std::vector<core::PutQueue> queues_of(core::NamespaceId ns);
    void examine(const core::PutQueue& queue, FlowSurroundings& around);

    const Examination& wanted_;
    Diagnosis out_;
    SnapshotReads reads_;
};

std::optional<core::NamespaceId> StoreExamination::namespace_named(const std::string& name) {
    const auto shard = reads_.record_at<core::PutShard>(shard_key()).value_or(core::PutShard{});
    for (std::uint32_t id = 1; id < shard.next_namespace; ++id) {
        const auto space = reads_.record_at<core::PutNamespace>(namespace_key(core::NamespaceId{id}));
        if (space && space->name == name) {
            return space->id;
        }
    }
    return std::nullopt;
}

std::vector<core::PutQueue> StoreExamination::queues_of(core::NamespaceId ns) {
    std::vector<core::PutQueue> queues;
    reads_.each(queues_range(ns), "", [&](const ParsedKey& key, std::string_view value) {
        auto queue = std::get<core::PutQueue>(*decode_record(key, value));
        if (wanted_.queue.empty() || queue.name == wanted_.queue) {
            queues.push_back(std::move(queue));
        }
    });
    return queues;
}

void StoreExamination::examine(const core::PutQueue& queue, FlowSurroundings& around) {
    out_.queues += 1;
    const auto found = reads_.record_at<core::PutQueueState>(queue_state_key(queue.ns, queue.id));
    // One that was never touched has no state yet.
    core::PutQueueState state = found.value_or(core::PutQueueState{queue.ns, queue.id});
    if (queue.kind == core::QueueKind::subscription && !queue.selects) {
        // It has what its topic got since its record was written.
        const auto topic = reads_.record_at<core::PutQueueState>(queue_state_key(queue.ns, queue.topic))
                               .value_or(core::PutQueueState{queue.ns, queue.topic});
        state.end = topic.end;
        state.live_bytes += topic.log_bytes - state.log_bytes;
    }
    QueueExamination(reads_, queue, state, around).run();
}

Diagnosis StoreExamination::run() {
    const auto commit = reads_.value_at(commit_key());
    const auto decoded = commit ? decode_commit_record(*commit) : std::nullopt;
    out_.commit_seq = decoded ? decoded->commit_seq : 0;
    const std::string name = wanted_.ns.empty() ? "default" : wanted_.ns;
    const auto ns = namespace_named(name);
    if (!ns) {
        out_.no_namespace = name != "default";
        return std::move(out_);
    }
    const auto shard = reads_.record_at<core::PutShard>(shard_key()).value_or(core::PutShard{});
    FlowSurroundings around{MessagePlaces(reads_, *ns), shard.lost_children};
    for (const core::PutQueue& queue : queues_of(*ns)) {
        if (reads_.stopped()) {
            break;
        }
        try {
            examine(queue, around);
        } catch (const Damage& damage) {
            reads_.say(Ailment::Kind::damage, queue.name, damage.what());
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
