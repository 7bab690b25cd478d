#pragma once
// A fetch comes as a request of its own and inside a settle.

#include "server/session/decode/bodies.hpp"

namespace baton::v1 {
class Fetch;
}

namespace baton::session {

Fault decode_fetch(const v1::Fetch& from, core::Fetch& out);

}  // namespace baton::session
