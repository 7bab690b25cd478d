#pragma once
// The keys of what is kept of messages that are over, and of events; see keys.hpp for the grammar.

#include "storage/keys.hpp"

namespace baton::storage {

Key events_key(core::NamespaceId ns, core::QueueId queue, std::uint64_t first_seq);
Key completed_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, core::Offset offset);
Key finished_key(core::NamespaceId ns, core::QueueId queue, core::FinishedSet set, std::uint64_t seq,
                 std::uint64_t part);

}  // namespace baton::storage
