#pragma once
// The keys of what jobs say about themselves; see keys.hpp for the grammar.

#include "storage/keys.hpp"

namespace baton::storage {

inline constexpr std::uint64_t progress_part = 0, log_bounds_part = 1, first_log_part = 2;

Key report_key(core::NamespaceId ns, core::QueueId queue, core::Offset offset, std::uint64_t part);
/// Everything that the jobs [first, end) said.
KeyRange reports_range(core::NamespaceId ns, core::QueueId queue, core::Offset first, core::Offset end);

}  // namespace baton::storage
