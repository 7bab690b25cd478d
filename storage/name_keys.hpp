#pragma once
// The keys of names. The grammar is in keys.hpp.

#include "storage/keys.hpp"

#include <cstdint>
#include <string_view>

namespace baton::storage {

Key name_key(core::NamespaceId ns, core::QueueId queue, NameFamily family, std::string_view text);
Key name_key(core::NamespaceId ns, const core::Name& name);
Key name_end_key(core::NamespaceId ns, core::QueueId queue, core::TimeMs until, std::uint64_t number);
/// Every name of one family of a queue.
KeyRange name_range(core::NamespaceId ns, core::QueueId queue, NameFamily family);

}  // namespace baton::storage
