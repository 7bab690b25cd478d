#pragma once
// One queue held against its own records, all of one snapshot. Memory does not grow with the queue: what must be found
// elsewhere is looked up by its key. Included by the sources of storage only; one thread.

#include "server/core/ack_map.hpp"
#include "server/core/mutation.hpp"
#include "storage/doctor.hpp"
#include "storage/flow_examination.hpp"
#include "storage/keys.hpp"
#include "storage/snapshot_reads.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace baton::storage {

class QueueExamination {
public:
    QueueExamination(SnapshotReads& reads, const core::PutQueue& queue, const core::PutQueueState& state,
                     FlowSurroundings& around)
        : reads_(reads), queue_(queue), state_(state), flows_(reads, queue, state, around) {}

    /// Throws StorageFailure when the disk refuses; a record that cannot be decoded is an ailment.
    void run();

private:
    // queue_examination.cpp
    void each(const KeyRange& range, const SnapshotReads::Each& what) { reads_.each(range, queue_.name, what); }
    std::optional<std::string> value_at(const Key& key) { return reads_.value_at(key); }
    void say(Ailment::Kind kind, std::string text) { reads_.say(kind, queue_.name, std::move(text)); }
    void check_count(const char* what, std::uint64_t counted, std::uint64_t there);
    // examined_lanes.cpp: the lanes and sets, and the index by offset
    void lanes();
    void lane_record(const core::MessageRecord& record);
    void locators();
    // examined_log.cpp: the plain lane
    void read_acks();
    void plain();
    /// Whose chunks it reads.
    core::QueueId log() const {
        return queue_.kind == core::QueueKind::subscription && !queue_.selects ? queue_.topic : queue_.id;
    }
    void chunk(core::Offset first, std::string_view value);
    /// Messages before `end` that are not done and in none of the chunks so far.
    void missing_before(core::Offset end);
    void leases();
    bool is_there(const core::PutLease::Range& range);
    // examined_names.cpp
    void names();
    void name_of_message(const core::MessageRecord& record, const core::Name& name);
    bool has_record(core::Offset offset);

    SnapshotReads& reads_;
    const core::PutQueue& queue_;
    const core::PutQueueState& state_;
    FlowExamination flows_;
    /// Entry bytes of what is not done, as counted so far.
    std::uint64_t live_bytes_ = 0;
    /// Of a topic, what compaction took out.
    core::Holes holes_;
    core::AckMap acks_;
    /// Behind the last chunk so far.
    core::Offset next_offset_ = 0;
};

}  // namespace baton::storage
