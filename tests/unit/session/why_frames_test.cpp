// Why and Doctor on the wire.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/facts.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

v1::ClientFrame why_frame() {
    v1::ClientFrame frame;
    frame.set_request_id(6);
    frame.mutable_why()->set_queue("q");
    return frame;
}

std::string refused_why(const v1::ClientFrame& frame) {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    return said[0].error().field();
}

}  // namespace

TEST_CASE("a why asks about a queue, or about one message") {
    Machine machine;
    machine.say_hello();
    v1::ClientFrame frame = why_frame();
    machine.feed(framed(frame));
    frame.set_request_id(7);
    frame.mutable_why()->set_offset(0);
    machine.feed(framed(frame));
    frame.set_request_id(8);
    frame.mutable_why()->clear_offset();
    frame.mutable_why()->set_id("order 7");
    machine.feed(framed(frame));
    const auto requests = machine.requests();
    REQUIRE(requests.size() == 3);
    CHECK(std::get<core::WhyQueue>(requests[0].body).queue == "q");
    CHECK(std::get<core::WhyJob>(requests[1].body).offset == 0);
    CHECK(std::get<core::WhyJob>(requests[1].body).id.empty());
    CHECK(std::get<core::WhyJob>(requests[2].body).id == "order 7");
}

TEST_CASE("a bad why or doctor is refused with its field") {
    v1::ClientFrame frame = why_frame();
    frame.mutable_why()->set_queue("");
    CHECK(refused_why(frame) == "why.queue");
    frame = why_frame();
    frame.mutable_why()->set_offset(3);
    frame.mutable_why()->set_id("x");
    CHECK(refused_why(frame) == "why.id");
    frame = why_frame();
    frame.mutable_why()->set_id(std::string(core::limits::identity_bytes_max + 1, 'x'));
    CHECK(refused_why(frame) == "why.id");
    frame.mutable_doctor()->set_queue("no queue");
    CHECK(refused_why(frame) == "doctor.queue");
}

TEST_CASE("an explanation is said with all its obstacles") {
    core::Explanation explanation{core::QueueId{3}, 9, core::MessageState::delayed, 1'000, {}};
    explanation.obstacles.push_back({core::Obstacle::Kind::not_due, 2'000, 0, "no luck"});
    explanation.obstacles.push_back({core::Obstacle::Kind::in_flight, 0, 4, ""});
    SendQueue out;
    encode_explanation(core::RequestId{8}, explanation, out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    const v1::Explanation& said = frames[0].explanation();
    CHECK(said.queue_id() == 3);
    CHECK(said.offset() == 9);
    CHECK(said.state() == v1::DELAYED);
    CHECK(said.now_ms() == 1'000);
    REQUIRE(said.obstacles_size() == 2);
    CHECK(said.obstacles(0).kind() == v1::Obstacle::NOT_DUE);
    CHECK(said.obstacles(0).until_ms() == 2'000);
    CHECK(said.obstacles(0).name() == "no luck");
    CHECK(said.obstacles(1).kind() == v1::Obstacle::IN_FLIGHT);
    CHECK(said.obstacles(1).count() == 4);
}

TEST_CASE("a doctor goes to the composition root, and its findings or the reason for none come back") {
    Machine machine;
    machine.say_hello();
    v1::ClientFrame frame;
    frame.set_request_id(6);
    frame.mutable_doctor()->set_queue("q");
    machine.feed(framed(frame));
    REQUIRE(machine.inputs.size() == 1);
    CHECK(std::get<DoctorAsked>(machine.inputs[0].what).queue == "q");

    DoctorFacts facts;
    facts.queues = 2;
    facts.records = 30;
    facts.found = 1;
    facts.ailments.push_back({3, "q", "message 9: the index by offset leads nowhere"});
    machine.protocol.answer_doctor(core::RequestId{6}, facts);
    facts.fault = DoctorFacts::Fault::busy;
    machine.protocol.answer_doctor(core::RequestId{7}, facts);
    facts.fault = DoctorFacts::Fault::no_such_queue;
    machine.protocol.answer_doctor(core::RequestId{8}, facts);
    facts.fault = DoctorFacts::Fault::no_such_namespace;
    facts.text = "other";
    machine.protocol.answer_doctor(core::RequestId{9}, facts);
    const auto said = machine.said();
    REQUIRE(said.size() == 4);
    CHECK(said[3].error().code() == v1::INVALID_ARGUMENT);
    CHECK(said[3].error().field() == "namespace");
    CHECK(said[0].diagnosis().queues() == 2);
    CHECK(said[0].diagnosis().records() == 30);
    REQUIRE(said[0].diagnosis().ailments_size() == 1);
    CHECK(said[0].diagnosis().ailments(0).kind() == v1::Ailment::LOCATOR);
    CHECK(said[0].diagnosis().ailments(0).queue() == "q");
    CHECK(said[1].error().code() == v1::DOCTOR_BUSY);
    CHECK(said[1].error().retryable());
    CHECK(said[2].error().code() == v1::QUEUE_NOT_FOUND);
}

}  // namespace baton::session::test
