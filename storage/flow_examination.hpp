#pragma once
// The flows whose parents are messages of one queue, held against these parents, against the children wherever they
// are, and against the index by the queues of the children. Memory does not grow with the flows: their pages are gone
// through once, in order. Included by the sources of storage only; one thread.
//
// What is no ailment, since the broker leaves it behind and clears it up later: a flow whose parent was purged, until
// one of its children ends; an entry of the index by a flow that is gone; news of a flow that is gone, which is told
// apart only by the read that the news asks for; a child that a purge or the end of its queue took, while the shard's
// record says that its flows are still being told.

#include "server/core/flow.hpp"
#include "server/core/mutation.hpp"
#include "storage/message_places.hpp"
#include "storage/snapshot_reads.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton::storage {

/// What flows of all queues of a namespace have in common.
struct FlowSurroundings {
    MessagePlaces places;
    /// What queues have lost and flows are still to be told of.
    std::vector<core::LostChildren> lost;
};

class FlowExamination {
public:
    FlowExamination(SnapshotReads& reads, const core::PutQueue& queue, const core::PutQueueState& state,
                    FlowSurroundings& around)
        : reads_(reads), queue_(queue), state_(state), around_(around) {}

    /// The queue's lane of messages that wait for children has this one. Throws Damage.
    void waiting_parent(core::Offset offset);
    void run();

private:
    /// The flow whose pages are being read.
    struct Current {
        core::Offset parent = 0;
        /// Absent: its first page is missing.
        std::optional<core::FlowHead> head;
        std::uint64_t children = 0;
        bool held = false;
        /// Nothing comes of its children any more.
        bool orphan = false;
        /// Queues whose index was looked at.
        std::set<core::QueueId> looked_at;
    };
    void page(const core::PutFlow& page);
    void begin(const core::PutFlow& page);
    void end();
    void holding_child(core::Offset parent, std::uint32_t index, const core::FlowChild& child);
    bool is_being_lost(const core::FlowChild& child) const;
    /// The flow was not told yet of this child, or of its parent.
    bool has_news(const core::FlowId& flow, std::uint32_t index);
    bool may_be_purged(core::Offset parent) const;
    void say(Ailment::Kind kind, core::Offset parent, const std::string& what);

    SnapshotReads& reads_;
    const core::PutQueue& queue_;
    const core::PutQueueState& state_;
    FlowSurroundings& around_;
    std::optional<Current> current_;
};

}  // namespace baton::storage
