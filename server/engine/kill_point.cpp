#include "server/engine/kill_point.hpp"

#include <unistd.h>

#include <charconv>
#include <csignal>
#include <stdexcept>

namespace baton::engine {

KillPoint::KillPoint(const std::string& text) {
    if (text.empty()) {
        return;
    }
    const std::size_t colon = text.find(':');
    const std::string name = text.substr(0, colon);
    if (name == "before_commit") {
        point_ = CommitPoint::before_commit;
    } else if (name == "after_wal_sync") {
        point_ = CommitPoint::after_wal_sync;
    } else if (name == "before_release") {
        point_ = CommitPoint::before_release;
    } else if (name == "after_commit") {
        point_ = CommitPoint::after_commit;
    } else {
        throw std::invalid_argument("BATON_KILLPOINT: unknown point '" + name +
                                    "'; known: before_commit, after_wal_sync, before_release, after_commit");
    }
    const std::string count = colon == std::string::npos ? "" : text.substr(colon + 1);
    const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), left_);
    if (error != std::errc{} || end != count.data() + count.size() || left_ == 0) {
        throw std::invalid_argument("BATON_KILLPOINT: '" + count + "' is no count from 1");
    }
}

void KillPoint::die() { ::kill(::getpid(), SIGKILL); }

}  // namespace baton::engine
