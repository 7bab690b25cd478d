#pragma once
// The listener and its connections on one I/O thread. Effects come in from the committer's thread and are encoded and
// written on the I/O thread, all of one commit together; requests go to the backend as they are decoded.
//
// Owned by the composition root, which stops the engine before it destroys the server. Public functions may be called
// from any thread unless they say otherwise.

#include "server/core/effect.hpp"
#include "server/session/counters.hpp"
#include "server/session/facts.hpp"
#include "server/session/protocol.hpp"
#include "server/session/session_limits.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace baton::session {

struct ServerOptions {
    /// A literal IPv4 or IPv6 address.
    std::string address = "127.0.0.1";
    /// 0 takes a free one.
    std::uint16_t port = 0;
    std::uint32_t connections_max = core::limits::connections_max;
    std::int64_t hello_ms_max = limits::hello_ms_max;
    std::int64_t silence_ms_max = limits::silence_ms_max;
    std::int64_t stuck_ms_max = limits::stuck_ms_max;
    std::size_t out_bytes_max = limits::out_bytes_max;
    std::size_t out_bytes_total_max = limits::out_bytes_total_max;
    /// How often deadlines are looked at.
    std::int64_t sweep_ms = 1'000;
};

/// What the server needs of the rest of the daemon. Called on the I/O thread; none may block.
struct Backend {
    /// Takes a request. False: the connection stops reading until the function is called, from any thread.
    std::function<bool(core::Request&&, std::size_t bytes, std::function<void()> resume)> submit;
    /// The requests taken so far are to be carried out now; called once for all that a turn of the I/O thread took.
    std::function<void()> submitted;
    std::function<StatusFacts()> status;
    /// Makes a backup elsewhere and then calls the function, from any thread.
    std::function<void(std::string directory, std::function<void(BackupFacts&&)>)> backup;
    /// Examines a queue, or without a name all of the namespace, elsewhere and then calls the function, from any
    /// thread.
    std::function<void(std::string ns, std::string queue, std::function<void(DoctorFacts&&)>)> doctor;
    /// Why produces are refused just now; empty when they are not.
    std::function<std::string()> blocked;
};

class BindError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Server {
public:
    Server(ServerOptions options, ProtocolContext context, Backend backend);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds; returns the address with the port that was taken, as ADDR:PORT. Throws BindError. Before start().
    std::string listen();
    void start();

    /// Effects of one commit, to be encoded and written.
    void release(std::vector<core::Effect>&& effects);

    /// Accepts no more connections and tells all clients that the server drains.
    void drain();
    /// Writes what is left, at most for `flush_ms`, closes everything and ends the I/O thread.
    void stop(std::int64_t flush_ms);

    ServerCounters counters() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace baton::session
