#pragma once
// Selections of subscriptions, bindings and fills <-> bytes, and their keys (keys.hpp for the grammar).

#include "baton/store/v1/topic.pb.h"
#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

#include <string>
#include <string_view>

namespace baton::storage {

void to_proto(const core::Selection& selection, store::v1::Selection& out);
core::SelectionPtr from_proto(const store::v1::Selection& stored);

Key binding_key(core::NamespaceId ns, core::QueueId queue, core::BindingId binding);
std::string encode(const core::PutBinding& record);

Key fill_key(core::NamespaceId ns, core::QueueId subscription, core::QueueId topic);
std::string encode(const core::PutFill& record);
/// PutBinding or PutFill, by the kind of the key. Throws Damage.
core::Mutation decode_selecting(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
