#include "storage/flow_examination.hpp"

#include "server/core/limits.hpp"
#include "storage/flow_codec.hpp"
#include "storage/flow_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace baton::storage {

void FlowExamination::say(Ailment::Kind kind, core::Offset parent, const std::string& what) {
    reads_.say(kind, queue_.name, fmt::format("flow of message {}: {}", parent, what));
}

bool FlowExamination::has_news(const core::FlowId& flow, std::uint32_t index) {
    bool has = false;
    reads_.each(flows_range(queue_.ns, queue_.id, {flow.parent, 1}, KeyKind::flow_news), queue_.name,
                [&](const ParsedKey& key, std::string_view value) {
                    has = has || decode_flow_news(key, value).child.index == index;
                });
    return has;
}

/// One that is done again waits before its flow has heard of it.
void FlowExamination::waiting_parent(core::Offset offset) {
    const core::FlowId flow{queue_.id, offset};
    const Key at = flow_key(queue_.ns, flow, 0);
    const auto value = reads_.value_at(at);
    const bool waits = value && decode_flow(*parse_key(at.view()), *value).head.state == core::FlowState::waiting;
    if (!waits && !has_news(flow, core::parent_index)) {
        reads_.say(Ailment::Kind::parent_without_flow, queue_.name,
                   fmt::format("message {} waits for children, and no flow of it waits", offset));
    }
}

/// A purge takes the parents and only those of their flows that it finds in memory. Of one in a store of before it was
/// noted is known only that it was.
bool FlowExamination::may_be_purged(core::Offset parent) const {
    const core::Offset below = state_.flows.purged_below;
    return parent < below || (below == 0 && state_.lane_generation != 0);
}

bool FlowExamination::is_being_lost(const core::FlowChild& child) const {
    return std::any_of(around_.lost.begin(), around_.lost.end(), [&](const core::LostChildren& lost) {
        return lost.ns == queue_.ns && lost.queue == child.queue && child.offset < lost.upto;
    });
}

void FlowExamination::holding_child(core::Offset parent, std::uint32_t index, const core::FlowChild& child) {
    const core::FlowId flow{queue_.id, parent};
    if (current_->looked_at.insert(child.queue).second && !reads_.has(flow_member_key(queue_.ns, child.queue, flow))) {
        say(Ailment::Kind::flow_member, parent,
            fmt::format("the index does not say that it waits for children in queue {}", core::value(child.queue)));
    }
    const MessagePlaces::Place place = around_.places.place_of(child.queue, child.offset);
    const bool there = place == MessagePlaces::Place::live ||
                       (place == MessagePlaces::Place::failed && child.state == core::ChildState::failed);
    if (!there && !is_being_lost(child) && !has_news(flow, index)) {
        say(Ailment::Kind::child_lost, parent,
            fmt::format("it waits for message {} of queue {}, which {}", child.offset, core::value(child.queue),
                        place == MessagePlaces::Place::failed ? "has failed" : "is gone"));
    }
}

void FlowExamination::begin(const core::PutFlow& page) {
    current_.emplace();
    current_->parent = page.flow.parent;
    if (page.page != 0) {
        return;
    }
    current_->head = page.head;
    const core::LaneKey place{0, page.flow.parent};
    if (page.head.state == core::FlowState::waiting &&
        !reads_.has(lane_key(queue_.ns, queue_.id, core::Lane::waiting_children, state_.lane_generation, place))) {
        current_->orphan = true;
        if (!may_be_purged(page.flow.parent)) {
            say(Ailment::Kind::flow_without_parent, page.flow.parent,
                "it waits, and its message is not among those that wait for children");
        }
    }
}

void FlowExamination::page(const core::PutFlow& page) {
    if (!current_ || current_->parent != page.flow.parent) {
        end();
        begin(page);
    }
    current_->children += page.children.size();
    std::uint32_t index = page.page * core::limits::flow_page_children;
    for (const core::FlowChild& child : page.children) {
        if (child.holds()) {
            current_->held = true;
            if (current_->head && !current_->orphan) {
                holding_child(page.flow.parent, index, child);
            }
        }
        ++index;
    }
}

void FlowExamination::end() {
    const std::optional<Current> flow = std::exchange(current_, std::nullopt);
    if (!flow || reads_.stopped()) {
        return;
    }
    if (!flow->head) {
        say(Ailment::Kind::flow_pages, flow->parent, "its first page is missing");
    } else if (flow->head->children != flow->children) {
        say(Ailment::Kind::flow_pages, flow->parent,
            fmt::format("its pages have {} children instead of {}", flow->children, flow->head->children));
    } else if (flow->head->state == core::FlowState::waiting && !flow->held && !flow->orphan) {
        say(Ailment::Kind::flow_not_released, flow->parent, "it waits, and none of its children holds it");
    }
}

void FlowExamination::run() {
    reads_.each(queue_range(queue_.ns, queue_.id, KeyKind::flow), queue_.name,
                [this](const ParsedKey& key, std::string_view value) { page(decode_flow(key, value)); });
    end();
    reads_.each(queue_range(queue_.ns, queue_.id, KeyKind::flow_news), queue_.name,
                [](const ParsedKey& key, std::string_view value) { decode_flow_news(key, value); });
}

}  // namespace baton::storage
