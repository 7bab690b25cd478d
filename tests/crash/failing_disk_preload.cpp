// Loaded into a daemon by LD_PRELOAD: makes one call to the disk fail, as a disk, a quota or a full file system may.
//
//   BATON_TEST_DISK_FAULT="OPERATION N ERRNO PATH"   the N-th call of OPERATION on a file whose path holds PATH fails
//   with
//                                                    that error number; calls before and after it work
//   BATON_TEST_DISK_FAULT_HIT=FILE                   is written then: the time since 1970 in nanoseconds
//
// Operations: open (that may create), write (pwrite too), fsync, fdatasync, fallocate, rename. Nothing of the project
// is linked here, and no sanitizer.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace {

struct Fault {
    char operation[32] = "";
    long long nth = 0;
    int error = 0;
    char path[1024] = "";
};

const Fault& fault() {
    static const Fault wanted = [] {
        Fault out;
        const char* text = std::getenv("BATON_TEST_DISK_FAULT");
        if (text == nullptr ||
            std::sscanf(text, "%31s %lld %d %1023s", out.operation, &out.nth, &out.error, out.path) != 4) {
            out.nth = 0;
        }
        return out;
    }();
    return wanted;
}

template <typename Function>
Function* real(Function*& slot, const char* name) {
    if (slot == nullptr) {
        slot = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
    }
    return slot;
}

using OpenCall = int(const char*, int, ...);
using WriteCall = ssize_t(int, const void*, size_t);
using PwriteCall = ssize_t(int, const void*, size_t, off_t);
using SyncCall = int(int);
using FallocateCall = int(int, int, off_t, off_t);
using RenameCall = int(const char*, const char*);
OpenCall* real_open = nullptr;
OpenCall* real_open64 = nullptr;
WriteCall* real_write = nullptr;
PwriteCall* real_pwrite = nullptr;
PwriteCall* real_pwrite64 = nullptr;
SyncCall* real_fsync = nullptr;
SyncCall* real_fdatasync = nullptr;
FallocateCall* real_fallocate = nullptr;
FallocateCall* real_fallocate64 = nullptr;
RenameCall* real_rename = nullptr;

void report_hit() {
    const char* file = std::getenv("BATON_TEST_DISK_FAULT_HIT");
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    char text[64];
    const int length =
        std::snprintf(text, sizeof text, "%lld\n", static_cast<long long>(now.tv_sec) * 1'000'000'000 + now.tv_nsec);
    const int fd = file == nullptr ? -1 : real(real_open, "open")(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd >= 0) {
        if (real(real_write, "write")(fd, text, static_cast<size_t>(length)) != length) {
            std::abort();
        }
        ::close(fd);
    }
}

/// Counts one call on `path`; true when it is the one that fails, with errno set.
bool fails(const char* operation, const char* path) {
    static std::atomic<long long> calls{0};
    const Fault& wanted = fault();
    if (wanted.nth == 0 || std::strcmp(operation, wanted.operation) != 0 || std::strstr(path, wanted.path) == nullptr ||
        ++calls != wanted.nth) {
        return false;
    }
    report_hit();
    errno = wanted.error;
    return true;
}

bool fails(const char* operation, int fd) {
    if (fault().nth == 0) {
        return false;
    }
    char link[64], path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = ::readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = '\0';
    return fails(operation, path);
}

mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return (flags & O_CREAT) != 0 && fails("open", path) ? -1 : real(real_open, "open")(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return (flags & O_CREAT) != 0 && fails("open", path) ? -1 : real(real_open64, "open64")(path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t count) {
    return fails("write", fd) ? -1 : real(real_write, "write")(fd, bytes, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t at) {
    return fails("write", fd) ? -1 : real(real_pwrite, "pwrite")(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t at) {
    return fails("write", fd) ? -1 : real(real_pwrite64, "pwrite64")(fd, bytes, count, at);
}

int fsync(int fd) { return fails("fsync", fd) ? -1 : real(real_fsync, "fsync")(fd); }

int fdatasync(int fd) { return fails("fdatasync", fd) ? -1 : real(real_fdatasync, "fdatasync")(fd); }

int fallocate(int fd, int mode, off_t at, off_t bytes) {
    return fails("fallocate", fd) ? -1 : real(real_fallocate, "fallocate")(fd, mode, at, bytes);
}

int fallocate64(int fd, int mode, off64_t at, off64_t bytes) {
    return fails("fallocate", fd) ? -1 : real(real_fallocate64, "fallocate64")(fd, mode, at, bytes);
}

int rename(const char* from, const char* to) noexcept {
    return fails("rename", to) ? -1 : real(real_rename, "rename")(from, to);
}
}
