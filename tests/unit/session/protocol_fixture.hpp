#pragma once
// A protocol machine without a socket: client frames go in as bytes, what it wants done and what it says come out
// parsed.

#include "server/session/protocol.hpp"

#include <baton/v1/wire.pb.h>

#include <string>
#include <string_view>
#include <vector>

namespace baton::session::test {

/// Length and body.
std::string framed(std::string_view body);
std::string framed(const v1::ClientFrame& frame);
v1::ClientFrame hello_frame();
/// A produce of `count` entries with payloads of `bytes`.
v1::ClientFrame produce_frame(std::uint64_t id, int count, std::size_t bytes);
/// All frames of `bytes`, which must be whole.
std::vector<v1::ServerFrame> parse_frames(std::string_view bytes);
std::string drain(SendQueue& queue);

/// What one request comes to; the connection takes nothing else.
core::RequestBody body_of(v1::ClientFrame frame);
/// What one request is refused with before it reaches the core.
v1::Error fault_of(v1::ClientFrame frame);

class Machine {
public:
    explicit Machine(core::SessionId fresh = core::SessionId{77});

    /// Feeds bytes as one read would bring them.
    void feed(std::string_view bytes);
    void say_hello();
    /// What was said since the last call.
    std::vector<v1::ServerFrame> said() { return parse_frames(drain(out)); }
    /// Takes the requests of the core out of the inputs.
    std::vector<core::Request> requests();

    ProtocolContext context;
    BlockPool pool;
    SendQueue out;
    ReceiveBuffer in{pool};
    Protocol protocol;
    std::vector<ProtocolInput> inputs;
};

}  // namespace baton::session::test
