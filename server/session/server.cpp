#include "server/session/server.hpp"

#include "server/session/awaiting.hpp"
#include "server/session/connection.hpp"
#include "server/session/encode/encode.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>

#include <pthread.h>

#include <chrono>
#include <exception>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

namespace baton::session {

namespace asio = boost::asio;

namespace {
/// After a failed accept, mostly for want of descriptors; trying again at once would spin.
constexpr auto accept_pause = std::chrono::milliseconds(100);
}  // namespace

class Server::Impl {
public:
    Impl(ServerOptions options, ProtocolContext context, Backend backend)
        : shared_(std::move(options), std::move(context), std::move(backend)),
          acceptor_(shared_.io),
          accept_again_(shared_.io),
          sweep_timer_(shared_.io),
          work_(asio::make_work_guard(shared_.io)) {
        // Protobuf would write a line to standard error for every malformed string that a peer sends.
        google::protobuf::SetLogHandler(nullptr);
    }

    ~Impl() {
        shared_.io.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    std::string listen();
    void start();
    void release(std::vector<core::Effect>&& effects);
    void drain();
    void stop(std::int64_t flush_ms);
    ServerCounters counters() const { return shared_.counters.snapshot(); }

private:
    asio::awaitable<void> accept_loop();
    asio::awaitable<void> sweep_loop();
    void run_io();
    void admit(Tcp::socket&& socket);
    void refuse_connection(Tcp::socket&& socket);
    void apply_released();
    void apply(core::Effect&& effect, std::vector<std::shared_ptr<Connection>>& touched);
    void take_session(Connection& connection);
    void tell_blocked();
    void bound_out_bytes();
    void close_all_when_written();

    Shared shared_;
    Tcp::acceptor acceptor_;
    asio::steady_timer accept_again_;
    asio::steady_timer sweep_timer_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
    std::uint64_t next_connection_ = 1;
    std::string blocked_;

    std::mutex released_mutex_;
    std::vector<std::vector<core::Effect>> released_;
};

std::string Server::Impl::listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(shared_.options.address, error);
    if (error) {
        throw BindError("'" + shared_.options.address + "' is no IP address");
    }
    const Tcp::endpoint wanted(address, shared_.options.port);
    acceptor_.open(wanted.protocol(), error);
    if (!error) {
        acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor_.bind(wanted, error);
    }
    if (!error) {
        acceptor_.listen(1024, error);
    }
    if (error) {
        throw BindError("cannot listen on " + shared_.options.address + ":" + std::to_string(shared_.options.port) +
                        ": " + error.message());
    }
    const auto bound = acceptor_.local_endpoint();
    const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    return host + ":" + std::to_string(bound.port());
}

void Server::Impl::start() {
    asio::co_spawn(shared_.io, accept_loop(), asio::detached);
    asio::co_spawn(shared_.io, sweep_loop(), asio::detached);
    thread_ = std::thread(&Impl::run_io, this);
}

void Server::Impl::run_io() {
    ::pthread_setname_np(::pthread_self(), "baton-io");
    while (!shared_.io.stopped()) {
        try {
            shared_.io.run();
        } catch (const std::exception& failure) {
            spdlog::error("a handler of the I/O thread failed: {}", failure.what());
        }
    }
}

asio::awaitable<void> Server::Impl::accept_loop() {
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(awaiting);
        if (error == asio::error::operation_aborted || !acceptor_.is_open()) {
            co_return;
        }
        if (error) {
            spdlog::warn("cannot accept a connection: {}", error.message());
            accept_again_.expires_after(accept_pause);
            co_await accept_again_.async_wait(awaiting);
            continue;
        }
        admit(std::move(socket));
    }
}

void Server::Impl::admit(Tcp::socket&& socket) {
    boost::system::error_code error;
    socket.non_blocking(true, error);
    socket.set_option(Tcp::no_delay(true), error);
    if (shared_.connections.size() >= shared_.options.connections_max || shared_.unopened >= limits::unopened_max) {
        refuse_connection(std::move(socket));
        return;
    }
    const core::ConnectionId id{next_connection_++};
    auto connection = std::make_shared<Connection>(shared_, std::move(socket), id);
    shared_.connections.emplace(id, connection);
    shared_.counters.connections_total += 1;
    shared_.counters.connections.store(shared_.connections.size(), std::memory_order_relaxed);
    asio::co_spawn(shared_.io, Connection::serve(std::move(connection)), asio::detached);
}

void Server::Impl::refuse_connection(Tcp::socket&& socket) {
    shared_.counters.connections_refused += 1;
    SendQueue out;
    encode_error(core::RequestId{},
                 wire_error(core::Refusal{core::RefusalCode::too_many_requests, "the server has too many connections",
                                          "connections", shared_.options.connections_max, true, 1'000}),
                 out);
    std::vector<std::string_view> slices;
    slices.reserve(1);
    out.front(slices);
    boost::system::error_code ignored;
    socket.write_some(asio::buffer(slices[0].data(), slices[0].size()), ignored);
    socket.shutdown(Tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> Server::Impl::sweep_loop() {
    while (true) {
        sweep_timer_.expires_after(std::chrono::milliseconds(shared_.options.sweep_ms));
        co_await sweep_timer_.async_wait(awaiting);
        tell_blocked();
        std::vector<std::shared_ptr<Connection>> all;
        all.reserve(shared_.connections.size());
        for (const auto& [id, connection] : shared_.connections) {
            all.push_back(connection);
        }
        const std::int64_t now_ms = steady_ms();
        for (const auto& connection : all) {
            connection->check_deadlines(now_ms);
        }
    }
}

void Server::Impl::tell_blocked() {
    std::string now = shared_.backend.blocked ? shared_.backend.blocked() : std::string{};
    if (now == blocked_) {
        return;
    }
    blocked_ = std::move(now);
    for (const auto& [id, connection] : shared_.connections) {
        connection->protocol().notify_blocked(!blocked_.empty(), blocked_);
    }
    // Flushing may close a connection and so change the map.
    for (const auto& connection : std::vector(shared_.connections.begin(), shared_.connections.end())) {
        connection.second->flush();
    }
}

void Server::Impl::release(std::vector<core::Effect>&& effects) {
    bool first = false;
    {
        const std::scoped_lock lock(released_mutex_);
        first = released_.empty();
        released_.push_back(std::move(effects));
    }
    if (first) {
        asio::post(shared_.io, [this] { apply_released(); });
    }
}

void Server::Impl::apply_released() {
    std::vector<std::vector<core::Effect>> released;
    {
        const std::scoped_lock lock(released_mutex_);
        std::swap(released, released_);
    }
    std::vector<std::shared_ptr<Connection>> touched;
    for (auto& effects : released) {
        for (core::Effect& effect : effects) {
            apply(std::move(effect), touched);
        }
    }
    for (const auto& connection : touched) {
        connection->flush();
    }
    bound_out_bytes();
}

void Server::Impl::apply(core::Effect&& effect, std::vector<std::shared_ptr<Connection>>& touched) {
    const core::ConnectionId id = std::visit([](const auto& some) { return some.connection; }, effect);
    const auto found = shared_.connections.find(id);
    if (found == shared_.connections.end()) {
        return;
    }
    const std::shared_ptr<Connection> connection = found->second;
    try {
        const core::SessionId before = connection->protocol().session();
        connection->protocol().apply(std::move(effect));
        if (connection->protocol().session() != before) {
            take_session(*connection);
        }
    } catch (const std::exception& failure) {
        spdlog::error("connection {}: an answer could not be encoded: {}", core::value(id), failure.what());
        connection->close();
        return;
    }
    if (touched.empty() || touched.back() != connection) {
        touched.push_back(connection);
    }
}

void Server::Impl::take_session(Connection& connection) {
    // A client that comes back before its old connection is known to be dead takes the session along.
    core::ConnectionId& holder = shared_.sessions[connection.protocol().session()];
    const core::ConnectionId previous = std::exchange(holder, connection.id());
    if (const auto found = shared_.connections.find(previous);
        found != shared_.connections.end() && previous != connection.id()) {
        found->second->close();
    }
}

void Server::Impl::bound_out_bytes() {
    while (shared_.counters.out_bytes.load(std::memory_order_relaxed) > shared_.options.out_bytes_total_max) {
        const std::int64_t now_ms = steady_ms();
        std::shared_ptr<Connection> worst;
        for (const auto& [id, connection] : shared_.connections) {
            if (connection->out_bytes() != 0 && (!worst || connection->stuck_ms(now_ms) > worst->stuck_ms(now_ms))) {
                worst = connection;
            }
        }
        if (!worst) {
            return;
        }
        shared_.counters.overflowed += 1;
        worst->close();
    }
}

void Server::Impl::drain() {
    asio::post(shared_.io, [this] {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        for (const auto& connection : std::vector(shared_.connections.begin(), shared_.connections.end())) {
            connection.second->protocol().notify_draining();
            connection.second->flush();
        }
    });
}

void Server::Impl::close_all_when_written() {
    for (const auto& connection : std::vector(shared_.connections.begin(), shared_.connections.end())) {
        connection.second->close_when_written();
    }
}

void Server::Impl::stop(std::int64_t flush_ms) {
    if (!thread_.joinable()) {
        return;
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(flush_ms);
    bool left = true;
    while (left && std::chrono::steady_clock::now() < until) {
        std::promise<bool> asked;
        auto answer = asked.get_future();
        asio::post(shared_.io, [this, &asked] {
            boost::system::error_code ignored;
            acceptor_.close(ignored);
            close_all_when_written();
            asked.set_value(!shared_.connections.empty());
        });
        left = answer.get();
        if (left) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    shared_.io.stop();
    thread_.join();
}

Server::Server(ServerOptions options, ProtocolContext context, Backend backend)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(context), std::move(backend))) {}
Server::~Server() = default;
std::string Server::listen() { return impl_->listen(); }
void Server::start() { impl_->start(); }
void Server::release(std::vector<core::Effect>&& effects) { impl_->release(std::move(effects)); }
void Server::drain() { impl_->drain(); }
void Server::stop(std::int64_t flush_ms) { impl_->stop(flush_ms); }
ServerCounters Server::counters() const { return impl_->counters(); }

}  // namespace baton::session
