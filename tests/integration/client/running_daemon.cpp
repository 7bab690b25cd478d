#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace baton::tests {

namespace {
constexpr int cannot_bind = 69;
}

RunningDaemon::RunningDaemon(std::vector<std::string> more) : more_(std::move(more)) { start(); }

void RunningDaemon::kill() {
    process_->signal(SIGKILL);
    process_->wait_for_end();
    process_.reset();
}

void RunningDaemon::start() {
    auto arguments = test::usual_arguments(directory_.path("data"));
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    if (!address_.empty()) {
        const auto listen = std::find(arguments.begin(), arguments.end(), "--listen");
        *std::next(listen) = address_;
    }
    // While it was away, another process may have been given its port.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    process_ = std::make_unique<test::DaemonProcess>(arguments);
    while (!process_->ready_or_ended()) {
        const test::Ending ending = process_->wait_for_end();
        INFO(ending.out << ending.err);
        REQUIRE((ending.code == cannot_bind && std::chrono::steady_clock::now() < until));
        process_ = std::make_unique<test::DaemonProcess>(arguments);
    }
    address_ = process_->address();
}

Client RunningDaemon::connect() const {
    ClientOptions options;
    options.reconnect_base = std::chrono::milliseconds{10};
    options.reconnect_cap = std::chrono::milliseconds{200};
    return Client::connect(address_, options);
}

}  // namespace baton::tests
