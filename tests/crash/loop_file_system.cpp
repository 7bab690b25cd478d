#include "tests/crash/loop_file_system.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace baton::test {

namespace {

/// EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH.
constexpr unsigned long ext4_shutdown = _IOR('X', 125, std::uint32_t);
constexpr std::uint32_t no_log_flush = 2;

bool run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

}  // namespace

LoopFileSystem::LoopFileSystem(const std::string& size)
    : image_(directory_.path("image")), mount_(directory_.path("mount")) {
    std::filesystem::create_directory(mount_);
    made_ = run("truncate -s " + size + " " + image_ + " && mkfs.ext4 -q " + image_) && mount();
}

LoopFileSystem::~LoopFileSystem() {
    if (mounted_) {
        run("umount --lazy " + mount_);  // A test that failed may still have files open there.
    }
}

bool LoopFileSystem::mount() { return mounted_ = run("mount -o loop " + image_ + " " + mount_); }

void LoopFileSystem::unmount() {
    REQUIRE(run("umount " + mount_));
    mounted_ = false;
}

void LoopFileSystem::cut() const {
    const int fd = ::open(mount_.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    std::uint32_t flags = no_log_flush;
    REQUIRE(::ioctl(fd, ext4_shutdown, &flags) == 0);
    ::close(fd);
}

void LoopFileSystem::freeze(const DaemonProcess& daemon) {
    daemon.signal(SIGSTOP);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

void LoopFileSystem::cut_below(DaemonProcess& daemon) {
    cut();
    daemon.signal(SIGKILL);
    daemon.signal(SIGCONT);
    REQUIRE(daemon.wait_for_end().code == 128 + SIGKILL);
    unmount();
    REQUIRE(mount());
}

}  // namespace baton::test
