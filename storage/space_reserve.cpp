#include "storage/space_reserve.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace baton::storage {

namespace {

constexpr std::uint64_t default_bytes = 64ULL << 20;
constexpr std::uint64_t low_bytes_max = 1ULL << 30;

struct Disk {
    std::uint64_t total = 0;
    std::uint64_t available = 0;
};

Disk disk_of(const std::string& path) {
    struct statvfs fs {};
    if (::statvfs(std::filesystem::path(path).parent_path().c_str(), &fs) != 0) {
        return {};
    }
    return {fs.f_blocks * fs.f_frsize, fs.f_bavail * fs.f_frsize};
}

}  // namespace

SpaceReserve::SpaceReserve(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {
    const Disk disk = disk_of(path_);
    if (bytes_ == 0) {
        bytes_ = std::min(default_bytes, disk.total / 16);
    }
    low_ = std::min(low_bytes_max, disk.total / 10);
    critical_ = low_ / 4;
    // A ballast left by an earlier start still counts: on a disk that filled up meanwhile it is what the start lives
    // on.
    held_ = std::filesystem::exists(path_);
    look();
}

void SpaceReserve::allocate() {
    const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        return;
    }
    held_ = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes_)) == 0;
    ::close(fd);
    if (!held_) {
        ::unlink(path_.c_str());
    }
}

SpaceState SpaceReserve::look() {
    const Disk disk = disk_of(path_);
    if (disk.total == 0) {
        return SpaceState::ample;
    }
    if (disk.available < critical_) {
        if (held_) {
            ::unlink(path_.c_str());
            held_ = false;
        }
        return SpaceState::critical;
    }
    if (disk.available < low_) {
        return SpaceState::low;
    }
    if (!held_ && disk.available > low_ + 2 * bytes_) {
        allocate();
    }
    return SpaceState::ample;
}

}  // namespace baton::storage
