#pragma once
// Flows: added, told of what became of their children, shown. Included by the core's sources only.

#include "server/core/flow.hpp"
#include "server/core/flow_read.hpp"
#include "server/core/flow_table.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/outcome.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <optional>

namespace baton::core {

struct Queue;
struct Round;
struct State;

void apply_add_flow(State& state, Request&& request, TimeMs now, Round& round);  // flow_add.cpp
/// A child no longer holds its parents. flow_detach.cpp
void apply_detach_child(State& state, Request&& request, TimeMs now, Round& round);
/// The parents of a message are not to wait for it.
void detach(State& state, const Queue& queue, const MetaPtr& meta);
/// Whether an ack of this message must know what became of its children, so that its flow is to be in memory.
bool asks_after_children(const MetaPtr& meta);  // wait_children.cpp
/// Why the job of this flow cannot be completed yet.
std::optional<RefusalCode> why_not_done(State& state, const FlowId& id);
/// Requests that look at flows. flow_show.cpp
void apply_flow_view(State& state, Request&& request, TimeMs now, Round& round);
/// Long results that a request wants have been read.
void flow_results_arrived(State& state, LoadFlow&& load, FlowRead&& found, TimeMs now, Round& round);

// ---- flow_records.cpp

/// The flow when it is in memory, else null.
Flow* loaded_flow(State& state, const FlowId& id);
/// Runs `request` again once the flow is in memory, or once it is known that there is none (state.flows.absent).
void read_flow(State& state, const FlowId& id, Request&& request, Round& round);
/// The record of its parent has changed: a read that is under way may have been made before that.
void read_flow_again(State& state, const FlowId& id, Round& round);
/// Takes note of news for a flow that is not in memory, on disk too, and has it read.
void keep_news(State& state, const FlowLink& child, FlowNews&& news, Round& round);
/// A flow is in memory from now on. Its pages are written when it is marked changed.
Flow& take_in_flow(State& state, const FlowId& id, Flow&& flow);
void mark_changed(State& state, const FlowId& id, std::uint32_t child);
/// What is for this flow, and the read that it waits for, no longer count: those who wait are run again.
void forget_reading(State& state, const Queue& queue, const FlowId& id, Round& round);
/// It is over: nothing of it is kept.
void drop_flow(State& state, Queue& queue, const FlowId& id, Round& round);
/// Flows of parents that left their set by retention.
void retire_flows(State& state, Queue& queue, const std::vector<OffsetRange>& parents, Round& round);
/// The waiting parents of a queue are purged.
void purge_flows(State& state, Queue& queue, Round& round);
/// Of a queue that is deleted: those who wait for its flows are run again, to be told so.
void forget_flows(State& state, const Queue& queue, Round& round);
/// Asks for flows with news of before a restart.
void read_flows_with_news(State& state, const Queue& queue, Round& round);
void restore_news(State& state, const PutFlowNews& record);
void drop_news_of_gone_queues(State& state);
void flow_arrived(State& state, LoadFlow&& load, FlowRead&& found, TimeMs now, Round& round);
/// Writes what has changed, and keeps memory within its bounds.
void write_flows(State& state, Round& round);

// ---- flow_losses.cpp

/// Messages of the queue are gone without a word: its children of flows below `upto` are looked for.
void lose_children(State& state, const LostChildren& lost, Round& round);
/// Goes on with what was not finished before a restart.
void resume_losses(State& state, Round& round);
void look_for_lost_children(State& state, Request&& request, TimeMs now, Round& round);
void flow_members_arrived(State& state, LoadFlowMembers&& load, FlowMembersRead&& found, TimeMs now, Round& round);

// ---- flow_resolve.cpp

/// Messages of a queue ended: tells the flows of their parents, and ends their own.
void flows_hear(State& state, Queue& queue, const Ending& ending, Round& round);
/// A child has failed this message, which was taken out of where it was. The flow may be gone when it returns.
void fail_by_child(State& state, Queue& queue, MessageRecord&& record, const FlowChild& child, TimeMs now,
                   Round& round);
/// A message that a child had failed, and that was taken out of the failed set, is to be done again: it waits for those
/// of its children that are done again too, or runs.
void retry_parent(State& state, Queue& queue, MessageRecord&& record, Round& round);
/// A failed or completed message is to be done again.
void flows_hear_retry(State& state, const Queue& queue, const MetaPtr& meta);
/// A failed message leaves its set by retention.
void flows_hear_retired(State& state, const Queue& queue, const FlowLinksPtr& parents);
/// Carries out what children told; true when there was something.
bool run_flows(State& state, TimeMs now, Round& round);
/// One piece of news reaches its flow, which is in memory.
void resolve_child(State& state, const FlowId& id, std::uint32_t index, FlowNews&& news, TimeMs now, Round& round);
/// The flow waits for nothing any more: takes it out of the index by the queues of its children.
void leave_members(const FlowId& id, const Flow& flow, Round& round);

}  // namespace baton::core
