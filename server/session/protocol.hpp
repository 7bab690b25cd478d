#pragma once
// The protocol machine of one connection, without sockets, clocks or threads: frames in, inputs for the broker out;
// effects in, bytes out. It owns the state of the connection (Hello first, requests in flight, closing) and is owned by
// it.

#include "server/core/effect.hpp"
#include "server/core/request.hpp"
#include "server/session/decode/frame.hpp"
#include "server/session/facts.hpp"
#include "server/session/receive_buffer.hpp"
#include "server/session/send_queue.hpp"
#include "server/session/session_secrets.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

namespace baton::session {

/// What all connections of a server share.
struct ProtocolContext {
    SessionSecrets secrets{SipKey{}};
    std::function<core::SessionId()> fresh_session = SessionSecrets::fresh_session;
    std::string server_version;
    std::uint64_t epoch = 0;
    core::DurationMs session_grace_ms = core::limits::session_grace_ms_default;
};

struct StatusAsked {
    core::RequestId request{};
};
struct BackupAsked {
    core::RequestId request{};
    std::string directory;
};
struct DoctorAsked {
    core::RequestId request{};
    std::string ns, queue;
};
/// What a connection wants done.
struct ProtocolInput {
    std::variant<core::Request, StatusAsked, BackupAsked, DoctorAsked> what;
    /// Bytes of the frame, for back-pressure.
    std::size_t bytes = 0;
};

class Protocol {
public:
    Protocol(const ProtocolContext& context, core::ConnectionId connection, SendQueue& out);

    /// Handles every whole frame at the front of `in`, up to `bytes_max` of them (at least one frame). Returns true
    /// when it stopped at that bound with a whole frame left. Errors are answered into the send queue.
    bool receive(ReceiveBuffer& in, std::size_t bytes_max, std::vector<ProtocolInput>& inputs);
    /// How long the frame at the front is, 0 when unknown.
    std::size_t wanted() const { return wanted_; }

    /// Encodes one effect for this connection.
    void apply(core::Effect&& effect);
    void answer_status(core::RequestId request, const StatusFacts& facts);
    void answer_backup(core::RequestId request, const BackupFacts& facts);
    void answer_doctor(core::RequestId request, const DoctorFacts& facts);
    void notify_draining();
    void notify_blocked(bool blocked, const std::string& reason);
    /// Ends the connection with an error that answers no request.
    void refuse(WireError&& error);

    /// The connection is to be closed once everything is written.
    bool closing() const { return closing_; }
    /// It is closing since the peer could not be understood.
    bool refused() const { return refused_; }
    /// A session was asked for, so the core must hear when the connection is lost.
    bool opened() const { return state_ != State::hello_expected; }
    /// The session, once the core has answered; 0 before.
    core::SessionId session() const { return session_; }

private:
    enum class State : std::uint8_t { hello_expected, open, goodbye };

    void handle(ClientRequest&& request, std::size_t bytes, std::vector<ProtocolInput>& inputs);
    void open_session(core::RequestId id, Hello&& hello, std::vector<ProtocolInput>& inputs);
    void pass_on(ClientRequest&& request, core::RequestBody&& body, std::size_t bytes,
                 std::vector<ProtocolInput>& inputs);
    bool take_id(core::RequestId id);
    void welcome(core::RequestId id, const core::SessionOpened& opened);
    void reply(core::Reply&& reply);
    void answered(core::RequestId id) { in_flight_.erase(core::value(id)); }

    const ProtocolContext& context_;
    const core::ConnectionId connection_;
    SendQueue& out_;
    State state_ = State::hello_expected;
    bool closing_ = false;
    bool refused_ = false;
    std::size_t wanted_ = 0;
    core::SessionId session_{};
    core::RequestId goodbye_{};
    /// Lookups only.
    std::unordered_set<std::uint64_t> in_flight_;
    /// Settles whose fetch is still to be answered after their Settled.
    std::unordered_set<std::uint64_t> fetch_follows_;
};

}  // namespace baton::session
