#include "tests/unit/client/fake_server.hpp"

#include "proto/frame_reader.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace baton::tests {

namespace {

constexpr int wait_ms = 10'000;

bool readable(int socket, int milliseconds) {
    pollfd poll_one{socket, POLLIN, 0};
    return ::poll(&poll_one, 1, milliseconds) > 0;
}

}  // namespace

FakeConnection::FakeConnection(FakeConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)), ended_(other.ended_) {}

bool FakeConnection::fill(int milliseconds) {
    if (!readable(socket_, milliseconds)) {
        return false;
    }
    std::array<char, 65536> bytes;
    const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (n <= 0) {
        ended_ = true;
        return false;
    }
    received_.append(bytes.data(), static_cast<std::size_t>(n));
    return true;
}

std::optional<v1::ClientFrame> FakeConnection::read_any(int milliseconds) {
    while (true) {
        const auto next = proto::next_frame(received_, 32 * 1024 * 1024);
        if (next.status == proto::FrameStatus::complete) {
            v1::ClientFrame frame;
            if (!frame.ParseFromArray(next.frame.data(), static_cast<int>(next.frame.size()))) {
                throw std::runtime_error("the client sent a malformed frame");
            }
            received_.erase(0, next.consumed);
            if (frame.has_ping()) {
                continue;
            }
            return frame;
        }
        if (!fill(milliseconds)) {
            return std::nullopt;
        }
    }
}

v1::ClientFrame FakeConnection::read() {
    auto frame = read_any(wait_ms);
    if (!frame) {
        throw std::runtime_error(ended_ ? "the client closed the connection" : "the client sent nothing");
    }
    return *std::move(frame);
}

std::optional<v1::ClientFrame> FakeConnection::read_unless_closed() {
    auto frame = read_any(wait_ms);
    if (!frame && !ended_) {
        throw std::runtime_error("the client sent nothing");
    }
    return frame;
}

bool FakeConnection::closed_by_client() {
    while (read_any(wait_ms)) {
    }
    return ended_;
}

void FakeConnection::send(const v1::ServerFrame& frame) {
    std::string bytes(proto::frame_head_bytes, '\0');
    frame.AppendToString(&bytes);
    proto::write_frame_head(static_cast<std::uint32_t>(bytes.size() - proto::frame_head_bytes), bytes.data());
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) {
            throw std::runtime_error("the client does not take what is sent");
        }
        sent += static_cast<std::size_t>(n);
    }
}

void FakeConnection::close() {
    if (socket_ >= 0) {
        ::close(std::exchange(socket_, -1));
    }
}

v1::Hello FakeConnection::welcome(std::uint64_t epoch, bool resumed, std::uint32_t in_flight_requests) {
    const v1::ClientFrame first = read();
    if (!first.has_hello()) {
        throw std::runtime_error("the client did not say hello");
    }
    v1::ServerFrame frame;
    frame.set_request_id(first.request_id());
    v1::Welcome& welcome = *frame.mutable_welcome();
    welcome.set_protocol_version(1);
    welcome.set_server_version("fake");
    welcome.set_session_id(resumed ? first.hello().session_id() : 70 + epoch);
    welcome.set_session_secret(99);
    welcome.set_resumed(resumed);
    welcome.set_epoch(epoch);
    welcome.set_heartbeat_ms(30'000);
    welcome.mutable_limits()->set_in_flight_requests(in_flight_requests);
    welcome.mutable_limits()->set_message_bytes(1024 * 1024);
    send(frame);
    return first.hello();
}

void FakeConnection::send_done(std::uint64_t request_id) {
    v1::ServerFrame frame;
    frame.set_request_id(request_id);
    frame.mutable_done();
    send(frame);
}

void FakeConnection::send_error(std::uint64_t request_id, v1::ErrorCode code, const std::string& message) {
    v1::ServerFrame frame;
    frame.set_request_id(request_id);
    frame.mutable_error()->set_code(code);
    frame.mutable_error()->set_message(message);
    send(frame);
}

void FakeConnection::send_produced(std::uint64_t request_id, std::uint64_t first_offset, std::uint32_t count) {
    v1::ServerFrame frame;
    frame.set_request_id(request_id);
    frame.mutable_produced()->set_first_offset(first_offset);
    frame.mutable_produced()->set_count(count);
    frame.mutable_produced()->set_queue_id(5);
    send(frame);
}

void FakeConnection::send_settled(std::uint64_t request_id) {
    v1::ServerFrame frame;
    frame.set_request_id(request_id);
    frame.mutable_settled();
    send(frame);
}

void FakeConnection::send_delivery(std::uint64_t request_id, std::uint64_t consumer_id, std::uint64_t batch,
                                   std::uint64_t first_offset, std::uint32_t count) {
    v1::ServerFrame frame;
    frame.set_request_id(request_id);
    v1::Delivery& delivery = *frame.mutable_delivery();
    delivery.set_consumer_id(consumer_id);
    delivery.mutable_token()->set_epoch(1);
    delivery.mutable_token()->set_queue_id(5);
    delivery.mutable_token()->set_batch(batch);
    delivery.set_lease_ms(30'000);
    if (count != 0) {
        v1::Run& run = *delivery.add_runs();
        run.set_first_offset(first_offset);
        run.set_stored_ms(1'000);
        for (std::uint32_t i = 0; i < count; ++i) {
            run.add_entries()->set_payload("m" + std::to_string(first_offset + i));
        }
    }
    send(frame);
}

FakeServer::FakeServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* raw = static_cast<sockaddr*>(static_cast<void*>(&address));
    if (::bind(socket_, raw, length) != 0 || ::listen(socket_, 16) != 0 || ::getsockname(socket_, raw, &length) != 0) {
        throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
}

FakeServer::~FakeServer() { ::close(socket_); }

FakeConnection FakeServer::accept() {
    if (!readable(socket_, wait_ms)) {
        throw std::runtime_error("the client does not connect");
    }
    return FakeConnection(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
}

}  // namespace baton::tests
