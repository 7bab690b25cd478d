#pragma once
// A client: one TCP connection to a daemon, kept alive. It has one I/O thread, its own or one that it shares with
// others (ClientOptions::io_thread), on which all callbacks run: they must be quick, and a blocking call of the library
// made on it throws instead of waiting for itself. All member functions may be called from any thread.
//
// When the connection breaks, or the server misses a heartbeat, the client dials again (exponential back-off with full
// jitter), resumes its session, declares its consumers again with the batches they still hold, and repeats what was not
// answered. The server recognises the repeats, so nothing is stored twice.

#include "baton/error.hpp"
#include "baton/io_thread.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

namespace detail {
class ClientCore;
}

struct ConnectionEvent {
    enum class Kind : std::uint8_t {
        connected,
        disconnected,
        /// The server stops soon: it delivers nothing more. Settle what you hold.
        draining,
        /// Produces are held back by the server until `unblocked`.
        blocked,
        unblocked,
    };
    Kind kind = Kind::connected;
    std::string reason;
    /// connected: the session lived on, and with it the leases.
    bool resumed = false;
    /// connected: the server was restarted since the last time.
    bool server_restarted = false;
};

struct ClientOptions {
    /// Empty = the server's `default`.
    std::string namespace_name;
    std::string client_name = "baton";
    /// For one attempt: TCP connect and handshake.
    std::chrono::milliseconds connect_timeout{5'000};
    /// How long Client::connect keeps trying while no server answers; 0: the first failure is thrown.
    std::chrono::milliseconds wait_for_server{0};
    /// For a blocking request, reconnects included.
    std::chrono::milliseconds request_timeout{30'000};
    /// The n-th attempt in a row waits a random time below min(cap, base * 2^n).
    std::chrono::milliseconds reconnect_base{100};
    std::chrono::milliseconds reconnect_cap{10'000};
    /// A silent server is pinged after `interval`, and the connection given up `timeout` later when it stays silent.
    std::chrono::milliseconds heartbeat_interval{10'000};
    std::chrono::milliseconds heartbeat_timeout{10'000};
    /// How long the session and its leases outlive a lost connection; absent: the server's default.
    std::optional<std::chrono::milliseconds> session_grace;
    /// Called on the I/O thread.
    std::function<void(const ConnectionEvent&)> on_event;
    /// Several clients may be given the same; none: the client starts its own.
    std::shared_ptr<IoThread> io_thread;
};

/// What the server said of itself when it was last connected to.
struct ServerInfo {
    std::string version;
    /// Start-up count of the server.
    std::uint64_t epoch = 0;
    std::uint64_t session_id = 0;
    std::chrono::milliseconds session_grace{0};
    std::uint32_t frame_bytes_max = 0;
    std::uint32_t message_bytes_max = 0;
    std::uint32_t batch_messages_max = 0;
    std::uint32_t batch_bytes_max = 0;
    std::uint32_t in_flight_requests_max = 0;
    std::uint32_t credit_messages_max = 0;
    std::uint32_t credit_bytes_max = 0;
    std::vector<std::string> features;
};

class Client {
public:
    /// Connects and says hello. `address` is "host:port", "[v6]:port" or "host" (port 7450).
    /// Throws connection_lost when no server answers, invalid_argument for a bad address, or what the server refused.
    static Client connect(const std::string& address, ClientOptions options = {});

    /// Closes. Not to be destroyed on its own I/O thread, that is, in a callback.
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    /// One round trip; returns how long it took. Throws on timeout.
    std::chrono::microseconds ping();
    bool connected() const;
    ServerInfo server() const;

    /// Ends the session: what is in flight is answered first (at most `deadline`), leases are given back at once. After
    /// it everything made from this client answers `closed`. Idempotent. In a callback it does not wait: what is
    /// unanswered ends with `closed`.
    void close(std::chrono::milliseconds deadline = std::chrono::milliseconds{5'000});

    /// For the other classes of the library.
    const std::shared_ptr<detail::ClientCore>& core() const { return core_; }

private:
    explicit Client(std::shared_ptr<detail::ClientCore> core);

    std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace baton
