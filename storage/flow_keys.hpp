#pragma once
// The keys of flows; see keys.hpp for the grammar.

#include "storage/keys.hpp"

namespace baton::storage {

Key flow_key(core::NamespaceId ns, const core::FlowId& flow, std::uint64_t page);
Key flow_result_key(core::NamespaceId ns, const core::FlowLink& child);
Key flow_news_key(core::NamespaceId ns, const core::FlowId& flow, std::uint32_t number);
Key flow_member_key(core::NamespaceId ns, core::QueueId queue, const core::FlowId& flow);
/// The pages, or the long results, of the flows with parents [first, first + count).
KeyRange flows_range(core::NamespaceId ns, core::QueueId queue, const core::OffsetRange& parents, KeyKind kind);

}  // namespace baton::storage
