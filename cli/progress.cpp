#include "cli/progress.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace baton::cli {

namespace {
constexpr std::chrono::milliseconds quiet_time(500);
constexpr std::chrono::milliseconds redraw_every(100);
constexpr std::uint64_t bar_width = 30;
}  // namespace

Progress::Progress(std::uint64_t total_bytes) : total_bytes_(total_bytes), on_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (drawn_) {
        std::fputs("\r\033[K", stderr);
    }
}

void Progress::at(std::uint64_t bytes, std::uint64_t messages) {
    const auto now = Clock::now();
    if (!on_ || now - began_ < quiet_time || now - last_ < redraw_every) {
        return;
    }
    last_ = now;
    drawn_ = true;
    const double seconds = std::chrono::duration<double>(now - began_).count();
    std::string bar;
    if (total_bytes_ != 0) {
        const std::uint64_t done = std::min(bar_width, bytes * bar_width / total_bytes_);
        bar = "[" + std::string(done, '#') + std::string(bar_width - done, ' ') + "] ";
    }
    fmt::print(stderr, "\r\033[K{}{} messages, {:.0f}/s", bar, messages, static_cast<double>(messages) / seconds);
    std::fflush(stderr);
}

}  // namespace baton::cli
