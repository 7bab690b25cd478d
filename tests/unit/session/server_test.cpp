// The coroutine shell over real sockets, with a backend that answers at once.

#include "server/session/server.hpp"

#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

namespace baton::session::test {

namespace {

/// Stops a test that waits for something that never comes.
constexpr int wait_ms_max = 10'000;

class Client {
public:
    explicit Client(const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
        REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    }
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// The next `count` frames.
    std::vector<v1::ServerFrame> receive(std::size_t count) {
        while (true) {
            const auto frames = whole_frames();
            if (frames.size() >= count) {
                return frames;
            }
            REQUIRE(read_more());
        }
    }
    /// Everything until the server closes.
    std::vector<v1::ServerFrame> receive_to_end() {
        while (read_more()) {
        }
        return whole_frames();
    }

private:
    bool read_more() {
        pollfd readable{fd_, POLLIN, 0};
        REQUIRE(::poll(&readable, 1, wait_ms_max) == 1);
        char bytes[65536];
        const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
        if (got <= 0) {
            return false;
        }
        received_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }
    std::vector<v1::ServerFrame> whole_frames() const {
        std::size_t end = 0;
        while (received_.size() - end >= 4) {
            std::size_t length = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                length = length << 8 | static_cast<unsigned char>(received_[end + i]);
            }
            if (received_.size() - end - 4 < length) {
                break;
            }
            end += 4 + length;
        }
        return parse_frames(std::string_view(received_).substr(0, end));
    }

    int fd_;
    std::string received_;
};

/// Answers sessions and produces as the core would.
class Broker {
public:
    explicit Broker(ServerOptions options = {}) {
        options.sweep_ms = 20;
        ProtocolContext context;
        context.secrets = SessionSecrets(SipKey{3, 4});
        Backend backend;
        backend.submit = [this](core::Request&& request, std::size_t, std::function<void()> resume) {
            return take(std::move(request), std::move(resume));
        };
        backend.submitted = [] {};
        backend.status = [] { return StatusFacts{.version = "test", .state = "ready"}; };
        backend.backup = [](std::string directory, std::function<void(BackupFacts &&)> done) {
            done(BackupFacts{.directory = std::move(directory), .digest = "d"});
        };
        server = std::make_unique<Server>(options, std::move(context), std::move(backend));
        address = server->listen();
        server->start();
    }
    ~Broker() { server->stop(100); }

    std::unique_ptr<Server> server;
    std::string address;
    std::atomic<int> produces{0}, lost{0};
    /// The next produce finds the engine full.
    std::atomic<bool> full{false};
    std::mutex mutex;
    std::function<void()> resume_later;

private:
    bool take(core::Request&& request, std::function<void()> resume) {
        std::vector<core::Effect> effects;
        if (const auto* open = std::get_if<core::OpenSession>(&request.body)) {
            const bool resumed = open->resume != core::SessionId{};
            effects.emplace_back(core::Reply{request.connection, request.id,
                                             core::SessionOpened{resumed ? open->resume : open->fresh, resumed, 0}});
        } else if (std::holds_alternative<core::Produce>(request.body)) {
            produces += 1;
            effects.emplace_back(core::Reply{request.connection, request.id, core::Produced{}});
        } else if (std::holds_alternative<core::ConnectionLost>(request.body)) {
            lost += 1;
        }
        if (!effects.empty()) {
            server->release(std::move(effects));
        }
        if (full.exchange(false)) {
            const std::scoped_lock lock(mutex);
            resume_later = std::move(resume);
            return false;
        }
        return true;
    }
};

v1::ClientFrame ping_frame(std::uint64_t id) {
    v1::ClientFrame frame;
    frame.set_request_id(id);
    frame.mutable_ping();
    return frame;
}

}  // namespace

TEST_CASE("a client says hello and its requests are answered over the socket") {
    Broker broker;
    Client client(broker.address);
    client.send(framed(hello_frame()) + framed(produce_frame(2, 1000, 100)) + framed(ping_frame(3)));
    const auto frames = client.receive(3);
    CHECK(broker.produces == 1);
    bool welcome = false, produced = false, pong = false;
    for (const auto& frame : frames) {
        welcome = welcome || frame.has_welcome();
        produced = produced || (frame.has_produced() && frame.request_id() == 2);
        pong = pong || frame.has_pong();
    }
    CHECK((welcome && produced && pong));
}

TEST_CASE("a large message arrives in a buffer that grows") {
    Broker broker;
    Client client(broker.address);
    client.send(framed(hello_frame()));
    client.send(framed(produce_frame(2, 1, 5'000'000)));
    CHECK(client.receive(2).back().has_produced());
}

TEST_CASE("status and backup are answered by the composition root") {
    Broker broker;
    Client client(broker.address);
    v1::ClientFrame status, backup;
    status.set_request_id(2);
    status.mutable_server_status();
    backup.set_request_id(3);
    backup.mutable_backup()->set_directory("/x");
    client.send(framed(hello_frame()) + framed(status) + framed(backup));
    for (const auto& frame : client.receive(3)) {
        if (frame.request_id() == 2) {
            CHECK(frame.server_status().version() == "test");
            CHECK(frame.server_status().connections() == 1);
        } else if (frame.request_id() == 3) {
            CHECK(frame.backup().digest() == "d");
        }
    }
}

TEST_CASE("a bad frame closes its connection with an error and no other") {
    Broker broker;
    Client bad(broker.address), good(broker.address);
    good.send(framed(hello_frame()));
    good.receive(1);
    bad.send(framed(hello_frame()) + std::string(4, '\0'));
    const auto said = bad.receive_to_end();
    REQUIRE_FALSE(said.empty());
    CHECK(said.back().error().code() == v1::MALFORMED_FRAME);
    good.send(framed(ping_frame(2)));
    CHECK(good.receive(2).back().has_pong());
    CHECK(broker.server->counters().protocol_errors == 1);
}

TEST_CASE("a connection that says nothing is closed after the deadline") {
    ServerOptions options;
    options.hello_ms_max = 50;
    Broker broker(options);
    Client silent(broker.address);
    CHECK(silent.receive_to_end().empty());
    CHECK(broker.server->counters().timed_out == 1);
    CHECK(broker.lost == 0);
}

TEST_CASE("a client that has gone silent is dead, and the core is told") {
    ServerOptions options;
    options.silence_ms_max = 2'000;  // Longer than a Hello takes on any machine.
    Broker broker(options);
    Client silent(broker.address);
    silent.send(framed(hello_frame()));
    CHECK(silent.receive_to_end().size() == 1);
    CHECK(broker.lost == 1);
}

TEST_CASE("connections over the limit are refused with a reason") {
    ServerOptions options;
    options.connections_max = 1;
    Broker broker(options);
    Client first(broker.address);
    first.send(framed(hello_frame()));
    first.receive(1);
    Client second(broker.address);
    const auto said = second.receive_to_end();
    REQUIRE(said.size() == 1);
    CHECK(said[0].error().code() == v1::TOO_MANY_REQUESTS);
    CHECK(said[0].error().field() == "connections");
    CHECK(said[0].error().limit() == 1);
    CHECK(said[0].error().retryable());
}

TEST_CASE("a full engine stops the reading until it has room") {
    Broker broker;
    Client client(broker.address);
    client.send(framed(hello_frame()));
    client.receive(1);
    broker.full = true;
    client.send(framed(produce_frame(2, 1, 10)));
    client.receive(2);
    client.send(framed(produce_frame(3, 1, 10)));

    // Another connection is served all the while, so its pongs tell that the I/O thread has gone around.
    Client other(broker.address);
    other.send(framed(hello_frame()) + framed(ping_frame(2)) + framed(ping_frame(3)));
    other.receive(3);
    CHECK(broker.produces == 1);
    {
        const std::scoped_lock lock(broker.mutex);
        broker.resume_later();
    }
    client.receive(3);
    CHECK(broker.produces == 2);
}

TEST_CASE("a consumer that never reads is closed before its buffer grows without bound") {
    ServerOptions options;
    options.out_bytes_max = 1'000'000;
    Broker broker(options);
    Client client(broker.address);
    client.send(framed(hello_frame()));
    client.receive(1);
    auto owner = std::make_shared<const std::string>(std::string("\x7A\x80\x80\x04", 4) + std::string(65'536, 'x'));
    core::EntryRun run;
    run.buffer = core::Buffer{owner, *owner};
    run.index =
        std::make_shared<const core::EntryIndex>(core::EntryIndex{{0, static_cast<std::uint32_t>(owner->size())}, {0}});
    run.count = 1;
    int sent = 0;
    while (broker.server->counters().overflowed == 0 && sent < 10'000) {
        core::Deliver delivery;
        delivery.connection = core::ConnectionId{1};
        delivery.runs.push_back({0, 0, run});
        std::vector<core::Effect> effects;
        effects.emplace_back(std::move(delivery));
        broker.server->release(std::move(effects));
        ++sent;
    }
    // The I/O thread may be behind what was handed to it, and counts the overflow before it lets go of the bytes.
    const auto is_closed = [&] {
        const ServerCounters counters = broker.server->counters();
        return counters.overflowed == 1 && counters.out_bytes == 0;
    };
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!is_closed() && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::yield();
    }
    CHECK(broker.server->counters().overflowed == 1);
    CHECK(broker.server->counters().out_bytes == 0);
}

TEST_CASE("a resumed session takes over from its old connection") {
    Broker broker;
    Client old(broker.address);
    old.send(framed(hello_frame()));
    const v1::Welcome welcome = old.receive(1).at(0).welcome();
    Client fresh(broker.address);
    v1::ClientFrame hello = hello_frame();
    hello.mutable_hello()->set_session_id(welcome.session_id());
    hello.mutable_hello()->set_session_secret(welcome.session_secret());
    fresh.send(framed(hello));
    CHECK(fresh.receive(1).at(0).welcome().resumed());
    CHECK(old.receive_to_end().size() == 1);
}

TEST_CASE("draining is told to every client and ends the listening") {
    Broker broker;
    Client client(broker.address);
    client.send(framed(hello_frame()));
    client.receive(1);
    broker.server->drain();
    CHECK(client.receive(2).back().notice().kind() == v1::Notice::DRAINING);
    broker.server->stop(1000);
    CHECK(client.receive_to_end().size() == 2);
}

}  // namespace baton::session::test
