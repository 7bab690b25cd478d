#pragma once
// A server whose every answer the test writes itself, over a real socket. Used by one thread; every wait has a bound
// and throws when it is reached, so that a test fails instead of hanging.

#include "baton/v1/wire.pb.h"

#include <cstdint>
#include <optional>
#include <string>

namespace baton::tests {

/// One accepted connection.
class FakeConnection {
public:
    explicit FakeConnection(int socket) : socket_(socket) {}
    ~FakeConnection() { close(); }
    FakeConnection(FakeConnection&& other) noexcept;
    FakeConnection(const FakeConnection&) = delete;
    FakeConnection& operator=(const FakeConnection&) = delete;

    /// The next frame that is no heartbeat.
    v1::ClientFrame read();
    /// Empty when the client closed the connection.
    std::optional<v1::ClientFrame> read_unless_closed();
    /// Whether the client closes the connection within the usual bound; reads over what it still sends.
    bool closed_by_client();
    void send(const v1::ServerFrame& frame);
    void close();

    /// Reads the Hello and welcomes it.
    v1::Hello welcome(std::uint64_t epoch = 1, bool resumed = false, std::uint32_t in_flight_requests = 1024);
    void send_done(std::uint64_t request_id);
    void send_error(std::uint64_t request_id, v1::ErrorCode code, const std::string& message);
    void send_produced(std::uint64_t request_id, std::uint64_t first_offset, std::uint32_t count);
    void send_settled(std::uint64_t request_id);
    /// A delivery of `count` messages "m<offset>".
    void send_delivery(std::uint64_t request_id, std::uint64_t consumer_id, std::uint64_t batch,
                       std::uint64_t first_offset, std::uint32_t count);

private:
    std::optional<v1::ClientFrame> read_any(int milliseconds);
    bool fill(int milliseconds);

    int socket_;
    std::string received_;
    bool ended_ = false;
};

class FakeServer {
public:
    FakeServer();
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    FakeConnection accept();

private:
    int socket_;
    std::uint16_t port_ = 0;
};

}  // namespace baton::tests
