// A message that is there already becomes a child of more parents.
#include "server/core/event_log.hpp"
#include "server/core/flow_names.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/require.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <memory>
#include <utility>

namespace baton::core {

namespace {

MetaPtr with_links(const MetaPtr& before, const std::vector<FlowLink>& links) {
    auto meta = before ? std::make_shared<MessageMeta>(*before) : std::make_shared<MessageMeta>();
    std::vector<FlowLink> parents = meta->parents ? *meta->parents : std::vector<FlowLink>{};
    parents.insert(parents.end(), links.begin(), links.end());
    meta->parents = std::make_shared<const std::vector<FlowLink>>(std::move(parents));
    return meta;
}

/// It waits for children of its own: its record stays where it is, and its flow in memory has a copy.
void link_waiting_parent(State& state, Queue& queue, MessageRecord&& record, const std::vector<FlowLink>& links,
                         Round& round) {
    const FlowId id{queue.id, record.offset};
    record.meta = with_links(record.meta, links);
    round.bytes += record.body.size_of(0);
    round.mutations.push_back(PutLaneRecord{queue.ns, queue.id, record.lane, queue.lane_generation, record});
    queue.job_reads.changed(record.offset);
    if (Flow* flow = loaded_flow(state, id); flow != nullptr && flow->parent) {
        flow->parent->meta = record.meta;
    }
    read_flow_again(state, id, round);
}

/// One that is over, or of which only the id is known, says at once what it has to say.
void tell_over(State& state, const Queue& queue, const NodeFate& fate, const std::vector<FlowLink>& links) {
    for (const FlowLink& link : links) {
        FlowNews news;
        news.kind = fate.state == MessageState::completed ? FlowNewsKind::ended : FlowNewsKind::detached;
        news.result = fate.result;
        news.queue = queue.id;
        state.flows.told.emplace_back(link, std::move(news));
    }
}

}  // namespace

void link_duplicate(State& state, Queue& queue, const NodeFate& fate, const std::string& id,
                    const std::vector<FlowLink>& links, TimeMs now, Round& round) {
    add_event(state, queue, EventType::duplicated, fate.holder, 1, round, event_text(id));
    if (links.empty()) {
        return;
    }
    queue.flows.has_children = true;
    state.touch(queue, round);
    if (fate.state == MessageState::completed || fate.state == MessageState{}) {
        tell_over(state, queue, fate, links);
        return;
    }
    JobLookup found = look_up_job(state, queue, fate.holder, now);
    require(std::holds_alternative<FoundJob>(found), "what stands for a node was read for the plan");
    FoundJob& job = std::get<FoundJob>(found);
    if (job.state == MessageState::waiting_children) {
        link_waiting_parent(state, queue, std::move(job.record), links, round);
        return;
    }
    if (job.state == MessageState::leased) {
        LeaseBatch* batch = queue.leases.holder_of(fate.holder);
        require(batch != nullptr, "a leased message that stands for a node has a holder");
        job.record.meta = with_links(job.record.meta, links);
        change_leased_record(state, queue, *batch, std::move(job.record), now, round);
        return;
    }
    const bool ready = job.state != MessageState::delayed;
    MessageRecord record = take_job(state, queue, std::move(job), round);
    record.meta = with_links(record.meta, links);
    put_in_place(state, queue, std::move(record), ready, now, round);
}

}  // namespace baton::core
