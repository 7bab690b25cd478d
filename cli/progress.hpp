#pragma once
// A progress bar on standard error, on a terminal only, and only once something has taken a while.

#include <chrono>
#include <cstdint>

namespace baton::cli {

class Progress {
public:
    /// `total` 0 = unknown: messages and rate without a bar.
    explicit Progress(std::uint64_t total_bytes);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void at(std::uint64_t bytes, std::uint64_t messages);

private:
    using Clock = std::chrono::steady_clock;
    std::uint64_t total_bytes_;
    bool on_;
    bool drawn_ = false;
    Clock::time_point began_ = Clock::now();
    Clock::time_point last_ = began_;
};

}  // namespace baton::cli
