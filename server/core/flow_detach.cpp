// A child that no longer holds its parents: they go on as if they had not waited for it, and it stays a job of its own.
#include "server/core/flows.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <utility>
#include <variant>

namespace baton::core {

namespace {

void tell_detached(State& state, const Queue& queue, const FlowLink& link) {
    if (planted(PlantedBug::detached_child_holds)) {
        return;
    }
    FlowNews news;
    news.kind = FlowNewsKind::detached;
    news.queue = queue.id;
    state.flows.told.emplace_back(link, std::move(news));
}

void detach_found(State& state, Queue& queue, const Request& request, const MetaPtr& meta, Round& round) {
    const DetachChild& wanted = std::get<DetachChild>(request.body);
    const Queue* parents_in = wanted.parent_queue.empty() ? nullptr : state.find(request.ns, wanted.parent_queue);
    bool any = false;
    for (const FlowLink& link : meta && meta->parents ? *meta->parents : std::vector<FlowLink>{}) {
        const bool meant = wanted.parent_queue.empty() ||
                           (parents_in != nullptr && link.flow == FlowId{parents_in->id, wanted.parent_offset});
        if (meant) {
            any = true;
            tell_detached(state, queue, link);
        }
    }
    if (any) {
        reply(request, Done{}, round);
    } else {
        refuse(request, RefusalCode::not_a_child, "the message has no such parent", "offset", round);
    }
}

}  // namespace

void detach(State& state, const Queue& queue, const MetaPtr& meta) {
    if (meta && meta->parents) {
        for (const FlowLink& link : *meta->parents) {
            tell_detached(state, queue, link);
        }
    }
}

void apply_detach_child(State& state, Request&& request, TimeMs now, Round& round) {
    const DetachChild& wanted = std::get<DetachChild>(request.body);
    Queue* queue = state.find(request.ns, wanted.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(wanted.queue), round);
        return;
    }
    if (queue->attaching != 0) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    close_chunks(state, *queue, round);
    promote_due(state, *queue, now, round);
    const Offset offset = wanted.offset;
    JobLookup found = look_up_job(state, *queue, offset, now);
    if (auto* refusal = std::get_if<Refusal>(&found)) {
        reply(request, std::move(*refusal), round);
    } else if (const auto* unread = std::get_if<UnreadJob>(&found)) {
        if (*unread == UnreadJob::chunk) {
            state.read_chunks(*queue, offset, std::move(request), round);
        } else {
            read_jobs(state, *queue, {offset}, std::move(request), round);
        }
    } else {
        detach_found(state, *queue, request, std::get<FoundJob>(found).record.meta, round);
    }
}

}  // namespace baton::core
