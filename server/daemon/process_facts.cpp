#include "server/daemon/process_facts.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace baton::daemon {

namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessFacts process_facts(bool with_files) {
    ProcessFacts facts;
    facts.pid = static_cast<std::uint64_t>(::getpid());
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        facts.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    }
    std::uint64_t pages_total = 0, pages_resident = 0;
    std::ifstream("/proc/self/statm") >> pages_total >> pages_resident;
    facts.rss_bytes = pages_resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    if (with_files) {
        std::error_code error;
        const std::filesystem::directory_iterator files("/proc/self/fd", error);
        facts.open_files = error ? 0 : static_cast<std::uint64_t>(std::distance(begin(files), end(files)));
    }
    return facts;
}

void raise_open_files_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace baton::daemon
