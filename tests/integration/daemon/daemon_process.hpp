#pragma once
// A batond of a test's own: started, waited for, stopped, killed. Every wait has a bound.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace baton::test {

/// A directory that goes away with the test.
class TestDirectory {
public:
    TestDirectory();
    ~TestDirectory();
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;
    std::string path(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

/// How a process ended.
struct Ending {
    /// 128 + the signal when it was killed by one.
    int code = -1;
    std::string out;
    std::string err;
};

class DaemonProcess {
public:
    /// Starts batond with these arguments and these additional NAME=VALUE variables.
    explicit DaemonProcess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});
    /// Kills what still runs.
    ~DaemonProcess();
    DaemonProcess(const DaemonProcess&) = delete;
    DaemonProcess& operator=(const DaemonProcess&) = delete;

    /// Waits for the ready line and takes the addresses from it.
    void wait_until_ready();
    /// The same, for a daemon that may end before; false then.
    bool ready_or_ended();
    const std::string& address() const { return address_; }
    const std::string& http_address() const { return http_address_; }
    void signal(int number) const;
    Ending wait_for_end();

private:
    void read_output(bool to_end);

    pid_t pid_ = -1;
    int out_ = -1, err_ = -1;
    Ending ending_;
    std::string address_, http_address_;
};

/// The usual daemon of a test: port 0, a small reserve.
std::vector<std::string> usual_arguments(const std::string& data_dir);
/// The same on a clock that stands still but for AdvanceClock.
std::vector<std::string> virtual_clock_arguments(const std::string& data_dir);

}  // namespace baton::test
