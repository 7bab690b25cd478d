#include "proto/frame_reader.hpp"
#include "server/session/encode/encode.hpp"

#include <baton/v1/wire.pb.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton::session {

namespace {

/// A frame to be filled and appended; kept, since replies are many and its parts keep their room.
v1::ServerFrame& fresh_frame(core::RequestId request) {
    thread_local v1::ServerFrame frame;
    frame.Clear();
    frame.set_request_id(core::value(request));
    return frame;
}

/// Of a settle; other refusals say it themselves.
constexpr std::pair<core::RefusalCode, const char*> settle_reasons[] = {
    {core::RefusalCode::already_settled, "it was settled before"},
    {core::RefusalCode::lease_expired, "the lease has ended"},
    {core::RefusalCode::lease_superseded, "the message was delivered again since"},
    {core::RefusalCode::message_gone, "the message is no longer in the queue"},
    {core::RefusalCode::token_unknown, "no such batch was delivered, or it was forgotten"},
    {core::RefusalCode::job_cancelled, "the message was cancelled"},
    {core::RefusalCode::run_time_exceeded, "it ran longer than it may"},
    {core::RefusalCode::invalid_argument, "the settlement is not valid"},
};

const char* reason_of(core::RefusalCode code) {
    const auto found = std::find_if(std::begin(settle_reasons), std::end(settle_reasons),
                                    [code](const auto& row) { return row.first == code; });
    return found == std::end(settle_reasons) ? "refused" : found->second;
}

}  // namespace

void append_frame(const v1::ServerFrame& frame, SendQueue& out) {
    const std::size_t bytes = frame.ByteSizeLong();
    char* const place = out.append(proto::frame_head_bytes + bytes);
    proto::write_frame_head(static_cast<std::uint32_t>(bytes), place);
    frame.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(place + proto::frame_head_bytes));
}

void fill(const WireError& from, v1::Error& to) {
    to.set_code(static_cast<v1::ErrorCode>(from.code));
    to.set_message(from.message);
    to.set_retryable(from.retryable);
    to.set_field(from.field);
    to.set_limit(from.limit);
    to.set_retry_after_ms(from.retry_after_ms);
}

void fill(const core::Attempt& from, v1::Attempt& to) {
    to.set_at_ms(from.at);
    to.set_delivered_ms(from.delivered_at);
    to.set_worker(from.worker);
    to.set_error_class(from.error_class);
    to.set_reason(from.reason);
    to.set_stack(from.stack);
}

void fill(const core::Origin& from, v1::Origin& to) {
    to.set_queue(from.queue);
    to.set_queue_id(core::value(from.queue_id));
    to.set_offset(from.offset);
    to.set_stored_ms(from.stored_at);
    to.set_moved_ms(from.moved_at);
    to.set_reason(core::to_text(from.reason));
    to.set_deliveries(from.counters.deliveries);
    to.set_failures(from.counters.failures);
    to.set_lease_losses(from.counters.lease_losses);
    to.set_group(from.group);
    for (const core::Attempt& attempt : from.attempts) {
        fill(attempt, *to.add_attempts());
    }
}

void fill(const core::ScheduledRun& from, v1::ScheduledRun& to) {
    to.set_schedule(from.schedule);
    to.set_firing_ms(from.firing_at);
}

void encode_error(core::RequestId request, const WireError& error, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(request);
    fill(error, *frame.mutable_error());
    append_frame(frame, out);
}

void encode_done(core::RequestId request, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(request);
    frame.mutable_done();
    append_frame(frame, out);
}

void encode_pong(core::RequestId request, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(request);
    frame.mutable_pong();
    append_frame(frame, out);
}

void fill(core::Produced&& produced, v1::Produced& to) {
    to.set_first_offset(produced.first);
    to.set_count(produced.count);
    to.set_duplicate(produced.duplicate);
    to.set_durability(static_cast<v1::Durability>(produced.durability));
    to.set_queue_id(core::value(produced.queue));
    for (auto& [index, refusal] : produced.refused) {
        v1::ItemRefusal& item = *to.add_refusals();
        item.set_index(index);
        fill(wire_error(std::move(refusal)), *item.mutable_error());
    }
    for (const core::ItemOutcome& outcome : produced.outcomes) {
        fill(outcome, *to.add_outcomes());
    }
    to.set_subscriptions(produced.subscriptions);
}

void encode_produced(core::RequestId request, core::Produced&& produced, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(request);
    fill(std::move(produced), *frame.mutable_produced());
    append_frame(frame, out);
}

void encode_settled(core::RequestId request, const core::Settled& settled, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(request);
    v1::Settled& to = *frame.mutable_settled();
    for (const core::Settled::Refused& refused : settled.refused) {
        v1::SettleRefusal& refusal = *to.add_refusals();
        refusal.set_settlement(refused.settlement);
        refusal.mutable_range()->set_first(refused.range.first);
        refusal.mutable_range()->set_count(refused.range.count);
        refusal.set_code(static_cast<v1::ErrorCode>(refused.code));
        refusal.set_message(reason_of(refused.code));
    }
    append_frame(frame, out);
}

void encode_counted(core::RequestId request, const core::Counted& counted, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(request);
    frame.mutable_counted()->set_messages(counted.messages);
    frame.mutable_counted()->set_skipped(counted.skipped);
    append_frame(frame, out);
}

void encode_clock(core::RequestId request, const core::ClockShown& clock, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(request);
    frame.mutable_clock()->set_now_ms(clock.now);
    frame.mutable_clock()->set_is_virtual(clock.is_virtual);
    append_frame(frame, out);
}

void encode_jobs_removed(core::RequestId request, core::JobsRemoved&& removed, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(request);
    v1::JobsRemoved& to = *frame.mutable_jobs_removed();
    to.set_removed(removed.removed);
    for (auto& [offset, refusal] : removed.refused) {
        v1::JobRefusal& refused = *to.add_refusals();
        refused.set_offset(offset);
        fill(wire_error(std::move(refusal)), *refused.mutable_error());
    }
    for (auto& [id, refusal] : removed.refused_ids) {
        v1::JobRefusal& refused = *to.add_refusals();
        refused.set_id(id);
        fill(wire_error(std::move(refusal)), *refused.mutable_error());
    }
    append_frame(frame, out);
}

void encode_draining(SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(core::RequestId{});
    frame.mutable_notice()->set_kind(v1::Notice::DRAINING);
    frame.mutable_notice()->set_reason("the server is stopping");
    append_frame(frame, out);
}

void encode_blocked(bool blocked, const std::string& reason, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(core::RequestId{});
    frame.mutable_notice()->set_kind(blocked ? v1::Notice::BLOCKED : v1::Notice::UNBLOCKED);
    frame.mutable_notice()->set_reason(reason);
    append_frame(frame, out);
}

void encode_consumer_closed(const core::ConsumerClosed& closed, SendQueue& out) {
    v1::ServerFrame& frame = fresh_frame(core::RequestId{});
    frame.mutable_notice()->set_kind(v1::Notice::CONSUMER_CLOSED);
    frame.mutable_notice()->set_reason(closed.reason);
    frame.mutable_notice()->set_consumer_id(core::value(closed.consumer));
    append_frame(frame, out);
}

}  // namespace baton::session
