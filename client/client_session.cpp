// The life of the connection: dial, greet, resume, watch, and dial again.
#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/consumer_core.hpp"
#include "client/proto_convert.hpp"
#include "client/push_stream.hpp"
#include "client/reconnect_schedule.hpp"
#include "proto/entry_format.hpp"

#include <algorithm>
#include <utility>

namespace baton::detail {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::uint32_t field_hello = 3, field_ping = 4;
constexpr std::uint32_t field_welcome = 3, field_error = 5, field_delivery = 8, field_notice = 10,
                        field_lease_revoked = 80, field_event_batch = 100, field_heard = 172;
constexpr milliseconds tick_interval_max{100};

/// The envelope of a ServerFrame. False when it is malformed.
bool read_envelope(std::string_view frame, std::uint64_t& id, Reply& reply) {
    std::size_t pos = 0;
    while (pos < frame.size()) {
        std::uint64_t tag = 0, length = 0;
        if (!proto::read_varint(frame, pos, tag)) {
            return false;
        }
        if (tag == 8) {
            if (!proto::read_varint(frame, pos, id)) {
                return false;
            }
        } else if ((tag & 7) == 2) {
            if (!proto::read_varint(frame, pos, length) || length > frame.size() - pos) {
                return false;
            }
            reply.field = static_cast<std::uint32_t>(tag >> 3);
            reply.body = frame.substr(pos, length);
            pos += length;
        } else if (!proto::skip_field(frame, pos, static_cast<std::uint32_t>(tag & 7))) {
            return false;
        }
    }
    return true;
}

}  // namespace

void ClientCore::dial() {
    if (state_ == State::stopped) {
        return;
    }
    state_ = State::dialing;
    transport_.dial(address_, options_.connect_timeout);
}

void ClientCore::on_connected() {
    state_ = State::greeting;
    last_received_ = last_sent_ = steady_clock::now();
    greeting_until_ = last_sent_ + options_.connect_timeout;
    ping_open_ = false;
    v1::Hello hello;
    hello.set_protocol_version(1);
    hello.set_client_name(options_.client_name);
    hello.set_client_version("0.1.0");
    hello.set_session_id(session_id_);
    hello.set_session_secret(session_secret_);
    if (options_.session_grace) {
        hello.set_session_grace_ms(static_cast<std::uint32_t>(options_.session_grace->count()));
    }
    transport_.write(make_frame(next_id(), options_.namespace_name, field_hello, hello));
}

void ClientCore::on_lost(const std::string& reason) {
    if (state_ == State::stopped) {
        return;
    }
    const bool was_ready = std::exchange(state_, State::idle) == State::ready;
    last_loss_ = reason;
    {
        const std::lock_guard lock(mutex_);
        connected_ = false;
        may_write_directly_ = false;
        settled_.notify_all();
    }
    take_inbox();  // Some of it may have been written to the connection that is gone.
    fail_requests(requests_.connection_lost(), {ErrorCode::connection_lost, reason, true});
    if (state_ == State::stopped) {
        return;
    }
    const auto now = steady_clock::now();
    if (!ever_connected_ && now - started_at_ >= options_.wait_for_server) {
        const Error error{ErrorCode::connection_lost, address_.host + ":" + address_.port + ": " + reason, true};
        settle_first_connect(&error);
        return;
    }
    if (was_ready) {
        tell({ConnectionEvent::Kind::disconnected, reason});
    }
    const double random = std::uniform_real_distribution<double>(0, 1)(random_);
    const auto delay = reconnect_delay(attempt_++, options_.reconnect_base, options_.reconnect_cap, random);
    transport_.after(delay, [this] { dial(); });
}

bool ClientCore::on_frame(std::string_view frame, ReceiveBuffer& buffer) {
    last_received_ = steady_clock::now();
    std::uint64_t id = 0;
    Reply reply;
    reply.buffer = &buffer;
    if (!read_envelope(frame, id, reply)) {
        return false;
    }
    if (state_ == State::greeting) {
        on_first_frame(reply.field, reply.body);
        return true;
    }
    if (id != 0 && answer(id, reply)) {
        return true;
    }
    if (reply.field == field_delivery) {
        return on_push(reply.body, buffer);
    }
    if (reply.field == field_notice) {
        on_notice(reply.body);
    } else if (reply.field == field_lease_revoked) {
        on_lease_revoked(reply.body);
    } else if (reply.field == field_event_batch || reply.field == field_heard) {
        on_stream_push(reply.body);
    } else if (reply.field == field_error && id == 0) {
        const Error error = read_error(reply.body);
        transport_.fail(to_text(error.code) + ": " + error.message);
    }
    return true;  // A late answer to a request that was given up, or news of a newer server.
}

void ClientCore::on_first_frame(std::uint32_t field, std::string_view body) {
    if (field == field_welcome && on_welcome(body)) {
        return;
    }
    Error error{ErrorCode::protocol_violation, "the server did not say welcome"};
    if (field == field_error) {
        error = read_error(body);
    }
    if (!ever_connected_ && !error.retryable) {
        settle_first_connect(&error);
    }
    transport_.fail(to_text(error.code) + ": " + error.message);
}

bool ClientCore::on_welcome(std::string_view body) {
    v1::Welcome welcome;
    if (!welcome.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return false;
    }
    const bool restarted = epoch_ != 0 && epoch_ != welcome.epoch();
    const bool resumed = welcome.resumed() && ever_connected_;
    session_id_ = welcome.session_id();
    session_secret_ = welcome.session_secret();
    epoch_ = welcome.epoch();
    const std::uint32_t in_flight = welcome.limits().in_flight_requests();
    // A little below the server's bound, since its count of what is in flight trails behind ours.
    in_flight_max_ = in_flight == 0 ? 256 : std::max<std::size_t>(1, in_flight - in_flight / 8);
    if (welcome.heartbeat_ms() != 0) {
        send_interval_ = milliseconds{welcome.heartbeat_ms() / 2};
    }
    state_ = State::ready;
    attempt_ = 0;
    ever_connected_ = true;
    {
        const std::lock_guard lock(mutex_);
        server_ = from_proto(welcome);
        connected_ = true;
    }
    declare_consumers(resumed);
    drain_inbox();
    settle_first_connect(nullptr);
    tell({ConnectionEvent::Kind::connected, {}, resumed, restarted});
    return true;
}

void ClientCore::declare_consumers(bool resumed) {
    for (const auto& each : consumers()) {
        declare(each->declare_again(resumed));
    }
    for (const auto& each : streams()) {
        if (auto again = each->declare_again()) {
            declare(std::move(*again));
        }
    }
}

void ClientCore::declare(PendingRequest&& request) {
    // Ahead of everything that is repeated, and of fetches above all.
    request.sent = true;
    transport_.write(request.frame);
    requests_.add(std::move(request));
    const std::lock_guard lock(mutex_);
    unanswered_ += 1;
}

void ClientCore::on_stream_push(std::string_view body) {
    // Of all frames for streams the first field is the id of the stream.
    constexpr std::uint64_t id_tag = 1 << 3;
    std::size_t pos = 0;
    std::uint64_t tag = 0, id = 0;
    if (!proto::read_varint(body, pos, tag) || tag != id_tag || !proto::read_varint(body, pos, id)) {
        return;
    }
    std::shared_ptr<PushStream> stream;
    {
        const std::lock_guard lock(mutex_);
        const auto found = streams_.find(id);
        stream = found == streams_.end() ? nullptr : found->second.lock();
    }
    if (stream != nullptr) {
        stream->on_push(body);
    }
}

void ClientCore::on_notice(std::string_view body) {
    v1::Notice notice;
    if (!notice.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return;
    }
    if (notice.kind() == v1::Notice::CONSUMER_CLOSED) {
        if (const auto closed = consumer(notice.consumer_id())) {
            remove_consumer(notice.consumer_id());
            closed->on_server_closed({ErrorCode::queue_deleted, notice.reason()});
        }
    } else if (notice.kind() == v1::Notice::DRAINING) {
        tell({ConnectionEvent::Kind::draining, notice.reason()});
    } else if (notice.kind() == v1::Notice::BLOCKED) {
        tell({ConnectionEvent::Kind::blocked, notice.reason()});
    } else if (notice.kind() == v1::Notice::UNBLOCKED) {
        tell({ConnectionEvent::Kind::unblocked, notice.reason()});
    }
}

void ClientCore::on_lease_revoked(std::string_view body) {
    v1::LeaseRevoked revoked;
    if (!revoked.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return;
    }
    const auto holder = consumer(revoked.consumer_id());
    const v1::Token& token = revoked.token();
    for (const v1::OffsetRange& range : revoked.ranges()) {
        if (holder != nullptr && range.count() != 0) {
            holder->on_revoked({token.epoch(), token.queue_id(), token.batch()}, {range.first(), range.count()},
                               static_cast<LeaseRevocation::Reason>(revoked.reason()),
                               milliseconds{revoked.grace_ms()});
        }
    }
}

bool ClientCore::on_push(std::string_view body, ReceiveBuffer& buffer) {
    auto frame = read_delivery(body, buffer);
    if (frame == nullptr) {
        return false;
    }
    if (const auto to = frame->count() == 0 ? nullptr : consumer(frame->consumer_id)) {
        frame->topic = to->topic();
        to->on_delivery(std::move(frame));
    }
    return true;
}

bool ClientCore::answer(std::uint64_t id, const Reply& reply) {
    PendingRequest* found = requests_.find(id);
    if (found == nullptr) {
        drain_inbox();  // A request that its own thread has written may be answered before it was looked at here.
        found = requests_.find(id);
    }
    if (found == nullptr) {
        return false;
    }
    Result<Reply> result = reply;
    if (reply.field == field_error) {
        Error error = read_error(reply.body);
        if (error.code == ErrorCode::shutting_down && found->repeatable) {
            return true;  // The connection is about to end; the request is repeated on the next one.
        }
        result = std::move(error);
    }
    ReplyHandler handler = std::move(found->handler);
    const bool last = handler(result);
    found = requests_.find(id);
    if (!last && found != nullptr) {
        found->handler = std::move(handler);
        return true;
    }
    if (found != nullptr) {
        requests_.remove(id);
    }
    const std::lock_guard lock(mutex_);
    unanswered_ -= std::min<std::size_t>(unanswered_, 1);
    if (unanswered_ == 0) {
        settled_.notify_all();
    }
    return true;
}

void ClientCore::tick() {
    if (state_ == State::stopped) {
        return;
    }
    drain_inbox();
    const auto now = steady_clock::now();
    auto expired = requests_.take_expired(now);
    if (!expired.empty()) {
        const bool ready = state_ == State::ready;
        fail_requests(std::move(expired),
                      ready ? Error{ErrorCode::timed_out, "no answer within the time given", true}
                            : Error{ErrorCode::connection_lost, "no connection: " + last_loss_, true});
    }
    if (state_ == State::greeting && now >= greeting_until_) {
        transport_.fail("no welcome within the time given");
    } else if (state_ == State::ready) {
        check_heartbeat(now);
    }
    const auto interval =
        std::min({tick_interval_max, options_.heartbeat_interval / 2, options_.heartbeat_timeout / 2});
    transport_.after(std::max(interval, milliseconds{1}), [this] { tick(); });
}

void ClientCore::check_heartbeat(TimePoint now) {
    if (ping_open_ && last_received_ < pinged_at_ && now - pinged_at_ >= options_.heartbeat_timeout) {
        transport_.fail("the server missed a heartbeat");
        return;
    }
    if (last_received_ >= pinged_at_) {
        ping_open_ = false;
    }
    const bool quiet = now - last_received_ >= options_.heartbeat_interval || now - last_sent_ >= send_interval_;
    if (quiet && !ping_open_) {
        ping_open_ = true;
        pinged_at_ = last_sent_ = now;
        transport_.write(make_frame(next_id(), options_.namespace_name, field_ping, std::string_view{}));
    }
}

}  // namespace baton::detail
