#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <chrono>

using baton::tests::CommandLine;

TEST_CASE("a command gets the payload, and its success acks") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q one two ''");
    CHECK(shell.output("baton consume q -n 3 --wait 20s --exec 'cat; echo .'") == "one.\ntwo.\n.\n");
    CHECK(shell.queue("q").at("acked_total") == 3);
}

TEST_CASE("a command that fails fails the message with its last error line") {
    const CommandLine shell;
    shell.output("baton queue create q --attempts 2 --backoff fixed:0s && baton produce q bad");
    shell.output("baton consume q -n 1 --wait 20s --exec 'echo first >&2; echo why >&2; exit 3'");
    const auto waiting = shell.objects("baton --output json peek q").at(0);
    CHECK(waiting.at("failures") == 1);
    CHECK(waiting.at("deliveries") == 1);
    shell.output("baton consume q -n 1 --wait 20s --exec 'exit 9'");
    const auto failed = shell.objects("baton --output json failed list q").at(0);
    CHECK(failed.at("failures") == 2);
    const auto attempts = failed.at("attempts").as_array();
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[0].at("reason") == "why");
    CHECK(attempts[1].at("reason") == "exit code 9");
}

TEST_CASE("commands run at once, as many as asked for") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q 1 2 3 4");
    // Each waits until all four have begun: only running at once ends them.
    const std::string begun = shell.path("begun");
    shell.output("mkdir " + begun + "; baton consume q -n 4 --wait 20s --concurrency 4 --exec 'touch " + begun +
                 "/$(cat); n=0; until [ $(ls " + begun + " | wc -l) = 4 ] || [ $n = 400 ]; do n=$((n + 1)); " +
                 "sleep 0.05; done; [ $n -lt 400 ]'");
    CHECK(shell.queue("q").at("acked_total") == 4);
}

TEST_CASE("a command that takes longer than the lease keeps its message") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q slow");
    shell.output("baton consume q -n 1 --wait 20s --lease 6s --exec 'sleep 8'");
    const auto queue = shell.queue("q");
    CHECK(queue.at("acked_total") == 1);
    CHECK(queue.at("redelivered_total") == 0);
}
