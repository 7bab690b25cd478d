#include "storage/flow_keys.hpp"

#include "storage/key_writer.hpp"

namespace baton::storage {

Key flow_key(core::NamespaceId ns, const core::FlowId& flow, std::uint64_t page) {
    return KeyWriter(ns, KeyKind::flow, flow.queue).put(flow.parent).put(page).key();
}
Key flow_result_key(core::NamespaceId ns, const core::FlowLink& child) {
    return KeyWriter(ns, KeyKind::flow_result, child.flow.queue)
        .put(child.flow.parent)
        .put(std::uint64_t{child.index})
        .key();
}
Key flow_news_key(core::NamespaceId ns, const core::FlowId& flow, std::uint32_t number) {
    return KeyWriter(ns, KeyKind::flow_news, flow.queue).put(flow.parent).put(std::uint64_t{number}).key();
}
Key flow_member_key(core::NamespaceId ns, core::QueueId queue, const core::FlowId& flow) {
    return KeyWriter(ns, KeyKind::flow_member, queue).put(core::value(flow.queue)).put(flow.parent).key();
}
KeyRange flows_range(core::NamespaceId ns, core::QueueId queue, const core::OffsetRange& parents, KeyKind kind) {
    return {KeyWriter(ns, kind, queue).put(parents.first).key(),
            KeyWriter(ns, kind, queue).put(parents.first + parents.count).key()};
}

}  // namespace baton::storage
