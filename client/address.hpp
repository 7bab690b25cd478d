#pragma once
// Where a daemon listens, parsed from text. A pure function.

#include <optional>
#include <string>

namespace baton::detail {

struct Address {
    std::string host;
    std::string port;
    bool operator==(const Address&) const = default;
};

/// "host:port", "[v6]:port", "host" or "[v6]" (port 7450). Empty when it is none of these.
std::optional<Address> parse_address(const std::string& text);

}  // namespace baton::detail
