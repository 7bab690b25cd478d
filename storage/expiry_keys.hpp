#pragma once
// The keys of the index of expiries; see keys.hpp for the grammar.

#include "storage/keys.hpp"

namespace baton::storage {

Key expiry_key(core::NamespaceId ns, core::QueueId queue, core::TimeMs at, bool in_lane, core::Offset offset);
/// The index from `from` on.
KeyRange expiries_from(core::NamespaceId ns, core::QueueId queue, core::TimeMs from);

}  // namespace baton::storage
