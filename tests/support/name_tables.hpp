#pragma once
// Reads of the index of names in a MemoryStore.

#include "tests/support/memory_store.hpp"

namespace baton::tests {

core::NamesRead read_names(const Tables& tables, const core::ReadNames& wanted);
core::NameEndsRead read_name_ends(const Tables& tables, const core::ReadNameEnds& wanted);

}  // namespace baton::tests
