// Loaded into a process by LD_PRELOAD: moves its wall clock by BATON_TEST_CLOCK_MS milliseconds. The monotonic clock
// stays. Nothing of the project is linked here, and no sanitizer.
#include <dlfcn.h>
#include <time.h>

#include <cstdlib>

namespace {

using ClockGettime = int (*)(clockid_t, timespec*);

long long offset_ms() {
    static const long long offset = [] {
        const char* text = std::getenv("BATON_TEST_CLOCK_MS");
        return text == nullptr ? 0LL : std::atoll(text);
    }();
    return offset;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* out) noexcept {
    static const auto real = reinterpret_cast<ClockGettime>(::dlsym(RTLD_NEXT, "clock_gettime"));
    const int result = real(clock, out);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        out->tv_sec += offset_ms() / 1'000;
        out->tv_nsec += offset_ms() % 1'000 * 1'000'000;
        if (out->tv_nsec >= 1'000'000'000) {
            out->tv_nsec -= 1'000'000'000;
            out->tv_sec += 1;
        } else if (out->tv_nsec < 0) {
            out->tv_nsec += 1'000'000'000;
            out->tv_sec -= 1;
        }
    }
    return result;
}
