#pragma once
// Where messages of any queue of a namespace are, as one snapshot has them. What is read of a queue is kept: its state
// and those pages of its acks that were needed. Included by the sources of storage only; one thread.

#include "server/core/ack_map.hpp"
#include "server/core/mutation.hpp"
#include "storage/snapshot_reads.hpp"

#include <cstdint>
#include <map>
#include <set>

namespace baton::storage {

class MessagePlaces {
public:
    enum class Place : std::uint8_t {
        /// It is over and not kept, or was completed.
        nowhere,
        /// Waiting, leased, or in another way not over.
        live,
        failed,
    };

    MessagePlaces(SnapshotReads& reads, core::NamespaceId ns) : reads_(reads), ns_(ns) {}

    /// Throws Damage and StorageFailure.
    Place place_of(core::QueueId queue, core::Offset offset);

private:
    struct Known {
        core::PutQueueState state;
        core::AckMap acks;
        std::set<std::uint64_t> pages;
    };
    Known& known(core::QueueId queue);

    SnapshotReads& reads_;
    core::NamespaceId ns_;
    std::map<core::QueueId, Known> queues_;
};

}  // namespace baton::storage
