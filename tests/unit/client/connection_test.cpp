#include "baton/connection.hpp"

#include "baton/admin.hpp"
#include "tests/unit/client/fake_server.hpp"

#include <catch2/catch.hpp>

#include <future>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

ClientOptions quick_options() {
    ClientOptions options;
    options.reconnect_base = 1ms;
    options.reconnect_cap = 5ms;
    options.request_timeout = 10s;
    return options;
}

std::future<Client> connect_later(const FakeServer& server, ClientOptions options = quick_options()) {
    return std::async(std::launch::async,
                      [address = server.address(), options] { return Client::connect(address, options); });
}

/// Answers the goodbye of a client that is being destroyed, so that no test waits for it. One that has not yet read its
/// welcome says none.
void close(Client& client, FakeConnection& connection) {
    auto closing = std::async(std::launch::async, [&] { client.close(5s); });
    while (const auto frame = connection.read_unless_closed()) {
        if (frame->has_goodbye()) {
            connection.send_done(frame->request_id());
            break;
        }
    }
    closing.get();
}

ErrorCode code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Exception& error) {
        return error.code();
    }
    return ErrorCode::ok;
}

}  // namespace

TEST_CASE("connecting says hello and keeps what the server says of itself") {
    FakeServer server;
    auto connecting = connect_later(server);
    auto connection = server.accept();
    const v1::Hello hello = connection.welcome(7);
    Client client = connecting.get();
    CHECK(hello.protocol_version() == 1);
    CHECK(hello.session_id() == 0);
    CHECK(client.connected());
    CHECK(client.server().version == "fake");
    CHECK(client.server().epoch == 7);
    close(client, connection);
    CHECK_FALSE(client.connected());
    CHECK(code_of([&] { client.ping(); }) == ErrorCode::closed);
}

TEST_CASE("without a server connecting fails at once") {
    std::string address;
    {
        FakeServer gone;
        address = gone.address();
    }
    CHECK(code_of([&] { Client::connect(address, quick_options()); }) == ErrorCode::connection_lost);
    CHECK(code_of([&] { Client::connect("no:port:here", quick_options()); }) == ErrorCode::invalid_argument);
}

TEST_CASE("a server that refuses the hello is not asked again") {
    FakeServer server;
    auto connecting = connect_later(server);
    auto connection = server.accept();
    connection.send_error(connection.read().request_id(), v1::UNSUPPORTED_VERSION, "too old");
    CHECK(code_of([&] { connecting.get(); }) == ErrorCode::unsupported_version);
}

TEST_CASE("a reconnect resumes the session and repeats what was not answered") {
    FakeServer server;
    auto connecting = connect_later(server);
    auto first = server.accept();
    first.welcome();
    Client client = connecting.get();
    Admin admin(client);
    auto shown = std::async(std::launch::async, [&] { return admin.show_queue("orders"); });
    const v1::ClientFrame asked = first.read();
    REQUIRE(asked.show_queue().name() == "orders");
    first.close();

    auto second = server.accept();
    const v1::Hello hello = second.welcome(1, true);
    const v1::ClientFrame again = second.read();

    CHECK(hello.session_id() == 71);
    CHECK(hello.session_secret() == 99);
    CHECK(again.SerializeAsString() == asked.SerializeAsString());
    v1::ServerFrame reply;
    reply.set_request_id(again.request_id());
    reply.mutable_queue_info()->set_name("orders");
    reply.mutable_queue_info()->set_waiting(3);
    second.send(reply);
    CHECK(shown.get().waiting == 3);
    close(client, second);
}

TEST_CASE("a request that must not be repeated fails when the connection is lost") {
    FakeServer server;
    auto connecting = connect_later(server);
    auto first = server.accept();
    first.welcome();
    Client client = connecting.get();
    Admin admin(client);
    auto deleted = std::async(std::launch::async, [&] { admin.delete_queue("orders"); });
    REQUIRE(first.read().has_delete_queue());
    first.close();
    CHECK(code_of([&] { deleted.get(); }) == ErrorCode::connection_lost);
    auto second = server.accept();
    second.welcome();
    close(client, second);
}

TEST_CASE("an examination has a time of its own, and is not begun again on another connection") {
    FakeServer server;
    auto options = quick_options();
    options.request_timeout = 50ms;
    auto connecting = connect_later(server, options);
    auto first = server.accept();
    first.welcome();
    Client client = connecting.get();
    Admin admin(client);
    CHECK(code_of([&] { admin.doctor("orders", 1ms); }) == ErrorCode::timed_out);
    REQUIRE(first.read().has_doctor());
    auto examined = std::async(std::launch::async, [&] { return admin.doctor("orders"); });
    const v1::ClientFrame asked = first.read();
    REQUIRE(asked.has_doctor());
    CHECK(code_of([&] { client.ping(); }) == ErrorCode::timed_out);  // Longer than any other request may take.
    v1::ServerFrame reply;
    reply.set_request_id(asked.request_id());
    reply.mutable_diagnosis()->set_records(12);
    first.send(reply);
    CHECK(examined.get().records == 12);
    auto lost = std::async(std::launch::async, [&] { return admin.doctor("orders"); });
    while (!first.read().has_doctor()) {
    }
    first.close();
    CHECK(code_of([&] { lost.get(); }) == ErrorCode::connection_lost);
    auto second = server.accept();
    second.welcome();
    close(client, second);
}

TEST_CASE("a missed heartbeat makes the client dial again") {
    FakeServer server;
    auto options = quick_options();
    options.heartbeat_interval = 20ms;
    options.heartbeat_timeout = 40ms;
    std::promise<std::string> lost;
    bool told = false;
    options.on_event = [&](const ConnectionEvent& event) {
        if (event.kind == ConnectionEvent::Kind::disconnected && !std::exchange(told, true)) {
            lost.set_value(event.reason);
        }
    };
    auto connecting = connect_later(server, options);
    auto silent = server.accept();
    silent.welcome();
    Client client = connecting.get();

    CHECK(silent.closed_by_client());  // It stays open on the server's side, and says nothing.

    CHECK(lost.get_future().get() == "the server missed a heartbeat");
    auto second = server.accept();
    CHECK(second.welcome().session_id() == 71);
    client.close(0ms);
}

TEST_CASE("a refusal is thrown with all it says") {
    FakeServer server;
    auto connecting = connect_later(server);
    auto connection = server.accept();
    connection.welcome();
    Client client = connecting.get();
    auto shown = std::async(std::launch::async, [&] { Admin(client).show_queue("nope"); });
    v1::ServerFrame reply;
    reply.set_request_id(connection.read().request_id());
    reply.mutable_error()->set_code(v1::QUEUE_NOT_FOUND);
    reply.mutable_error()->set_message("there is no queue \"nope\"");
    reply.mutable_error()->set_field("name");
    connection.send(reply);
    try {
        shown.get();
        FAIL("it did not throw");
    } catch (const Exception& error) {
        CHECK(error.code() == ErrorCode::queue_not_found);
        CHECK(error.error().field == "name");
        CHECK(std::string(error.what()) == "QUEUE_NOT_FOUND: there is no queue \"nope\"");
    }
    close(client, connection);
}

TEST_CASE("a request that a stopping server refuses is kept for the next connection") {
    FakeServer server;
    auto connecting = connect_later(server);
    auto first = server.accept();
    first.welcome();
    Client client = connecting.get();
    auto pinged = std::async(std::launch::async, [&] { return Admin(client).list_queues(); });
    first.send_error(first.read().request_id(), v1::SHUTTING_DOWN, "stopping");
    first.close();
    auto second = server.accept();
    second.welcome(2);
    const v1::ClientFrame again = second.read();
    REQUIRE(again.has_list_queues());
    v1::ServerFrame reply;
    reply.set_request_id(again.request_id());
    reply.mutable_queue_list()->add_queues()->set_name("a");
    second.send(reply);
    CHECK(pinged.get().queues.at(0).name == "a");
    close(client, second);
}

TEST_CASE("no answer in time is told as such") {
    FakeServer server;
    auto options = quick_options();
    options.request_timeout = 50ms;
    auto connecting = connect_later(server, options);
    auto connection = server.accept();
    connection.welcome();
    Client client = connecting.get();
    CHECK(code_of([&] { client.ping(); }) == ErrorCode::timed_out);
    close(client, connection);
}

TEST_CASE("bytes that are no frame end the connection, not the client") {
    FakeServer server;
    auto connecting = connect_later(server);
    auto first = server.accept();
    first.welcome();
    Client client = connecting.get();
    v1::ServerFrame empty;
    first.send(empty);  // A length of 0.
    CHECK(first.closed_by_client());
    auto second = server.accept();
    second.welcome(1, true);
    close(client, second);
}

TEST_CASE("a client closed in a callback ends every call that waits") {
    FakeServer server;
    auto options = quick_options();
    std::optional<Client> client;
    options.on_event = [&](const ConnectionEvent& event) {
        if (event.kind == ConnectionEvent::Kind::draining) {
            client->close();
        }
    };
    auto connecting = connect_later(server, options);
    auto connection = server.accept();
    connection.welcome();
    client.emplace(connecting.get());
    auto waiting = std::async(std::launch::async, [&] { return code_of([&] { Admin(*client).list_queues(); }); });
    REQUIRE(connection.read().has_list_queues());
    v1::ServerFrame draining;
    draining.mutable_notice()->set_kind(v1::Notice::DRAINING);
    connection.send(draining);
    CHECK(waiting.get() == ErrorCode::closed);
    CHECK(connection.read().has_goodbye());
    CHECK_FALSE(client->connected());
}
