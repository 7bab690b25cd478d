#pragma once
// One TCP connection on the I/O thread: a coroutine that reads, and writes that are done at once or when the socket is
// ready again. Only server.cpp and connection.cpp include this header; all members belong to the I/O thread.

#include "server/session/block_pool.hpp"
#include "server/session/protocol.hpp"
#include "server/session/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace baton::session {

class Connection;
using Tcp = boost::asio::ip::tcp;

/// What the connections of a server share.
struct Shared {
    Shared(ServerOptions server_options, ProtocolContext protocol_context, Backend backend_functions)
        : options(std::move(server_options)),
          context(std::move(protocol_context)),
          backend(std::move(backend_functions)) {}

    ServerOptions options;
    ProtocolContext context;
    Backend backend;
    /// Gives a request to the engine, which hears of all of them when the connections that are ready now have been
    /// read.
    bool submit(core::Request&& request, std::size_t bytes, std::function<void()> resume);

    boost::asio::io_context io{1};
    BlockPool pool;
    /// Lookups, and walks whose order does not matter.
    std::unordered_map<core::ConnectionId, std::shared_ptr<Connection>> connections;
    std::unordered_map<core::SessionId, core::ConnectionId> sessions;
    std::uint32_t unopened = 0;
    bool engine_told = true;

    AtomicCounters counters;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Shared& shared, Tcp::socket socket, core::ConnectionId id);

    /// Reads until the connection ends; keeps it alive.
    static boost::asio::awaitable<void> serve(std::shared_ptr<Connection> self);

    core::ConnectionId id() const { return id_; }
    Protocol& protocol() { return protocol_; }
    std::size_t out_bytes() const { return out_.bytes(); }
    /// Writes what can be written now and arranges for the rest.
    void flush();
    /// The engine takes requests again.
    void engine_has_room();
    /// Closes when a deadline has passed.
    void check_deadlines(std::int64_t now_ms);
    /// How long the peer has taken nothing of what waits for it; 0 when nothing waits.
    std::int64_t stuck_ms(std::int64_t now_ms) const;
    /// Closes the socket and tells the core. Once.
    void close();
    bool closed() const { return closed_; }
    /// Closes once everything is written.
    void close_when_written();

private:
    boost::asio::awaitable<void> read_frames();
    boost::asio::awaitable<bool> fill();
    boost::asio::awaitable<void> wait_for_resume();
    boost::asio::awaitable<void> discard_input();
    static boost::asio::awaitable<void> write_when_ready(std::shared_ptr<Connection> self);
    void dispatch(std::vector<ProtocolInput>& inputs);
    /// For an answer that is made elsewhere: may be called by any thread, and says nothing once the connection is gone.
    template <typename Facts>
    std::function<void(Facts&&)> answer_later(core::RequestId request,
                                              void (Protocol::*answer)(core::RequestId, const Facts&));
    void submit(core::Request&& request, std::size_t bytes);
    void note_opened();
    void note_out_bytes();
    bool paused() const;

    Shared& shared_;
    Tcp::socket socket_;
    const core::ConnectionId id_;
    ReceiveBuffer in_;
    SendQueue out_;
    Protocol protocol_;
    std::vector<ProtocolInput> inputs_;
    std::vector<std::string_view> slices_;
    /// Cancelled to wake the reader from a pause.
    boost::asio::steady_timer resume_;
    bool engine_full_ = false;
    bool writing_ = false;
    bool write_ended_ = false;
    bool closed_ = false;
    bool counted_unopened_ = true;
    /// The last read left nothing in the socket, as far as is known.
    bool drained_ = true;
    bool close_when_written_ = false;
    std::uint32_t reads_in_a_row_ = 0;
    std::size_t noted_out_bytes_ = 0;
    std::int64_t accepted_ms_;
    std::int64_t received_ms_;
    std::int64_t progress_ms_;
    /// When an ended connection stops waiting for the peer's end; 0 = not ended.
    std::int64_t linger_until_ms_ = 0;
};

/// Steady milliseconds.
std::int64_t steady_ms();

}  // namespace baton::session
