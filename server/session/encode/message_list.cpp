// Listed messages carry their stored wire bytes: an entry is field 15 both where it is stored and in StoredMessage.

#include "proto/frame_reader.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/encode/wire_writer.hpp"
#include "server/session/page_cursor.hpp"

#include <baton/v1/queue.pb.h>
#include <baton/v1/wire.pb.h>

#include <string>
#include <vector>

namespace baton::session {

namespace {

static_assert(v1::StoredMessage::kEntryFieldNumber == 15, "the stored wire bytes of an entry carry this field number");

/// Its names, its place in flows, and where it was published.
void fill_ties(const core::StoredMessage& from, v1::StoredMessage& head) {
    if (from.identity) {
        head.set_id(from.identity->id);
        if (from.identity->dedup) {
            fill(*from.identity->dedup, *head.mutable_dedup());
        }
    }
    if (from.parents) {
        for (const core::FlowLink& link : *from.parents) {
            head.add_parents()->set_queue_id(core::value(link.flow.queue));
            head.mutable_parents()->rbegin()->set_offset(link.flow.parent);
        }
    }
    head.set_has_children(from.has_flow);
    if (!from.topic.empty()) {
        head.set_topic(from.topic);
        head.set_topic_offset(from.source.offset);
    }
}

/// All fields but the entry.
std::string encode_head(core::QueueId queue, const core::StoredMessage& from) {
    v1::StoredMessage head;
    head.set_queue_id(core::value(queue));
    head.set_offset(from.offset);
    head.set_state(static_cast<v1::MessageState>(from.state));
    head.set_stored_ms(from.stored_at);
    head.set_at_ms(from.at);
    head.set_deliveries(from.counters.deliveries);
    head.set_failures(from.counters.failures);
    head.set_lease_losses(from.counters.lease_losses);
    if (from.reason != core::EndReason::none) {
        head.set_reason(core::to_text(from.reason));
    }
    for (const core::Attempt& attempt : from.attempts) {
        fill(attempt, *head.add_attempts());
    }
    head.set_priority(from.priority);
    head.set_lifo(from.lifo);
    head.set_ready_ms(from.ready_at);
    head.set_expires_ms(from.expires_at);
    head.set_lease_ms(static_cast<std::uint32_t>(from.lease_ms));
    head.set_max_attempts(from.max_attempts);
    head.set_cancelling(from.cancelling);
    head.set_isolated(from.isolated);
    head.set_run_limit_ms(static_cast<std::uint64_t>(from.run_limit_ms));
    if (from.backoff) {
        fill(*from.backoff, *head.mutable_backoff());
    }
    if (from.group) {
        head.set_group(from.group->name);
    }
    if (from.origin) {
        fill(*from.origin, *head.mutable_origin());
    }
    if (from.scheduled) {
        fill(*from.scheduled, *head.mutable_scheduled());
    }
    if (from.progress) {
        head.set_progress(from.progress->value);
        head.set_progress_ms(from.progress->at);
    }
    head.set_log_lines(from.log_lines);
    fill_ties(from, head);
    if (from.completion) {
        head.set_started_ms(from.completion->started_at);
        head.set_worker(from.completion->worker);
        if (const core::JobResultPtr& result = from.completion->result) {
            head.mutable_result()->set_content_type(result->content_type);
            head.mutable_result()->set_value(result->value);
        }
    }
    return head.SerializeAsString();
}

std::string next_of(const core::MessageList& list) {
    const PageCursor page{list.next_at, list.next_offset, list.next_rank, list.next_group};
    return list.next_state == core::MessageState{} ? write_cursor(page) : write_listing_cursor({list.next_state, page});
}

std::size_t body_bytes(const core::StoredMessage& message) {
    return message.body.count == 0 ? 0 : message.body.bytes().size();
}

}  // namespace

void encode_message_list(core::RequestId request, const core::MessageList& list, SendQueue& out) {
    std::vector<std::string> heads;
    heads.reserve(list.messages.size());
    std::size_t body = 0;
    for (const core::StoredMessage& message : list.messages) {
        heads.push_back(encode_head(list.queue, message));
        body += nested_bytes(v1::MessageList::kMessagesFieldNumber, heads.back().size() + body_bytes(message));
    }
    const std::string next = list.more ? next_of(list) : std::string{};
    body += next.empty() ? 0 : nested_bytes(v1::MessageList::kNextFieldNumber, next.size());
    const std::size_t id = varint_field_bytes(v1::ServerFrame::kRequestIdFieldNumber, core::value(request));
    const std::size_t frame = id + nested_bytes(v1::ServerFrame::kMessageListFieldNumber, body);

    char* const place = out.append(proto::frame_head_bytes + frame - body);
    proto::write_frame_head(static_cast<std::uint32_t>(frame), place);
    WireWriter writer(place + proto::frame_head_bytes);
    writer.varint_field(v1::ServerFrame::kRequestIdFieldNumber, core::value(request));
    writer.open_field(v1::ServerFrame::kMessageListFieldNumber, body);
    for (std::size_t i = 0; i < list.messages.size(); ++i) {
        const core::StoredMessage& message = list.messages[i];
        const std::size_t bytes = heads[i].size() + body_bytes(message);
        WireWriter open(out.append(nested_bytes(v1::MessageList::kMessagesFieldNumber, bytes) - bytes));
        open.open_field(v1::MessageList::kMessagesFieldNumber, bytes);
        out.append(heads[i]);
        if (message.body.count != 0) {
            out.append(message.body);
        }
    }
    if (!next.empty()) {
        WireWriter open(out.append(nested_bytes(v1::MessageList::kNextFieldNumber, next.size()) - next.size()));
        open.open_field(v1::MessageList::kNextFieldNumber, next.size());
        out.append(next);
    }
}

}  // namespace baton::session
