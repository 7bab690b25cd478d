#include "client/events_core.hpp"

#include "baton/v1/wire.pb.h"

#include <algorithm>
#include <utility>

namespace baton::detail {

namespace {

// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
constexpr std::uint32_t stream_events_request = 100, credit_events_request = 101, close_events_request = 102;
constexpr std::uint32_t stream_opened_reply = 9;
constexpr std::uint32_t window_max = 65'536;

Event from_proto(const v1::Event& in) {
    return {in.seq(),  in.at_ms(), static_cast<EventType>(in.type()), in.first_offset(), in.count(),
            in.text(), in.data()};
}

}  // namespace

EventsCore::EventsCore(std::shared_ptr<ClientCore> client, std::string queue, EventOptions options)
    : client_(std::move(client)), queue_(std::move(queue)), options_(std::move(options)), id_(client_->next_id()) {}

/// With the lock held, or before anybody else knows of it.
v1::StreamEvents EventsCore::request() const {
    v1::StreamEvents stream;
    stream.set_stream_id(id_);
    stream.set_queue(queue_);
    for (const EventType type : options_.types) {
        stream.add_types(static_cast<v1::EventType>(type));
    }
    if (options_.offset) {
        stream.set_offset(*options_.offset);
    }
    if (received_to_) {
        stream.set_from_seq(*received_to_);
    } else if (options_.from_seq) {
        stream.set_from_seq(*options_.from_seq);
    }
    const std::uint32_t window = std::clamp(options_.window, 1U, window_max);
    const auto held = static_cast<std::uint32_t>(std::min<std::size_t>(received_.size(), window - 1));
    stream.set_credit(window - held);
    return stream;
}

void EventsCore::open() {
    const v1::StreamEvents stream = request();
    client_->add_stream(id_, weak_from_this());
    try {
        // Repeated after a lost connection by declare_again() alone.
        client_->call(stream_events_request, stream, stream_opened_reply, false);
        const std::lock_guard lock(mutex_);
        open_ = true;
    } catch (...) {
        client_->remove_stream(id_);
        throw;
    }
}

void EventsCore::close() {
    client_->remove_stream(id_);
    v1::CloseEvents close;
    close.set_stream_id(id_);
    client_->post([client = client_, close] {
        client->send_unanswered(make_frame(0, client->options().namespace_name, close_events_request, close));
    });
}

void EventsCore::on_push(std::string_view body) {
    v1::EventBatch batch;
    if (!batch.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return;
    }
    const std::lock_guard lock(mutex_);
    if (batch.missed_first() != 0) {
        received_.push_back(
            {batch.missed_first(), 0, EventType::missed, 0, batch.missed_last() - batch.missed_first() + 1, {}, {}});
    }
    for (const v1::Event& event : batch.events()) {
        received_.push_back(from_proto(event));
    }
    open_ = true;
    received_to_ = batch.next_seq();
    caught_up_ = batch.caught_up();
    if (!batch.closed().empty()) {
        closed_ = Error{ErrorCode::queue_deleted, batch.closed()};
    }
    news_.notify_all();
}

std::optional<PendingRequest> EventsCore::declare_again() {
    const std::lock_guard lock(mutex_);
    if (!open_) {
        return std::nullopt;
    }
    taken_ = 0;
    caught_up_ = false;
    const std::uint64_t id = client_->next_id();
    PendingRequest again{id, make_frame(id, client_->options().namespace_name, stream_events_request, request()),
                         [self = shared_from_this()](const Result<Reply>& reply) {
                             const bool gone = !reply && reply.error().code != ErrorCode::connection_lost &&
                                               reply.error().code != ErrorCode::closed;
                             if (gone) {
                                 self->on_closed(reply.error());
                             }
                             return true;
                         }};
    again.repeatable = false;
    return again;
}

void EventsCore::on_closed(const Error& error) {
    const std::lock_guard lock(mutex_);
    closed_ = error;
    news_.notify_all();
}

/// With the lock held.
void EventsCore::give_credit() {
    v1::CreditEvents more;
    more.set_stream_id(id_);
    more.set_events(std::exchange(taken_, 0));
    client_->post([client = client_, more] {
        client->send_unanswered(make_frame(0, client->options().namespace_name, credit_events_request, more));
    });
}

std::optional<Event> EventsCore::next(std::chrono::milliseconds timeout) {
    client_->require_may_block();
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, timeout, [this] { return !received_.empty() || closed_; });
    if (received_.empty()) {
        if (closed_) {
            throw Exception(*closed_);
        }
        return std::nullopt;
    }
    Event event = std::move(received_.front());
    received_.pop_front();
    taken_to_ = event.type == EventType::missed ? event.seq + event.count : event.seq + 1;
    taken_ += event.type == EventType::missed ? 0 : 1;
    if (taken_ >= std::max(1U, std::clamp(options_.window, 1U, window_max) / 2)) {
        give_credit();
    }
    return event;
}

bool EventsCore::caught_up() const {
    const std::lock_guard lock(mutex_);
    return caught_up_ && received_.empty();
}

std::uint64_t EventsCore::next_seq() const {
    const std::lock_guard lock(mutex_);
    return received_.empty() ? received_to_.value_or(taken_to_) : taken_to_;
}

}  // namespace baton::detail
