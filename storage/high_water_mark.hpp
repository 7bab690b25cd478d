#pragma once
// The high-water mark (rule R6): which commit was known to be on disk, kept outside the database in two alternating
// slots. A database that comes up with less has lost acknowledged commits: rot at the end of its log, or an older copy.
//
// advance() is called by the committer and never waits for the disk; a thread of its own writes at most every 100 ms.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace baton::storage {

class HighWaterMark {
public:
    /// Opens or creates the file. Throws OpenError when it is damaged, std::runtime_error when it cannot be used.
    explicit HighWaterMark(const std::string& path);
    /// Writes what is pending.
    ~HighWaterMark();
    HighWaterMark(const HighWaterMark&) = delete;
    HighWaterMark& operator=(const HighWaterMark&) = delete;

    /// The highest commit recorded when the file was opened; 0 when it is new.
    std::uint64_t at_start() const { return at_start_; }
    void start();
    /// A synced commit.
    void advance(std::uint64_t commit_seq);
    /// True when a write or sync of the mark has failed.
    bool failed() const;

private:
    void run();
    bool write(std::uint64_t commit_seq);

    int file_ = -1;
    std::uint64_t at_start_ = 0;
    std::uint64_t slot_ = 0;
    std::thread thread_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::uint64_t wanted_ = 0;
    std::uint64_t written_ = 0;
    bool stop_ = false;
    bool failed_ = false;
};

}  // namespace baton::storage
