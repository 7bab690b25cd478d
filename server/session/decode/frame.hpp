#pragma once
// One client frame, decoded and bounded: what the protocol machine acts on. The body of a frame is untrusted; whatever
// it holds, decoding ends in a value or in a typed error and allocates in proportion to the bytes that arrived.

#include "server/core/entry_run.hpp"
#include "server/core/request.hpp"
#include "server/session/wire_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace baton::session {

struct Hello {
    std::uint32_t protocol_version = 0;
    std::string client;
    core::SessionId resume{};
    std::uint64_t secret = 0;
    std::optional<core::DurationMs> grace_ms;
};
struct Ping {};
/// Answered by the composition root, not by the core.
struct StatusRequest {};
struct BackupRequest {
    std::string directory;
};
struct DoctorRequest {
    /// Empty = every one of the namespace.
    std::string queue;
};

struct ClientRequest {
    core::RequestId id{};
    std::string ns;
    std::variant<WireError, Hello, Ping, StatusRequest, BackupRequest, DoctorRequest, core::RequestBody> body;
};

/// Decodes the body of one frame. A produce of limits::pin_bytes_min or more refers to `frame` and keeps its owner.
ClientRequest decode_frame(const core::Buffer& frame);

}  // namespace baton::session
