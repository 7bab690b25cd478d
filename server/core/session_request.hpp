#pragma once
// How sessions and connections begin and end. Plain values.

#include "server/core/ids.hpp"

#include <string>

namespace baton::core {

/// A connection said Hello. The answer is SessionOpened.
struct OpenSession {
    /// The session to resume if it still lives; value 0 = none. The session layer has checked the secret.
    SessionId resume{};
    /// The id to use for a new session; random, not 0.
    SessionId fresh{};
    DurationMs grace_ms = 0;
    std::string client;
};
/// The connection is gone; the session lives on for its grace.
struct ConnectionLost {};
/// A clean close: everything is given back at once. Answered by Done.
struct CloseSession {};
/// Gives up a request in flight.
struct CancelRequest {
    RequestId request{};
};

}  // namespace baton::core
