#pragma once
// The keys of background tasks; see keys.hpp for the grammar.

#include "storage/keys.hpp"

namespace baton::storage {

Key task_key(core::NamespaceId ns, core::TaskId task);

}  // namespace baton::storage
