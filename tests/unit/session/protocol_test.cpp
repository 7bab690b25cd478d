#include "server/core/limits.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

core::Effect reply_to(std::uint64_t id, core::ReplyBody body) {
    return core::Reply{core::ConnectionId{5}, core::RequestId{id}, std::move(body)};
}

v1::ClientFrame settle_with_fetch(std::uint64_t id) {
    v1::ClientFrame frame;
    frame.set_request_id(id);
    frame.mutable_settle()->mutable_fetch()->set_max_messages(3);
    return frame;
}

}  // namespace

TEST_CASE("a hello asks the core for a session and is answered by a welcome with its secret") {
    Machine machine;
    machine.feed(framed(hello_frame()));

    const auto requests = machine.requests();
    REQUIRE(requests.size() == 1);
    const auto& open = std::get<core::OpenSession>(requests[0].body);
    CHECK(open.fresh == core::SessionId{77});
    CHECK(open.resume == core::SessionId{0});
    CHECK(open.grace_ms == core::limits::session_grace_ms_default);
    CHECK(open.client == "test");

    machine.protocol.apply(reply_to(1, core::SessionOpened{core::SessionId{77}, false, 1234}));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    const v1::Welcome& welcome = said[0].welcome();
    CHECK(said[0].request_id() == 1);
    CHECK(welcome.session_id() == 77);
    CHECK(welcome.session_secret() == machine.context.secrets.secret_of(core::SessionId{77}));
    CHECK(welcome.epoch() == 9);
    CHECK(welcome.session_grace_ms() == 1234);
    CHECK(welcome.limits().in_flight_requests() == core::limits::in_flight_requests_max);
    CHECK(machine.protocol.session() == core::SessionId{77});
}

TEST_CASE("a session is resumed with the right secret only") {
    const bool right = GENERATE(true, false);
    Machine machine;
    auto hello = hello_frame();
    hello.mutable_hello()->set_session_id(42);
    hello.mutable_hello()->set_session_secret(machine.context.secrets.secret_of(core::SessionId{42}) + (right ? 0 : 1));
    machine.feed(framed(hello));

    const auto requests = machine.requests();
    REQUIRE(requests.size() == 1);
    CHECK(std::get<core::OpenSession>(requests[0].body).resume == core::SessionId{right ? 42U : 0U});
    CHECK_FALSE(machine.protocol.closing());
}

TEST_CASE("frames split at every byte give the same requests") {
    const std::string bytes = framed(hello_frame()) + framed(produce_frame(2, 3, 40)) + framed(settle_with_fetch(3)) +
                              framed(produce_frame(4, 1, 0));
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        Machine machine;
        machine.feed(std::string_view(bytes).substr(0, cut));
        machine.feed(std::string_view(bytes).substr(cut));

        const auto requests = machine.requests();
        REQUIRE(requests.size() == 4);
        CHECK(std::get<core::Produce>(requests[1].body).entries.count == 3);
        CHECK(std::get<core::Settle>(requests[2].body).fetch->max_messages == 3);
        CHECK(std::get<core::Produce>(requests[3].body).entries.count == 1);
        CHECK(machine.out.empty());
    }
}

TEST_CASE("frames that come byte by byte give the same requests") {
    const std::string bytes = framed(hello_frame()) + framed(produce_frame(2, 3, 40));
    Machine machine;
    for (const char byte : bytes) {
        machine.feed(std::string_view(&byte, 1));
    }
    REQUIRE(machine.requests().size() == 2);
}

TEST_CASE("a ping is answered at once and reaches no core") {
    Machine machine;
    machine.say_hello();
    v1::ClientFrame ping;
    ping.set_request_id(8);
    ping.mutable_ping();
    machine.feed(framed(ping));

    CHECK(machine.inputs.empty());
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].request_id() == 8);
    CHECK(said[0].has_pong());
}

TEST_CASE("requests beyond the bound in flight are refused and those before go on") {
    Machine machine;
    machine.say_hello();
    // The Hello is in flight too, since the core has not answered it.
    for (std::uint64_t id = 2; id <= core::limits::in_flight_requests_max; ++id) {
        machine.feed(framed(produce_frame(id, 1, 1)));
    }
    REQUIRE(machine.out.empty());
    machine.feed(framed(produce_frame(5000, 1, 1)));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].request_id() == 5000);
    CHECK(said[0].error().code() == v1::TOO_MANY_REQUESTS);
    CHECK(said[0].error().limit() == core::limits::in_flight_requests_max);
    CHECK(said[0].error().retryable());

    machine.protocol.apply(reply_to(2, core::Produced{}));
    machine.said();
    machine.feed(framed(produce_frame(5001, 1, 1)));
    CHECK(machine.out.empty());
}

TEST_CASE("a settle with a fetch stays in flight until its delivery") {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(settle_with_fetch(7)));
    machine.protocol.apply(reply_to(7, core::Settled{}));
    CHECK(machine.said().size() == 1);

    machine.feed(framed(settle_with_fetch(7)));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].error().code() == v1::MALFORMED_FRAME);
    CHECK(said[0].error().field() == "request_id");
    CHECK(machine.protocol.closing());
}

TEST_CASE("an id may be used again after its last answer") {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(settle_with_fetch(7)));
    machine.protocol.apply(reply_to(7, core::Settled{}));
    core::Deliver delivery;
    delivery.connection = core::ConnectionId{5};
    delivery.request = core::RequestId{7};
    machine.protocol.apply(std::move(delivery));
    machine.said();
    machine.feed(framed(settle_with_fetch(7)));
    CHECK_FALSE(machine.protocol.closing());
}

TEST_CASE("a goodbye is answered and then the connection closes") {
    Machine machine;
    machine.say_hello();
    v1::ClientFrame goodbye;
    goodbye.set_request_id(3);
    goodbye.mutable_goodbye();
    machine.feed(framed(goodbye));
    CHECK(std::holds_alternative<core::CloseSession>(machine.requests().at(0).body));
    CHECK_FALSE(machine.protocol.closing());
    machine.protocol.apply(reply_to(3, core::Done{}));
    CHECK(machine.said().at(0).has_done());
    CHECK(machine.protocol.closing());
    CHECK_FALSE(machine.protocol.refused());
}

TEST_CASE("a refused request names field and limit and leaves the connection open") {
    Machine machine;
    machine.say_hello();
    v1::ClientFrame peek;
    peek.set_request_id(4);
    peek.mutable_peek()->set_queue("q");
    peek.mutable_peek()->set_limit(1001);
    machine.feed(framed(peek));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].request_id() == 4);
    CHECK(said[0].error().code() == v1::INVALID_ARGUMENT);
    CHECK(said[0].error().field() == "limit");
    CHECK(said[0].error().limit() == 1000);
    CHECK_FALSE(machine.protocol.closing());
}

TEST_CASE("a request with id 0 gets no answer, not even a refusal") {
    Machine machine;
    machine.say_hello();
    v1::ClientFrame peek;
    peek.mutable_peek()->set_queue("no name");
    machine.feed(framed(peek));
    machine.protocol.apply(reply_to(0, core::Settled{}));
    CHECK(machine.out.empty());
}

TEST_CASE("a connection is told when its produces wait for room, and when none does any more") {
    Machine machine;
    machine.say_hello();
    machine.protocol.apply(core::ProducerBlocked{core::ConnectionId{5}, true, "the queue 'q' is full"});
    machine.protocol.apply(core::ProducerBlocked{core::ConnectionId{5}, false, ""});
    const auto said = machine.said();
    REQUIRE(said.size() == 2);
    CHECK(said[0].request_id() == 0);
    CHECK(said[0].notice().kind() == v1::Notice::BLOCKED);
    CHECK(said[0].notice().reason() == "the queue 'q' is full");
    CHECK(said[1].notice().kind() == v1::Notice::UNBLOCKED);
}

TEST_CASE("status and backup requests go to the composition root") {
    Machine machine;
    machine.say_hello();
    v1::ClientFrame backup;
    backup.set_request_id(6);
    backup.mutable_backup()->set_directory("/somewhere");
    machine.feed(framed(backup));
    REQUIRE(machine.inputs.size() == 1);
    CHECK(std::get<BackupAsked>(machine.inputs[0].what).directory == "/somewhere");

    BackupFacts facts;
    facts.failure = "no room";
    machine.protocol.answer_backup(core::RequestId{6}, facts);
    const auto said = machine.said();
    CHECK(said.at(0).error().code() == v1::BACKUP_FAILED);
    CHECK(said.at(0).error().message() == "no room");
}

}  // namespace baton::session::test
