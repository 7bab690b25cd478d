// Reads of flows: all pages of one, its parent while that waits, and long results of some of its children.
#include "storage/damage.hpp"
#include "storage/flow_codec.hpp"
#include "storage/flow_keys.hpp"
#include "storage/range_iterator.hpp"
#include "storage/reads.hpp"
#include "storage/slices.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>

namespace baton::storage {

namespace {

/// The parent before the pages: it leaves its lane in the commit that says so in page 0, so that a page that says
/// `waiting` never stands beside a parent that has left since.
void read_pages(rocksdb::DB& db, const core::ReadFlow& wanted, core::FlowRead& found) {
    RangeIterator range(db, flows_range(wanted.ns, wanted.flow.queue, {wanted.flow.parent, 1}, KeyKind::flow));
    for (range.at->SeekToFirst(); range.at->Valid(); range.at->Next()) {
        const auto key = parse_key(view(range.at->key()));
        if (!key) {
            throw Damage(describe_key(view(range.at->key())));
        }
        core::PutFlow page = decode_flow(*key, view(range.at->value()));
        if (page.page == 0) {
            found.head = page.head;
        }
        std::move(page.children.begin(), page.children.end(), std::back_inserter(found.children));
    }
    check_read(range.at->status(), "cannot read a flow");
    if (found.head && found.head->children != found.children.size()) {
        throw Damage(fmt::format("flow of queue {} at offset {}: it has {} children instead of {}",
                                 core::value(wanted.flow.queue), wanted.flow.parent, found.children.size(),
                                 found.head->children));
    }
}

}  // namespace

core::FlowMembersRead read_stored(rocksdb::DB& db, const core::ReadFlowMembers& wanted) {
    core::FlowMembersRead found;
    const core::FlowId from{wanted.after.queue, wanted.after.parent + (core::value(wanted.after.queue) == 0 ? 0 : 1)};
    RangeIterator range(db, {flow_member_key(wanted.ns, wanted.queue, from),
                             queue_range(wanted.ns, wanted.queue, KeyKind::flow_member).end});
    for (range.at->SeekToFirst(); range.at->Valid() && found.flows.size() < wanted.max_flows; range.at->Next()) {
        const auto key = parse_key(view(range.at->key()));
        if (!key) {
            throw Damage(describe_key(view(range.at->key())));
        }
        found.flows.push_back({core::QueueId{key->seq}, key->number});
    }
    check_read(range.at->status(), "cannot read the members of flows");
    found.at_end = !range.at->Valid();
    return found;
}

core::FlowRead read_stored(rocksdb::DB& db, const core::ReadFlow& wanted) {
    core::FlowRead found;
    found.parent = lane_record(db, lane_key(wanted.ns, wanted.flow.queue, core::Lane::waiting_children,
                                            wanted.lane_generation, {0, wanted.flow.parent}));
    read_pages(db, wanted, found);
    std::string value;
    for (const std::uint32_t index : wanted.results) {
        const Key at = flow_result_key(wanted.ns, {wanted.flow, index});
        const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), slice(at), &value);
        if (!status.IsNotFound()) {
            check_read(status, "cannot read the result of a child");
            found.results.emplace(index, decode_flow_result(*parse_key(at.view()), value));
        }
    }
    return found;
}

}  // namespace baton::storage
