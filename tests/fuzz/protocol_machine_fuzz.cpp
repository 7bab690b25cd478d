// A connection: the first byte says how the rest is split into reads. Whatever comes, what the machine says is whole
// frames, and after a refusal it takes nothing more.

#include "proto/frame_reader.hpp"
#include "server/session/protocol.hpp"
#include "tests/fuzz/invariant.hpp"

#include <baton/v1/wire.pb.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using baton::fuzz::require;
namespace session = baton::session;

namespace {

void check_said(session::SendQueue& out) {
    std::string said;
    while (!out.empty()) {
        std::vector<std::string_view> slices;
        slices.reserve(16);
        out.front(slices);
        std::size_t bytes = 0;
        for (const std::string_view slice : slices) {
            said += slice;
            bytes += slice.size();
        }
        out.written(bytes);
    }
    std::string_view rest = said;
    while (!rest.empty()) {
        const auto frame = baton::proto::next_frame(rest, 1U << 20);
        require(frame.status == baton::proto::FrameStatus::complete, "the machine says whole frames");
        baton::v1::ServerFrame parsed;
        require(parsed.ParseFromArray(frame.frame.data(), static_cast<int>(frame.frame.size())) &&
                    parsed.body_case() != baton::v1::ServerFrame::BODY_NOT_SET,
                "what the machine says can be parsed");
        rest.remove_prefix(frame.consumed);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::size_t step = 1U + data[0];
    session::ProtocolContext context;
    context.fresh_session = [] { return baton::core::SessionId{7}; };
    session::BlockPool pool;
    session::SendQueue out;
    session::ReceiveBuffer in(pool);
    session::Protocol protocol(context, baton::core::ConnectionId{1}, out);
    std::vector<session::ProtocolInput> inputs;
    for (std::size_t at = 1; at < size && !protocol.closing();) {
        const auto room = in.room(protocol.wanted());
        const std::size_t bytes = std::min({step, size - at, room.size()});
        std::memcpy(room.data(), data + at, bytes);
        in.received(bytes);
        at += bytes;
        while (protocol.receive(in, 64 * 1024, inputs)) {
        }
    }
    const std::size_t before = inputs.size();
    if (protocol.closing()) {
        protocol.receive(in, 64 * 1024, inputs);
        require(inputs.size() == before, "a closing connection takes no requests");
    }
    check_said(out);
    return 0;
}
