#include "server/engine/kill_point.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace baton::engine::test {

TEST_CASE("a kill point kills at the n-th time and not before") {
    const pid_t child = ::fork();
    if (child == 0) {
        KillPoint point("after_wal_sync:3");
        point.reached(CommitPoint::after_commit);
        point.reached(CommitPoint::after_wal_sync);
        point.reached(CommitPoint::before_release);
        point.reached(CommitPoint::after_wal_sync);
        if (::write(STDERR_FILENO, "", 0) != 0) {
            ::_exit(1);
        }
        point.reached(CommitPoint::after_wal_sync);
        ::_exit(2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("bad kill points are refused") {
    CHECK_THROWS_AS(KillPoint("nowhere:1"), std::invalid_argument);
    CHECK_THROWS_AS(KillPoint("after_commit"), std::invalid_argument);
    CHECK_THROWS_AS(KillPoint("after_commit:0"), std::invalid_argument);
    CHECK_THROWS_AS(KillPoint("after_commit:x"), std::invalid_argument);
    CHECK_NOTHROW(KillPoint(""));
}

}  // namespace baton::engine::test
