#include "baton/connection.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"

namespace baton {

namespace {
constexpr std::uint32_t field_ping = 4, field_pong = 4;
}

Client::Client(std::shared_ptr<detail::ClientCore> core) : core_(std::move(core)) {}

Client Client::connect(const std::string& address, ClientOptions options) {
    const auto where = detail::parse_address(address);
    if (!where) {
        throw Exception({ErrorCode::invalid_argument, "not an address: \"" + address + "\"", false, "address"});
    }
    auto core = std::make_shared<detail::ClientCore>(*where, std::move(options));
    core->connect();
    return Client(std::move(core));
}

Client::~Client() {
    if (core_ != nullptr) {
        close();
    }
}

Client::Client(Client&&) noexcept = default;

Client& Client::operator=(Client&& other) noexcept {
    if (this != &other) {
        if (core_ != nullptr) {
            close();
        }
        core_ = std::move(other.core_);
    }
    return *this;
}

std::chrono::microseconds Client::ping() {
    const auto begin = std::chrono::steady_clock::now();
    core_->call(field_ping, v1::Ping{}, field_pong);
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
}

bool Client::connected() const { return core_->connected(); }

ServerInfo Client::server() const { return core_->server(); }

void Client::close(std::chrono::milliseconds deadline) { core_->close(deadline); }

}  // namespace baton
