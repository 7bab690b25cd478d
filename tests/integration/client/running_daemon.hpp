#pragma once
// A daemon of a test's own with a data directory of its own, that can be killed and started again at the same address.

#include "baton/connection.hpp"
#include "tests/integration/daemon/daemon_process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace baton::tests {

class RunningDaemon {
public:
    /// `more` arguments for batond, at each start.
    explicit RunningDaemon(std::vector<std::string> more = {});

    /// kill -9.
    void kill();
    /// Starts it again on the same data directory and address.
    void start();
    const std::string& address() const { return address_; }
    /// A client that dials again quickly.
    Client connect() const;
    std::string path(const std::string& name) const { return directory_.path(name); }

private:
    test::TestDirectory directory_;
    std::unique_ptr<test::DaemonProcess> process_;
    std::string address_;
    std::vector<std::string> more_;
};

}  // namespace baton::tests
