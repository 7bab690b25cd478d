#pragma once
// An error as it goes over the wire: a code of proto/baton/v1/errors.proto with the field and the limit at fault.

#include "server/core/refusal.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace baton::session {

/// Codes that only the session layer uses; the numbers of errors.proto, beside core::RefusalCode.
enum class WireCode : std::uint16_t {
    unsupported_version = 101,
    hello_expected = 102,
    malformed_frame = 103,
    frame_too_large = 104,
    unknown_request = 107,
    doctor_busy = 250,
    storage_failed = 501,
    backup_failed = 502,
};

struct WireError {
    std::uint16_t code = 0;
    std::string message;
    std::string field;
    std::uint64_t limit = 0;
    bool retryable = false;
    std::uint64_t retry_after_ms = 0;
    /// The peer cannot be understood: the connection ends after this error, which then has request id 0.
    bool fatal = false;
};

inline WireError wire_error(WireCode code, std::string message, std::string field = {}, std::uint64_t limit = 0) {
    return WireError{static_cast<std::uint16_t>(code), std::move(message), std::move(field), limit, false, 0, false};
}
inline WireError wire_error(core::Refusal&& refusal) {
    return WireError{static_cast<std::uint16_t>(refusal.code),
                     std::move(refusal.message),
                     std::move(refusal.field),
                     refusal.limit,
                     refusal.retryable,
                     refusal.retry_after_ms,
                     false};
}
inline WireError invalid(std::string field, std::string message, std::uint64_t limit = 0) {
    return wire_error(core::invalid(std::move(field), std::move(message), limit));
}
/// The frame cannot be understood; ends the connection.
inline WireError malformed(std::string message, std::string field = {}) {
    WireError error = wire_error(WireCode::malformed_frame, std::move(message), std::move(field));
    error.fatal = true;
    return error;
}

}  // namespace baton::session
