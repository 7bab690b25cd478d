#pragma once
// What is read when a store is opened. The grammar of keys is in keys.hpp.

#include "storage/keys.hpp"

#include <vector>

namespace baton::storage {

/// What start-up loads of a namespace: everything but chunks, lanes, locators, finished batches, expiries, flows and
/// the indexes of names and of keys.
std::vector<KeyRange> small_records_ranges(core::NamespaceId ns);
/// All data of all namespaces from `ns` on.
KeyRange namespaces_from(core::NamespaceId ns);

}  // namespace baton::storage
