#include "server/core/stored_message.hpp"

#include "server/core/state.hpp"

namespace baton::core {

namespace {

void add_meta(StoredMessage& message, const MetaPtr& meta) {
    if (!meta) {
        return;
    }
    message.counters = meta->counters;
    message.attempts = meta->attempts;
    message.origin = meta->origin;
    message.scheduled = meta->scheduled;
    message.identity = meta->identity;
    message.priority = meta->priority;
    message.group = meta->group;
    message.lifo = meta->lifo;
    message.lease_ms = meta->lease_ms;
    message.expires_at = meta->expires_at;
    message.cause = meta->cause;
    message.max_attempts = meta->max_attempts;
    message.backoff = meta->backoff;
    message.run_limit_ms = meta->run_limit_ms;
    message.isolated = meta->isolated;
    message.parents = meta->parents;
    message.has_flow = meta->has_flow;
    message.source = meta->source;
}

}  // namespace

StoredMessage shown(const MessageRecord& record, MessageState state) {
    StoredMessage message;
    message.offset = record.offset;
    message.state = state;
    message.stored_at = record.stored_at;
    message.ready_at = record.ready_at;
    message.at = record.at;
    message.reason = record.reason;
    message.body = record.body;
    message.finished_seq = record.finished_seq;
    message.completion = record.completion;
    if (state == MessageState::completed) {
        message.counters.deliveries = 1;
    }
    add_meta(message, record.meta);
    return message;
}

StoredMessage shown(const Queue& queue, const ChunkPtr& chunk, Offset offset, MessageState state) {
    StoredMessage message;
    message.offset = offset;
    message.state = state;
    message.stored_at = message.ready_at = chunk->stored_at;
    // Held by somebody who got it before it went.
    message.body = chunk->is_missing(offset) ? EntryRun{} : chunk->at(offset);
    add_meta(message, chunk->parting_meta_of(offset));
    if (const auto returned = queue.returned.find(offset); returned != queue.returned.end()) {
        message.counters = returned->second.counters;
        message.attempts = returned->second.attempts;
        message.cause = returned->second.cause;
        message.isolated = returned->second.isolated;
    }
    return message;
}

void name_topics(State& state, MessageList& list) {
    for (StoredMessage& message : list.messages) {
        const Queue* topic = message.source.topic == QueueId{} ? nullptr : state.find(message.source.topic);
        message.topic = topic != nullptr ? topic->name : "";
    }
}

void add_lease(StoredMessage& message, const LeaseBatch& batch, std::uint32_t position) {
    const auto detail = batch.details.find(position);
    message.at = batch.deadline_of(position);
    message.cancelling = detail != batch.details.end() && detail->second.cancelled;
    message.counters = detail != batch.details.end() ? detail->second.counters : Counters{1, 0, 0};
    if (detail != batch.details.end() && !detail->second.attempts.empty()) {
        message.attempts = detail->second.attempts;
    }
}

}  // namespace baton::core
