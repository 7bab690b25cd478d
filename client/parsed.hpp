#pragma once
// The bytes of an answer as the message they should be.

#include "baton/error.hpp"

#include <string>

namespace baton::detail {

/// Throws protocol_violation.
template <typename Reply>
Reply parsed(const std::string& bytes) {
    Reply reply;
    if (!reply.ParseFromString(bytes)) {
        throw Exception({ErrorCode::protocol_violation, "the server's answer makes no sense"});
    }
    return reply;
}

}  // namespace baton::detail
