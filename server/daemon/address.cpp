#include "server/daemon/address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace baton::daemon {

bool Address::is_loopback() const { return host.starts_with("127.") || host == "::1"; }

std::optional<Address> parse_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    Address address;
    address.host = text.substr(0, colon);
    const std::string port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc{} || end != port.data() + port.size()) {
        return std::nullopt;
    }
    if (address.host == "localhost") {
        address.host = "127.0.0.1";
    }
    in6_addr v6{};
    in_addr v4{};
    if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
        address.host = address.host.substr(1, address.host.size() - 2);
        return ::inet_pton(AF_INET6, address.host.c_str(), &v6) == 1 ? std::optional(address) : std::nullopt;
    }
    return ::inet_pton(AF_INET, address.host.c_str(), &v4) == 1 ? std::optional(address) : std::nullopt;
}

}  // namespace baton::daemon
