#include "tests/integration/client/running_daemon.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

namespace baton::tests {

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
    process_ = std::make_unique<test::DaemonProcess>(arguments);
    process_->wait_until_ready();
    address_ = process_->address();
}

Client RunningDaemon::connect() const {
    ClientOptions options;
    options.reconnect_base = std::chrono::milliseconds{10};
    options.reconnect_cap = std::chrono::milliseconds{200};
    return Client::connect(address_, options);
}

}  // namespace baton::tests
