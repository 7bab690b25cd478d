#pragma once
// ADDR:PORT, as in --listen.

#include <cstdint>
#include <optional>
#include <string>

namespace baton::daemon {

struct Address {
    /// A literal IPv4 or IPv6 address, without brackets.
    std::string host;
    std::uint16_t port = 0;

    /// 127.0.0.0/8 or ::1.
    bool is_loopback() const;
};
/// Reads `127.0.0.1:7450`, `[::1]:7450` or `localhost:7450`; nothing when it is none of these.
std::optional<Address> parse_address(const std::string& text);

}  // namespace baton::daemon
