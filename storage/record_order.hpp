#pragma once
// The order in which the changes of a commit go into its write batch. A memtable finds the place of a record fast when
// the one before it was its neighbour (insert_hints.hpp), and jobs are settled in an order that is not that of their
// keys.

#include "server/core/mutation.hpp"

#include <span>
#include <vector>

namespace baton::storage {

/// All of `mutations`: those of single records of lanes, groups and locators last and by their keys, the others as they
/// came. What changes one record twice stays in order. A commit that removes whole ranges of such records keeps its
/// order: what came before the removal goes, what came after stays. Valid as long as `mutations`.
std::vector<const core::Mutation*> in_key_order(std::span<const core::Mutation> mutations);

}  // namespace baton::storage
