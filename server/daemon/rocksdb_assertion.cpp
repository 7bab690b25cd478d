// Debian builds RocksDB with assertions, and some of them fire after a write that failed, a full disk included. For the
// daemon that is a storage failure like any other (rule R3): it says so and ends with exit code 74 instead of aborting.
//
// The program's own __assert_fail goes before that of the C library. It is called by whichever thread found the
// assertion false, and ends the process at once.
#include "server/daemon/exit_code.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" [[noreturn]] void __assert_fail(const char* assertion, const char* file, unsigned line,
                                           const char* function) noexcept {
    const char* where = function == nullptr ? "?" : function;
    const bool of_rocksdb = std::strstr(where, "rocksdb::") != nullptr;
    char text[1024];
    std::snprintf(text, sizeof text, "batond: %s%s:%u: %s: assertion '%s' failed\n",
                  of_rocksdb ? "storage failed, stopping: " : "", file, line, where, assertion);
    const bool told = ::write(STDERR_FILENO, text, std::strlen(text)) > 0;
    if (!told || !of_rocksdb) {
        std::abort();
    }
    std::_Exit(static_cast<int>(baton::daemon::ExitCode::storage_failed));
}
