#include "baton/listener.hpp"

#include "baton/v1/wire.pb.h"
#include "client/filter_convert.hpp"
#include "client/listener_core.hpp"
#include "client/parsed.hpp"
#include "proto/entry_format.hpp"

#include <algorithm>
#include <utility>

namespace baton {

namespace detail {

namespace {

// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
constexpr std::uint32_t listen_request = 171, credit_listener_request = 172, stop_listening_request = 173;
constexpr std::uint32_t listen_started_reply = 171;
constexpr std::uint32_t listen_messages_max = 65'536, listen_bytes_max = 4 * 1024 * 1024;

/// What the server has counted for it: the entry with its tag and length.
std::uint64_t wire_size(const v1::Entry& entry) {
    const std::uint64_t body = entry.ByteSizeLong();
    return 1 + proto::varint_bytes(body) + body;
}

Message message_of(const v1::Entry& entry) {
    Message message;
    message.payload = entry.payload();
    message.name = entry.name();
    for (const v1::Header& header : entry.headers()) {
        message.headers.push_back({header.key(), header.value()});
    }
    return message;
}

/// With a window that the server allows: half of it is what is taken before more is asked for.
ListenOptions bounded(ListenOptions options) {
    options.window_messages = std::clamp(options.window_messages, 1U, listen_messages_max);
    options.window_bytes = std::clamp(options.window_bytes, 1U, listen_bytes_max);
    return options;
}

}  // namespace

ListenerCore::ListenerCore(std::shared_ptr<ClientCore> client, ListenOptions options, std::function<void()> on_gap)
    : client_(std::move(client)),
      options_(bounded(std::move(options))),
      on_gap_(std::move(on_gap)),
      id_(client_->next_id()) {}

/// With the lock held, or before anybody else knows of it.
v1::Listen ListenerCore::request() const {
    v1::Listen listen;
    listen.set_listener_id(id_);
    listen.set_inbox(options_.inbox);
    if (!options_.inbox) {
        listen.set_topics(options_.topics);
        filter_to_proto(options_.filter, *listen.mutable_filter());
    }
    const std::uint64_t messages = options_.window_messages, bytes = options_.window_bytes;
    listen.set_credit_messages(messages - std::min<std::uint64_t>(received_.size(), messages));
    listen.set_credit_bytes(bytes - std::min(received_bytes_, bytes));
    return listen;
}

void ListenerCore::open() {
    const v1::Listen listen = request();
    client_->add_stream(id_, weak_from_this());
    try {
        // Repeated after a lost connection by declare_again() alone.
        started(client_->call(listen_request, listen, listen_started_reply, false));
    } catch (...) {
        client_->remove_stream(id_);
        throw;
    }
}

void ListenerCore::started(std::string_view body) {
    const auto answer = parsed<v1::ListenStarted>(std::string(body));
    const std::lock_guard lock(mutex_);
    inbox_ = answer.inbox();
    open_ = true;
}

void ListenerCore::close() {
    client_->remove_stream(id_);
    v1::StopListening stop;
    stop.set_listener_id(id_);
    client_->post([client = client_, stop] {
        client->send_unanswered(make_frame(0, client->options().namespace_name, stop_listening_request, stop));
    });
}

void ListenerCore::on_push(std::string_view body) {
    v1::Heard heard;
    if (!heard.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return;
    }
    std::deque<Held> handed;
    {
        const std::lock_guard lock(mutex_);
        lost_ += heard.lost();
        lost_before_next_ += heard.lost();
        std::uint64_t offset = heard.first_offset();
        for (const v1::Entry& entry : heard.entries()) {
            HeardMessage message{
                heard.topic(),     options_.inbox ? 0 : offset++,       heard.stored_ms(),
                message_of(entry), std::exchange(lost_before_next_, 0), std::exchange(gap_before_next_, false)};
            const std::uint64_t bytes = wire_size(entry);
            received_bytes_ += bytes;
            (options_.on_message ? handed : received_).push_back({std::move(message), bytes});
        }
        news_.notify_all();
    }
    for (Held& one : handed) {
        options_.on_message(std::move(one.heard));
        const std::lock_guard lock(mutex_);
        taken(one.bytes);
    }
}

std::optional<PendingRequest> ListenerCore::declare_again() {
    const std::lock_guard lock(mutex_);
    if (!open_) {
        return std::nullopt;
    }
    taken_messages_ = taken_bytes_ = 0;
    gap_before_next_ = true;
    inbox_.clear();
    if (on_gap_) {
        on_gap_();
    }
    const std::uint64_t id = client_->next_id();
    PendingRequest again{
        id, make_frame(id, client_->options().namespace_name, listen_request, request()),
        [self = shared_from_this()](const Result<Reply>& reply) {
            if (reply) {
                self->started(reply.value().body);
            } else if (reply.error().code != ErrorCode::connection_lost && reply.error().code != ErrorCode::closed) {
                self->on_closed(reply.error());
            }
            return true;
        }};
    again.repeatable = false;
    return again;
}

void ListenerCore::on_closed(const Error& error) {
    const std::lock_guard lock(mutex_);
    closed_ = error;
    news_.notify_all();
}

/// With the lock held: allows more once half of the window was taken.
void ListenerCore::taken(std::uint64_t bytes) {
    received_bytes_ -= bytes;
    taken_messages_ += 1;
    taken_bytes_ += bytes;
    if (taken_messages_ * 2 < options_.window_messages && taken_bytes_ * 2 < options_.window_bytes) {
        return;
    }
    v1::CreditListener more;
    more.set_listener_id(id_);
    more.set_messages(std::exchange(taken_messages_, 0));
    more.set_bytes(std::min<std::uint64_t>(std::exchange(taken_bytes_, 0), listen_bytes_max));
    client_->post([client = client_, more] {
        client->send_unanswered(make_frame(0, client->options().namespace_name, credit_listener_request, more));
    });
}

std::optional<HeardMessage> ListenerCore::next(std::chrono::milliseconds timeout) {
    client_->require_may_block();
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, timeout, [this] { return !received_.empty() || closed_; });
    if (received_.empty()) {
        if (closed_) {
            throw Exception(*closed_);
        }
        return std::nullopt;
    }
    Held first = std::move(received_.front());
    received_.pop_front();
    taken(first.bytes);
    return std::move(first.heard);
}

std::uint64_t ListenerCore::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

std::string ListenerCore::inbox() const {
    const std::lock_guard lock(mutex_);
    return inbox_;
}

}  // namespace detail

Listener::Listener(const Client& client, ListenOptions options)
    : core_(std::make_shared<detail::ListenerCore>(client.core(), std::move(options))) {
    core_->open();
}

Listener::~Listener() { core_->close(); }

std::optional<HeardMessage> Listener::next(std::chrono::milliseconds timeout) { return core_->next(timeout); }
std::uint64_t Listener::lost() const { return core_->lost(); }
std::string Listener::inbox() const { return core_->inbox(); }

}  // namespace baton
