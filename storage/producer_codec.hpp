#pragma once
// What a queue remembers of a producer, as it stands on disk: in a record of its own or inside the queue's state.

#include "baton/store/v1/store.pb.h"
#include "server/core/mutation.hpp"

namespace baton::storage {

/// Fills `out` but for the producer's id, which the key says or the caller sets.
void to_proto(const core::PutProducer& record, store::v1::Producer& out);
core::PutProducer from_proto(core::NamespaceId ns, core::QueueId queue, std::uint64_t producer,
                             const store::v1::Producer& stored);

}  // namespace baton::storage
