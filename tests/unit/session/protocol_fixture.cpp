#include "tests/unit/session/protocol_fixture.hpp"

#include "proto/frame_reader.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>

namespace baton::session::test {

namespace {

ProtocolContext make_context(core::SessionId fresh) {
    ProtocolContext context;
    context.secrets = SessionSecrets(SipKey{1, 2});
    context.fresh_session = [fresh] { return fresh; };
    context.server_version = "test";
    context.epoch = 9;
    return context;
}

}  // namespace

std::string framed(std::string_view body) {
    std::string out(proto::frame_head_bytes, '\0');
    proto::write_frame_head(static_cast<std::uint32_t>(body.size()), out.data());
    out += body;
    return out;
}

std::string framed(const v1::ClientFrame& frame) { return framed(frame.SerializeAsString()); }

v1::ClientFrame hello_frame() {
    v1::ClientFrame frame;
    frame.set_request_id(1);
    frame.mutable_hello()->set_protocol_version(1);
    frame.mutable_hello()->set_client_name("test");
    return frame;
}

v1::ClientFrame produce_frame(std::uint64_t id, int count, std::size_t bytes) {
    v1::ClientFrame frame;
    frame.set_request_id(id);
    frame.mutable_produce()->set_queue("q");
    for (int i = 0; i < count; ++i) {
        frame.mutable_produce()->add_entries()->set_payload(std::string(bytes, static_cast<char>('a' + i % 26)));
    }
    return frame;
}

std::vector<v1::ServerFrame> parse_frames(std::string_view bytes) {
    std::vector<v1::ServerFrame> frames;
    while (!bytes.empty()) {
        const auto view = proto::next_frame(bytes, 1U << 30);
        REQUIRE(view.status == proto::FrameStatus::complete);
        v1::ServerFrame frame;
        REQUIRE(frame.ParseFromArray(view.frame.data(), static_cast<int>(view.frame.size())));
        frames.push_back(std::move(frame));
        bytes.remove_prefix(view.consumed);
    }
    return frames;
}

std::string drain(SendQueue& queue) {
    std::string bytes;
    std::vector<std::string_view> slices;
    slices.reserve(8);
    while (!queue.empty()) {
        queue.front(slices);
        const std::string_view first = slices.front();
        bytes += first;
        queue.written(first.size());
    }
    return bytes;
}

Machine::Machine(core::SessionId fresh) : context(make_context(fresh)), protocol(context, core::ConnectionId{5}, out) {}

void Machine::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto room = in.room(protocol.wanted());
        REQUIRE_FALSE(room.empty());
        const std::size_t taken = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), taken);
        in.received(taken);
        bytes.remove_prefix(taken);
        while (protocol.receive(in, 64 * 1024, inputs)) {
        }
        in.release_if_empty();
    }
}

void Machine::say_hello() {
    feed(framed(hello_frame()));
    inputs.clear();
    drain(out);
}

std::vector<core::Request> Machine::requests() {
    std::vector<core::Request> taken;
    for (ProtocolInput& input : inputs) {
        taken.push_back(std::move(std::get<core::Request>(input.what)));
    }
    inputs.clear();
    return taken;
}

core::RequestBody body_of(v1::ClientFrame frame) {
    frame.set_request_id(2);
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    auto requests = machine.requests();
    REQUIRE(requests.size() == 1);
    return std::move(requests[0].body);
}

v1::Error fault_of(v1::ClientFrame frame) {
    frame.set_request_id(2);
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    CHECK(machine.inputs.empty());
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    return said[0].error();
}

}  // namespace baton::session::test
