#include "baton/error.hpp"

#include "baton/v1/errors.pb.h"

namespace baton {

namespace {

/// The names of the codes that only the client knows; null for the server's.
const char* client_code_name(ErrorCode code) {
    if (code == ErrorCode::connection_lost) {
        return "CONNECTION_LOST";
    }
    if (code == ErrorCode::timed_out) {
        return "TIMED_OUT";
    }
    if (code == ErrorCode::closed) {
        return "CLOSED";
    }
    return code == ErrorCode::protocol_violation ? "PROTOCOL_VIOLATION" : nullptr;
}

}  // namespace

std::string to_text(ErrorCode code) {
    if (const char* name = client_code_name(code)) {
        return name;
    }
    const std::string& name = v1::ErrorCode_Name(static_cast<v1::ErrorCode>(code));
    return name.empty() ? "ERROR_" + std::to_string(static_cast<unsigned>(code)) : name;
}

Exception::Exception(Error error)
    : std::runtime_error(to_text(error.code) + ": " + error.message), error_(std::move(error)) {}

}  // namespace baton
