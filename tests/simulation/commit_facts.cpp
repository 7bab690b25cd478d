#include "tests/simulation/commit_facts.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

void CommitFacts::meta(QueueId queue, Offset offset, const MessageMeta& meta) {
    MessageNews& news = of(queue, offset);
    news.ranked = meta.priority != 0;
    news.scheduled = meta.scheduled != nullptr;
    if (meta.identity) {
        news.id = meta.identity->id;
        news.key = meta.identity->dedup ? meta.identity->dedup->key : "";
        news.keeps_last = meta.identity->dedup && meta.identity->dedup->mode == DedupMode::keep_last;
    }
    if (meta.origin) {
        news.moved_in = true;
        // Why it left where it was is told here alone.
        of(meta.origin->queue_id, meta.origin->offset).reason = meta.origin->reason;
    }
}

void CommitFacts::lane_record(const PutLaneRecord& put) {
    if (put.lane == Lane::completed) {
        return;
    }
    const MessageRecord& record = put.record;
    MessageNews& news = of(put.id, record.offset);
    if (put.lane == Lane::failed) {
        news.reason = record.reason;
        return;
    }
    if (put.lane == Lane::timed) {
        news.due = record.at;
    }
    if (record.meta) {
        meta(put.id, record.offset, *record.meta);
        news.cause = record.meta->cause;
    }
}

/// A key that goes to what was parked behind its holder: freed first, then given. A new message takes it the other way
/// round.
void CommitFacts::name(const PutName& put) {
    if (put.name.kind == NameKind::dedup && unparked_.contains({value(put.name.queue), put.name.text})) {
        of(put.name.queue, put.record.holder).was_parked = true;
    }
}

void CommitFacts::flow(const PutFlow& put) {
    const bool held =
        std::any_of(put.children.begin(), put.children.end(), [](const FlowChild& child) { return child.holds(); });
    MessageNews& news = of(put.flow.queue, put.flow.parent);
    news.held_by_child = news.held_by_child || held;
}

void CommitFacts::gather(const std::vector<Mutation>& mutations) {
    for (const Mutation& mutation : mutations) {
        if (const auto* record = std::get_if<PutLaneRecord>(&mutation)) {
            lane_record(*record);
        } else if (const auto* returned = std::get_if<PutReturned>(&mutation)) {
            of(returned->id, returned->offset).cause = returned->cause;
        } else if (const auto* chunk = std::get_if<PutChunk>(&mutation)) {
            for (const auto& [slot, own] : chunk->chunk->metas) {
                meta(chunk->chunk->log, chunk->chunk->first + slot, *own);
            }
        } else if (const auto* events = std::get_if<PutEvents>(&mutation)) {
            events_.push_back(*events);
        } else if (const auto* parked = std::get_if<PutParked>(&mutation)) {
            parkings_.push_back({parked->id, parked->parked.holder});
        } else if (const auto* unparked = std::get_if<RemoveParked>(&mutation)) {
            unparked_.emplace(value(unparked->id), unparked->key);
        } else if (const auto* named = std::get_if<PutName>(&mutation)) {
            name(*named);
        } else if (const auto* page = std::get_if<PutFlow>(&mutation)) {
            flow(*page);
        } else if (const auto* trim = std::get_if<TrimFinished>(&mutation)) {
            trims_.push_back(*trim);
        } else if (const auto* sweep = std::get_if<SweepLane>(&mutation)) {
            swept_.emplace(value(sweep->id), sweep->lane);
        } else if (const auto* removed = std::get_if<RemoveQueue>(&mutation)) {
            removed_queues_.push_back(removed->id);
        } else if (const auto* queue = std::get_if<PutQueue>(&mutation)) {
            named_queues_.emplace_back(queue->id, queue->name);
        }
    }
}

}  // namespace baton::simulation
