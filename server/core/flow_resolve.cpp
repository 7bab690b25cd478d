// What becomes of a flow when its children end: by the policy of each, in the commit that ends the child.
#include "server/core/attempt_history.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace baton::core {

namespace {

/// The error class of a parent that a child has failed.
constexpr const char* child_failed_class = "ChildFailed";

const char* words_for(JobOutcome outcome) {
    switch (outcome) {
        case JobOutcome::failed:
            return "failed";
        case JobOutcome::removed:
            return "was removed";
        case JobOutcome::expired:
            return "expired";
        case JobOutcome::dead_lettered:
            return "was dead-lettered";
        case JobOutcome::dropped:
            return "was dropped";
        case JobOutcome::cancelled:
            return "was cancelled";
        case JobOutcome::completed:
        case JobOutcome::timeout:
        case JobOutcome::gone:
            break;
    }
    return "is gone";
}

std::string error_of(const FlowNews& news) {
    std::string error = words_for(news.outcome);
    if (!news.text.empty()) {
        error += ": " + news.text.substr(0, limits::flow_error_bytes_kept);
    }
    return error;
}

/// The parent's record, out of the lane of those that wait for children.
MessageRecord take_parent(State& state, Queue& queue, Flow& flow, Round& round) {
    require(flow.parent.has_value(), "a flow that waits has its parent");
    MessageRecord record = std::move(*flow.parent);
    flow.parent.reset();
    remove_lane_record(queue, record, round);
    state.touch(queue, round);
    return record;
}

void release(State& state, Queue& queue, Flow& flow, TimeMs now, Round& round) {
    MessageRecord record = take_parent(state, queue, flow, round);
    const FlowHead& head = flow.head;
    const TimeMs due = std::max(now + head.delay_ms, head.due_at);
    record.ready_at = record.at = due;
    if (head.ttl_ms != 0) {
        auto meta = std::make_shared<MessageMeta>(*record.meta);
        meta->expires_at = due + head.ttl_ms;
        record.meta = std::move(meta);
    }
    put_in_place(state, queue, std::move(record), due <= now, now, round);
}

/// A parent that a child had failed is done again: it waits for what holds it now, else it runs.
void parent_again(State& state, Queue& queue, const FlowId& id, Flow& flow, TimeMs now, Round& round) {
    if (flow.head.state != FlowState::failed || !flow.parent) {
        return;
    }
    flow.head.delay_ms = 0;
    flow.head.due_at = 0;
    flow.head.ttl_ms = 0;
    flow.head.state = flow.holding != 0 ? FlowState::waiting : FlowState::released;
    mark_changed(state, id, 0);
    // Those that had failed it and are not done again have had their say.
    for (std::uint32_t i = 0; i < flow.children.size(); ++i) {
        FlowChild& child = flow.children[i];
        if (child.state == ChildState::failed && child.policy == FailurePolicy::fail_parent) {
            child.state = ChildState::ignored;
            mark_changed(state, id, i);
        }
    }
    if (flow.head.state == FlowState::released) {
        release(state, queue, flow, now, round);
    }
}

/// What the child is for its flow from now on.
void change_child(State& state, const FlowLink& link, Flow& flow, FlowNews&& news, Round& round) {
    FlowChild& child = flow.children[link.index];
    child.error.clear();
    if (news.kind == FlowNewsKind::detached) {
        child.state = ChildState::removed;
        return;
    }
    if (news.kind == FlowNewsKind::retried) {
        child.state = ChildState::pending;
        child.result = nullptr;
        child.spilled = false;
        return;
    }
    if (news.outcome == JobOutcome::completed) {
        child.state = ChildState::completed;
        child.result = std::move(news.result);
        const std::size_t bytes = child.result ? child.result->value.size() + child.result->content_type.size() : 0;
        child.spilled = bytes > limits::flow_result_bytes_inline;
        if (child.spilled) {
            state.find(link.flow.queue)->flows.has_pages = true;
            round.bytes += bytes;
            round.mutations.push_back(PutFlowResult{flow.ns, link, std::exchange(child.result, nullptr)});
        }
        return;
    }
    const bool can_come_back = news.outcome == JobOutcome::failed;
    const bool removed =
        child.policy == FailurePolicy::remove || (child.policy == FailurePolicy::wait && !can_come_back);
    child.state = removed                                 ? ChildState::removed
                  : child.policy == FailurePolicy::ignore ? ChildState::ignored
                                                          : ChildState::failed;
    if (!removed) {
        child.error = error_of(news);
    }
}

/// News that change nothing: of a child that is over for its flow.
bool is_stale(const Flow& flow, const FlowChild& child, const FlowNews& news) {
    if (child.state == ChildState::removed) {
        return true;
    }
    if (news.kind == FlowNewsKind::retried) {
        // A parent that went on does not wait again.
        return child.state == ChildState::pending || flow.head.state == FlowState::released;
    }
    const bool completed = news.kind == FlowNewsKind::ended && news.outcome == JobOutcome::completed;
    return completed ? child.state == ChildState::completed : !child.holds();
}

}  // namespace

/// At once, so that nobody has to fetch it to learn of it.
void fail_by_child(State& state, Queue& queue, MessageRecord&& record, const FlowChild& child, TimeMs now,
                   Round& round) {
    const Queue* of = state.find(child.queue);
    const std::string name = of != nullptr ? of->name : std::to_string(value(child.queue));
    const std::string reason = "child " + std::to_string(child.offset) + " of " + name + " " + child.error;
    auto meta = std::make_shared<MessageMeta>(*record.meta);
    add_attempt(meta->attempts, {now, 0, "", child_failed_class, reason, ""});
    record.meta = std::move(meta);
    move_out(state, queue, std::move(record), EndReason::child_failed, now, round);
}

void retry_parent(State& state, Queue& queue, MessageRecord&& record, Round& round) {
    const FlowId id{queue.id, record.offset};
    MessageRecord waits = put_waiting_children(state, queue, std::move(record), round);
    if (Flow* flow = loaded_flow(state, id)) {
        flow->parent = std::move(waits);
    }
    FlowNews news;
    news.kind = FlowNewsKind::parent_retried;
    news.queue = queue.id;
    state.flows.told.emplace_back(FlowLink{id, parent_index}, std::move(news));
}

void leave_members(const FlowId& id, const Flow& flow, Round& round) {
    std::set<QueueId> queues;
    for (const FlowChild& child : flow.children) {
        queues.insert(child.queue);
    }
    for (const QueueId queue : queues) {
        round.mutations.push_back(RemoveFlowMember{flow.ns, queue, id});
    }
}

void resolve_child(State& state, const FlowId& id, std::uint32_t index, FlowNews&& news, TimeMs now, Round& round) {
    Queue& queue = *state.find(id.queue);
    Flow& flow = state.flows.loaded.at(id);
    if (news.kind == FlowNewsKind::parent_retried) {
        parent_again(state, queue, id, flow, now, round);
        return;
    }
    if (index >= flow.children.size()) {
        return;
    }
    FlowChild& child = flow.children[index];
    if (news.kind == FlowNewsKind::became_parent) {
        child.is_parent = true;
        mark_changed(state, id, index);
        return;
    }
    if (is_stale(flow, child, news)) {
        return;
    }
    const bool held = child.holds();
    const bool lost = news.kind == FlowNewsKind::ended && news.outcome != JobOutcome::completed;
    change_child(state, {id, index}, flow, std::move(news), round);
    flow.holding = flow.holding - (held ? 1 : 0) + (child.holds() ? 1 : 0);
    mark_changed(state, id, index);
    state.touch(queue, round);
    if (held && flow.holding == 0) {
        leave_members(id, flow, round);
    }
    if (!held && child.holds()) {
        round.mutations.push_back(PutFlowMember{flow.ns, child.queue, id});
    }
    const std::uint32_t early = planted(PlantedBug::parent_released_early) ? 1 : 0;
    const bool fails = lost && child.policy == FailurePolicy::fail_parent;
    const bool goes = flow.holding <= early || (lost && child.policy == FailurePolicy::continue_parent);
    if (flow.head.state != FlowState::waiting || !(fails || goes)) {
        return;
    }
    flow.head.state = fails ? FlowState::failed : FlowState::released;
    mark_changed(state, id, 0);
    if (fails) {
        fail_by_child(state, queue, take_parent(state, queue, flow, round), child, now, round);
    } else {
        release(state, queue, flow, now, round);
    }
}

void flows_hear(State& state, Queue& queue, const Ending& ending, Round& round) {
    const auto tell = [&](const MetaPtr& meta) {
        for (const FlowLink& link : *meta->parents) {
            state.flows.told.emplace_back(
                link, FlowNews{FlowNewsKind::ended, ending.outcome, ending.text, ending.result, queue.id});
        }
    };
    if (ending.meta) {
        if (ending.meta->parents) {
            tell(ending.meta);
        }
        const bool kept = ending.outcome == JobOutcome::failed ||
                          (ending.outcome == JobOutcome::completed && queue.settings.keep_completed);
        if (ending.meta->has_flow && !kept) {
            drop_flow(state, queue, {queue.id, ending.first}, round);
        }
        return;
    }
    // Children may be in the plain lane, but no parents.
    for (Offset offset = ending.first;
         ending.in_chunk && queue.flows.has_children && offset < ending.first + ending.count;) {
        const ChunkPtr chunk = queue.window.resident(offset);
        require(chunk != nullptr, "what ends in the plain lane of a queue with children of flows is in memory");
        for (; offset < std::min(chunk->end(), ending.first + ending.count); ++offset) {
            const MetaPtr meta = chunk->meta_of(offset);
            if (meta && meta->parents) {
                tell(meta);
            }
        }
    }
}

void flows_hear_retry(State& state, const Queue& queue, const MetaPtr& meta) {
    if (!meta || !meta->parents) {
        return;
    }
    for (const FlowLink& link : *meta->parents) {
        FlowNews news;
        news.kind = FlowNewsKind::retried;
        news.queue = queue.id;
        state.flows.told.emplace_back(link, std::move(news));
    }
}

void flows_hear_retired(State& state, const Queue& queue, const FlowLinksPtr& parents) {
    for (const FlowLink& link : *parents) {
        state.flows.told.emplace_back(
            link, FlowNews{FlowNewsKind::ended, JobOutcome::removed, "retention", nullptr, queue.id});
    }
}

bool run_flows(State& state, TimeMs now, Round& round) {
    bool any = false;
    // A parent that fails is the child of others.
    while (!state.flows.told.empty()) {
        any = true;
        auto told = std::exchange(state.flows.told, {});
        // A parent that is done again waits for those of its children that are, whichever was told first.
        std::stable_partition(told.begin(), told.end(),
                              [](const auto& one) { return one.first.index != parent_index; });
        for (auto& [link, news] : told) {
            if (state.find(link.flow.queue) == nullptr) {
                continue;
            }
            if (loaded_flow(state, link.flow) != nullptr) {
                resolve_child(state, link.flow, link.index, std::move(news), now, round);
            } else {
                keep_news(state, link, std::move(news), round);
            }
        }
    }
    return any;
}

}  // namespace baton::core
