#include "tests/integration/daemon/wire_client.hpp"

#include "proto/frame_reader.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace baton::test {

namespace {
constexpr int answer_ms_max = 20'000;
}

std::string bytes_of(const v1::ClientFrame& frame) {
    const std::string body = frame.SerializeAsString();
    std::string bytes(proto::frame_head_bytes, '\0');
    proto::write_frame_head(static_cast<std::uint32_t>(body.size()), bytes.data());
    return bytes + body;
}

WireClient::WireClient(const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const std::size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    REQUIRE(::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) == 1);
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
}

WireClient::~WireClient() { ::close(fd_); }

v1::Welcome WireClient::hello(std::uint64_t session, std::uint64_t secret) {
    v1::ClientFrame frame;
    v1::Hello& hello = *frame.mutable_hello();
    hello.set_protocol_version(1);
    hello.set_client_name("integration");
    hello.set_session_id(session);
    hello.set_session_secret(secret);
    const v1::ServerFrame answer = ask(frame);
    REQUIRE(answer.has_welcome());
    return answer.welcome();
}

void WireClient::send_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        REQUIRE(sent > 0);
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void WireClient::send(const v1::ClientFrame& frame) { send_bytes(bytes_of(frame)); }

v1::ServerFrame WireClient::ask(v1::ClientFrame frame) {
    const std::uint64_t id = next_id_++;
    frame.set_request_id(id);
    send(frame);
    v1::ServerFrame answer;
    while (true) {
        REQUIRE(next(answer));
        if (answer.request_id() == id) {
            return answer;
        }
    }
}

bool WireClient::next(v1::ServerFrame& out) {
    const bool found = next_within(out, answer_ms_max);
    REQUIRE((found || at_end_));
    return found;
}

bool WireClient::next_within(v1::ServerFrame& out, int wait_ms) {
    while (true) {
        const auto view = proto::next_frame(received_, 1U << 30);
        if (view.status == proto::FrameStatus::complete) {
            REQUIRE(out.ParseFromArray(view.frame.data(), static_cast<int>(view.frame.size())));
            received_.erase(0, view.consumed);
            return true;
        }
        if (!read_more(wait_ms)) {
            return false;
        }
    }
}

std::string WireClient::read_to_end() {
    while (read_more(answer_ms_max)) {
    }
    REQUIRE(at_end_);
    return received_;
}

bool WireClient::read_more(int wait_ms) {
    pollfd readable{fd_, POLLIN, 0};
    if (::poll(&readable, 1, wait_ms) != 1) {
        return false;
    }
    char bytes[65536];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) {
        at_end_ = true;
        return false;
    }
    received_.append(bytes, static_cast<std::size_t>(got));
    return true;
}

}  // namespace baton::test
