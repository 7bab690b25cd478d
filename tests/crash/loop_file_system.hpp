#pragma once
// A small ext4 file system in a file, mounted through a loop device, that can be cut off as by a power cut. Asks for
// the right to mount.

#include "tests/integration/daemon/daemon_process.hpp"

#include <string>

namespace baton::test {

class LoopFileSystem {
public:
    /// What a test says that cannot run.
    static constexpr const char* skipped =
        "SKIPPED: this machine lets no ext4 file system be mounted through a loop device\n";

    /// `size` as of truncate; takes up what is written.
    explicit LoopFileSystem(const std::string& size = "256M");
    ~LoopFileSystem();
    LoopFileSystem(const LoopFileSystem&) = delete;
    LoopFileSystem& operator=(const LoopFileSystem&) = delete;

    /// False where loop devices cannot be mounted.
    bool made() const { return made_; }
    std::string path() const { return mount_ + "/data"; }
    /// Stops the daemon where it is: an fsync in flight must not come back with a success that it did not have.
    static void freeze(const DaemonProcess& daemon);
    /// Cuts the power below a frozen daemon, which ends with it, and mounts what is left. Nothing reaches the device
    /// any more, and its log is not flushed.
    void cut_below(DaemonProcess& daemon);

private:
    bool mount();
    void unmount();
    void cut() const;

    TestDirectory directory_;
    std::string image_, mount_;
    bool made_ = false, mounted_ = false;
};

}  // namespace baton::test
