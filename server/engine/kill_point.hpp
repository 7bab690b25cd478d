#pragma once
// Crash tests: the process kills itself, as `kill -9` would, the n-th time that it comes to a named point of the commit
// path. Set by the environment variable BATON_KILLPOINT, for example `after_wal_sync:17`. Used by the committer alone.

#include <cstdint>
#include <string>

namespace baton::engine {

enum class CommitPoint : std::uint8_t { none, before_commit, after_wal_sync, before_release, after_commit };

class KillPoint {
public:
    KillPoint() = default;
    /// `text` is POINT:N with N from 1, or empty for none. Throws std::invalid_argument.
    explicit KillPoint(const std::string& text);

    /// Sends SIGKILL to this process when `point` is reached for the n-th time.
    void reached(CommitPoint point) {
        if (point == point_ && --left_ == 0) [[unlikely]] {
            die();
        }
    }

private:
    static void die();

    CommitPoint point_ = CommitPoint::none;
    std::uint64_t left_ = 0;
};

}  // namespace baton::engine
