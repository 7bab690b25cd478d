#include "storage/write_batch.hpp"

#include "storage/chunk_codec.hpp"
#include "storage/event_codec.hpp"
#include "storage/expiry_keys.hpp"
#include "storage/finished_codec.hpp"
#include "storage/finished_keys.hpp"
#include "storage/flow_codec.hpp"
#include "storage/flow_keys.hpp"
#include "storage/key_index.hpp"
#include "storage/keys.hpp"
#include "storage/name_keys.hpp"
#include "storage/range_iterator.hpp"
#include "storage/reads.hpp"
#include "storage/record_codec.hpp"
#include "storage/record_order.hpp"
#include "storage/report_codec.hpp"
#include "storage/report_keys.hpp"
#include "storage/selection_codec.hpp"
#include "storage/slices.hpp"
#include "storage/task_codec.hpp"
#include "storage/task_keys.hpp"
#include "storage/totals_codec.hpp"

#include <set>
#include <string>
#include <vector>

namespace baton::storage {

namespace {

class BatchFiller {
public:
    BatchFiller(rocksdb::WriteBatch& batch, rocksdb::DB* db) : batch_(batch), db_(db) {}

    void operator()(const core::PutShard& put) { batch_.Put(slice(shard_key()), encode(put)); }
    void operator()(const core::PutNamespace& put) { batch_.Put(slice(namespace_key(put.id)), encode(put)); }
    void operator()(const core::PutQueue& put) { batch_.Put(slice(queue_key(put.ns, put.id)), encode(put)); }
    void operator()(const core::PutQueueState& put) { batch_.Put(slice(queue_state_key(put.ns, put.id)), encode(put)); }
    void operator()(const core::PutAckPage& put) {
        batch_.Put(slice(ack_page_key(put.ns, put.id, put.page)), encode(put));
    }
    void operator()(const core::PutLease& put) { batch_.Put(slice(lease_key(put.ns, put.id, put.batch)), encode(put)); }
    void operator()(const core::PutReturned& put) {
        batch_.Put(slice(returned_key(put.ns, put.id, put.offset)), encode(put));
    }
    void operator()(const core::PutProducer& put) {
        batch_.Put(slice(producer_key(put.ns, put.id, put.producer)), encode(put));
    }
    void operator()(const core::PutSchedule& put) { batch_.Put(slice(schedule_key(put.ns, put.id, 0)), encode(put)); }
    void operator()(const core::PutScheduleProgress& put) {
        batch_.Put(slice(schedule_key(put.ns, put.id, 1)), encode(put));
    }
    void operator()(const core::RemoveSchedule& gone) {
        batch_.Delete(slice(schedule_key(gone.ns, gone.id, 0)));
        batch_.Delete(slice(schedule_key(gone.ns, gone.id, 1)));
    }
    void operator()(const core::PutName& put) { batch_.Put(slice(name_key(put.ns, put.name)), encode(put)); }
    void operator()(const core::RemoveName& gone) { batch_.Delete(slice(name_key(gone.ns, gone.name))); }
    void operator()(const core::PutNameEnd& put) {
        batch_.Put(slice(name_end_key(put.ns, put.end.name.queue, put.end.until, put.end.number)), encode(put));
    }
    void operator()(const core::RemoveNameEnd& gone) {
        batch_.Delete(slice(name_end_key(gone.ns, gone.id, gone.until, gone.number)));
    }
    void operator()(const core::PutParked& put) {
        const std::string head = encode_parked_head(put);
        parts_.assign({rocksdb::Slice(head), slice(put.parked.body.bytes())});
        put_parts(name_key(put.ns, put.id, NameFamily::parked, put.key));
    }
    void operator()(const core::RemoveParked& gone) {
        batch_.Delete(slice(name_key(gone.ns, gone.id, NameFamily::parked, gone.key)));
    }
    void operator()(const core::PutChunk& put) {
        const std::string head = encode_chunk_head(*put.chunk);
        parts_.assign(1, head);
        if (put.chunk->sources.empty()) {
            put_bodies(*put.chunk);
        }
        put_parts(chunk_key(put.ns, put.chunk->log, put.chunk->first));
    }
    void operator()(const core::PutLaneRecord& put) {
        const std::string head = encode_lane_head(put);
        parts_.assign({rocksdb::Slice(head), slice(put.record.body.bytes())});
        put_parts(lane_key(put.ns, put.id, put.lane, put.generation, core::key_of(put.lane, put.record)));
    }
    void operator()(const core::PutCompleted& put) {
        CompletedEncoder encoder(put);
        for (std::uint32_t i = 0; i < put.count; ++i) {
            const std::string& head = encoder.head(i);
            parts_.assign(1, head);
            if (put.bodies.count != 0) {
                parts_.push_back(slice(put.bodies.slice(i, 1).bytes()));
            }
            put_parts(completed_key(put.ns, put.id, put.generation, put.first + i));
        }
    }
    void operator()(const core::PutFinished& put) {
        batch_.Put(slice(finished_key(put.ns, put.id, put.set, put.batch.seq, 0)), encode(put));
    }
    void operator()(const core::PutFinishedGone& put) {
        batch_.Put(slice(finished_key(put.ns, put.id, put.set, put.seq, put.offset + 1)), rocksdb::Slice());
    }
    void operator()(const core::TrimFinished& gone) {
        const core::Lane lane = gone.set == core::FinishedSet::completed ? core::Lane::completed : core::Lane::failed;
        for (const core::OffsetRange& range : gone.records) {
            remove_each(range, [&](core::Offset offset) {
                return lane_key(gone.ns, gone.id, lane, gone.generation, {0, offset, 0});
            });
        }
        if (gone.from_seq < gone.to_seq) {
            remove({finished_key(gone.ns, gone.id, gone.set, gone.from_seq, 0),
                    finished_key(gone.ns, gone.id, gone.set, gone.to_seq, 0)});
        }
    }
    void operator()(const core::PutEvents& put) {
        batch_.Put(slice(events_key(put.ns, put.id, put.chunk->first_seq)), encode(put));
    }
    void operator()(const core::TrimEventChunks& gone) {
        remove({events_key(gone.ns, gone.id, gone.from), events_key(gone.ns, gone.id, gone.to)});
    }
    void operator()(const core::PutFlow& put) { batch_.Put(slice(flow_key(put.ns, put.flow, put.page)), encode(put)); }
    void operator()(const core::PutFlowResult& put) {
        batch_.Put(slice(flow_result_key(put.ns, put.child)), encode(put));
    }
    void operator()(const core::RemoveFlows& gone) {
        for (const core::OffsetRange& parents : gone.parents) {
            if (gone.paged) {
                remove(flows_range(gone.ns, gone.queue, parents, KeyKind::flow));
                remove(flows_range(gone.ns, gone.queue, parents, KeyKind::flow_result));
                continue;
            }
            for (core::Offset parent = parents.first; parent < parents.first + parents.count; ++parent) {
                batch_.Delete(slice(flow_key(gone.ns, {gone.queue, parent}, 0)));
            }
        }
    }
    void operator()(const core::PutFlowNews& put) {
        batch_.Put(slice(flow_news_key(put.ns, put.child.flow, put.number)), encode(put));
    }
    void operator()(const core::RemoveFlowNews& gone) {
        batch_.Delete(slice(flow_news_key(gone.ns, gone.flow, gone.number)));
    }
    void operator()(const core::PutFlowMember& put) {
        batch_.Put(slice(flow_member_key(put.ns, put.queue, put.flow)), rocksdb::Slice());
    }
    void operator()(const core::RemoveFlowMember& gone) {
        batch_.Delete(slice(flow_member_key(gone.ns, gone.queue, gone.flow)));
    }
    void operator()(const core::PutLocator& put) {
        batch_.Put(slice(locator_key(put.ns, put.id, put.offset)), encode(put));
    }

    void operator()(const core::PutGroup& put) { batch_.Put(slice(group_key(put.ns, put.id, put.group)), encode(put)); }
    void operator()(const core::RemoveGroup& gone) { batch_.Delete(slice(group_key(gone.ns, gone.id, gone.group))); }

    void operator()(const core::RemoveQueue& gone) {
        batch_.Delete(slice(queue_key(gone.ns, gone.id)));
        batch_.Delete(slice(queue_state_key(gone.ns, gone.id)));
    }
    void operator()(const core::RemoveAckPage& gone) {
        batch_.Delete(slice(ack_page_key(gone.ns, gone.id, gone.page)));
    }
    void operator()(const core::RemoveLease& gone) { batch_.Delete(slice(lease_key(gone.ns, gone.id, gone.batch))); }
    void operator()(const core::RemoveReturned& gone) {
        batch_.Delete(slice(returned_key(gone.ns, gone.id, gone.offset)));
    }
    void operator()(const core::RemoveProducer& gone) {
        batch_.Delete(slice(producer_key(gone.ns, gone.id, gone.producer)));
    }
    void operator()(const core::RemoveLaneRecord& gone) {
        const core::LaneKey key{gone.at, gone.offset, gone.rank, gone.group};
        batch_.Delete(slice(lane_key(gone.ns, gone.id, gone.lane, gone.generation, key)));
    }
    void operator()(const core::RemoveLocator& gone) {
        batch_.Delete(slice(locator_key(gone.ns, gone.id, gone.offset)));
    }
    void operator()(const core::SweepLocators& gone) { remove(queue_range(gone.ns, gone.id, KeyKind::locator)); }
    void operator()(const core::PutExpiry& put) {
        batch_.Put(slice(expiry_key(put.ns, put.id, put.at, put.in_lane, put.offset)), encode(put));
    }
    void operator()(const core::RemoveExpiry& gone) {
        batch_.Delete(slice(expiry_key(gone.ns, gone.id, gone.at, gone.in_lane, gone.offset)));
    }
    void operator()(const core::SweepExpiries& gone) { remove(queue_range(gone.ns, gone.id, KeyKind::expiry)); }
    void operator()(const core::PutJobMinutes& put) { batch_.Put(slice(job_minutes_key(put.ns, put.id)), encode(put)); }
    void operator()(const core::PutBinding& put) {
        batch_.Put(slice(binding_key(put.ns, put.queue, put.id)), encode(put));
    }
    void operator()(const core::RemoveBinding& gone) {
        batch_.Delete(slice(binding_key(gone.ns, gone.queue, gone.id)));
    }
    void operator()(const core::PutFill& put) { batch_.Put(slice(fill_key(put.ns, put.id, put.topic)), encode(put)); }
    void operator()(const core::RemoveFill& gone) { batch_.Delete(slice(fill_key(gone.ns, gone.id, gone.topic))); }
    void operator()(const core::PutLastOfKey& put) {
        const Key key = last_of_key_key(put.ns, put.id, put.key);
        batch_.Put(slice(key), encode(put));
        last_of_keys_.insert(key);
    }
    // Known only here: the message that took its place may have come after the decision.
    void operator()(const core::RemoveLastOfKey& gone) {
        const Key key = last_of_key_key(gone.ns, gone.id, gone.key);
        if (db_ != nullptr && !last_of_keys_.contains(key) && last_of_key(*db_, key) == gone.offset) {
            batch_.Delete(slice(key));
        }
    }
    void operator()(const core::PutTask& put) { batch_.Put(slice(task_key(put.ns, put.id)), encode(put)); }
    void operator()(const core::RemoveTask& gone) { batch_.Delete(slice(task_key(gone.ns, gone.id))); }
    void operator()(const core::PutProgress& put) {
        put_report(report_key(put.ns, put.id, put.offset, progress_part), encode(put));
    }
    void operator()(const core::PutLogPart& put) {
        put_report(report_key(put.ns, put.id, put.offset, first_log_part + put.part.first_line), encode(put));
    }
    void operator()(const core::PutLogBounds& put) {
        put_report(report_key(put.ns, put.id, put.offset, log_bounds_part), encode(put));
    }
    void operator()(const core::RemoveLogPart& gone) {
        batch_.Delete(slice(report_key(gone.ns, gone.id, gone.offset, first_log_part + gone.first_line)));
    }
    void operator()(const core::RemoveReports& gone) {
        remove_reports(reports_range(gone.ns, gone.id, gone.jobs.first, gone.jobs.first + gone.jobs.count));
    }
    // A chunk's key is written once between two removals, since offsets are never reused: they can meet and vanish.
    void operator()(const core::RemoveChunk& gone) {
        batch_.SingleDelete(slice(chunk_key(gone.ns, gone.log, gone.first)));
    }
    void operator()(const core::RemoveChunks& gone) {
        remove({chunk_key(gone.ns, gone.log, gone.from), chunk_key(gone.ns, gone.log, gone.to)});
    }
    void operator()(const core::SweepLane& gone) {
        remove(lane_range_below(gone.ns, gone.id, gone.lane, gone.generation_below));
    }
    // Not the flows with children in it: these are to learn of its end first.
    void operator()(const core::SweepQueue& gone) {
        for (const KeyKind kind : {KeyKind::chunk,       KeyKind::events,      KeyKind::completed,
                                   KeyKind::finished,    KeyKind::timed,       KeyKind::failed,
                                   KeyKind::prioritized, KeyKind::grouped,     KeyKind::ack_page,
                                   KeyKind::lease,       KeyKind::returned,    KeyKind::producer,
                                   KeyKind::locator,     KeyKind::expiry,      KeyKind::group,
                                   KeyKind::report,      KeyKind::name_end,    KeyKind::waiting_children,
                                   KeyKind::flow,        KeyKind::flow_result, KeyKind::flow_news,
                                   KeyKind::job_minutes, KeyKind::binding,     KeyKind::fill,
                                   KeyKind::last_of_key}) {
            remove(queue_range(gone.ns, gone.id, kind));
        }
        for (const NameFamily family : {NameFamily::id, NameFamily::dedup, NameFamily::parked}) {
            remove(name_range(gone.ns, gone.id, family));
        }
    }

private:
    /// Without those that are gone.
    void put_bodies(const core::Chunk& chunk) {
        core::Offset offset = chunk.first;
        for (const core::EntryRun& run : chunk.runs) {
            if (chunk.missing.empty()) {
                parts_.push_back(slice(run.bytes()));
                continue;
            }
            for (std::uint32_t i = 0; i < run.count; ++i, ++offset) {
                if (!chunk.is_missing(offset)) {
                    parts_.push_back(slice(run.slice(i, 1).bytes()));
                }
            }
        }
    }
    void put_parts(const Key& key) {
        const rocksdb::Slice key_slice = slice(key);
        batch_.Put(rocksdb::SliceParts(&key_slice, 1),
                   rocksdb::SliceParts(parts_.data(), static_cast<int>(parts_.size())));
    }
    /// A range tombstone slows down every read near it: few keys are deleted one by one.
    template <typename KeyOf>
    void remove_each(const core::OffsetRange& range, KeyOf&& key_of) {
        constexpr std::uint32_t few = 32;
        if (range.count > few) {
            // Begins right behind the message before, or with less than a whole key: that of a record may have a hint
            // (insert_hints.hpp).
            std::string begin(key_of(range.first == 0 ? 0 : range.first - 1).view());
            range.first == 0 ? begin.pop_back() : begin.push_back('\0');
            batch_.DeleteRange(begin, slice(key_of(range.first + range.count)));
            return;
        }
        for (std::uint32_t i = 0; i < range.count; ++i) {
            batch_.Delete(slice(key_of(range.first + i)));
        }
    }
    void put_report(const Key& key, const std::string& value) {
        batch_.Put(slice(key), value);
        reports_.insert(key);
    }
    /// A range tombstone a job would slow down every read, and so would one for each key that may be there: those that
    /// are there are looked up.
    void remove_reports(const KeyRange& gone) {
        for (auto own = reports_.lower_bound(gone.begin); own != reports_.end() && *own < gone.end; ++own) {
            batch_.Delete(slice(*own));
        }
        if (db_ == nullptr) {
            return;
        }
        RangeIterator range(*db_, gone);
        for (range.at->SeekToFirst(); range.at->Valid(); range.at->Next()) {
            batch_.Delete(range.at->key());
        }
        check_read(range.at->status(), "cannot read what jobs said");
    }
    void remove(const KeyRange& range) { batch_.DeleteRange(slice(range.begin), slice(range.end)); }

    rocksdb::WriteBatch& batch_;
    rocksdb::DB* db_;
    /// Reports that this batch puts.
    std::set<Key> reports_;
    /// Keys of topics of which this batch has the last message.
    std::set<Key> last_of_keys_;
    std::vector<rocksdb::Slice> parts_;
};

}  // namespace

void fill_batch(const CommitRecord& commit, std::span<const core::Mutation> mutations, rocksdb::WriteBatch& batch,
                rocksdb::DB* db) {
    char record[commit_record_bytes];
    encode_commit_record(commit, record);
    batch.Put(slice(commit_key()), rocksdb::Slice(record, sizeof record));
    BatchFiller filler(batch, db);
    for (const core::Mutation* mutation : in_key_order(mutations)) {
        std::visit(filler, *mutation);
    }
}

}  // namespace baton::storage
