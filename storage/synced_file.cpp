#include "storage/synced_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace baton::storage {

void throw_system_error(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

std::string read_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return {};
    }
    if (fd < 0) {
        throw_system_error("cannot open " + path);
    }
    constexpr std::size_t step_bytes = 1 << 20;
    std::string bytes;
    ssize_t got = 0;
    do {
        const std::size_t have = bytes.size();
        bytes.resize(have + step_bytes);
        got = ::read(fd, bytes.data() + have, step_bytes);
        bytes.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    } while (got > 0);
    const int reason = errno;
    ::close(fd);
    if (got < 0) {
        errno = reason;
        throw_system_error("cannot read " + path);
    }
    return bytes;
}

void sync_path(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        throw_system_error("cannot open " + path);
    }
    const int result = ::fsync(fd);
    ::close(fd);
    if (result != 0) {
        throw_system_error("cannot sync " + path);
    }
}

void write_synced_file(const std::string& path, const std::string& bytes) {
    const std::string fresh = path + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        throw_system_error("cannot create " + fresh);
    }
    const bool written = ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    const bool synced = written && ::fsync(fd) == 0;
    ::close(fd);
    if (!synced || std::rename(fresh.c_str(), path.c_str()) != 0) {
        throw_system_error("cannot write " + path);
    }
    sync_path(std::filesystem::path(path).parent_path().string());
}

}  // namespace baton::storage
