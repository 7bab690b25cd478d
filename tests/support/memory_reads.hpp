#pragma once
// Reads of the store in memory, and how its tables are keyed.

#include "server/core/read.hpp"
#include "tests/support/memory_store.hpp"

#include <cstdint>
#include <limits>

namespace baton::tests {

template <typename Id>
QueueKey queue_key(core::NamespaceId ns, Id id) {
    return {core::value(ns), core::value(id)};
}

inline constexpr core::LaneKey first_key{std::numeric_limits<core::TimeMs>::min(), 0,
                                         std::numeric_limits<std::int64_t>::min()};

Tables::LaneKey lane_key(const QueueKey& key, core::Lane lane, std::uint32_t generation, const core::LaneKey& at);
core::ReadAnswer read_tables(const Tables& tables, const core::ReadRequest& request);

}  // namespace baton::tests
