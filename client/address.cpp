#include "client/address.hpp"

#include <algorithm>
#include <charconv>

namespace baton::detail {

namespace {

constexpr const char* default_port = "7450";

bool is_port(const std::string& text) {
    unsigned number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    return fault == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= 65'535;
}

}  // namespace

std::optional<Address> parse_address(const std::string& text) {
    Address address;
    std::string rest;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string::npos) {
            return std::nullopt;
        }
        address.host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
    } else if (std::count(text.begin(), text.end(), ':') > 1) {
        return std::nullopt;  // A bare IPv6 address cannot be told from one with a port.
    } else {
        const auto colon = text.find(':');
        address.host = text.substr(0, colon);
        rest = colon == std::string::npos ? "" : text.substr(colon);
    }
    address.port = rest.empty() ? default_port : rest.substr(1);
    if (address.host.empty() || (!rest.empty() && rest[0] != ':') || !is_port(address.port)) {
        return std::nullopt;
    }
    return address;
}

}  // namespace baton::detail
