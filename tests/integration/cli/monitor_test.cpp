// What is seen of a queue from outside, on the command line.
#include "baton/consumer.hpp"
#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <chrono>

using baton::tests::CommandLine;
using Catch::Contains;
using namespace std::chrono_literals;

TEST_CASE("the consumers of a queue are listed") {
    CommandLine shell;
    shell.output("baton queue create q --lease 40s && baton produce q one two three");
    CHECK(shell.objects("baton --output json queue consumers q").empty());
    baton::Client client = shell.daemon().connect();
    baton::ConsumerOptions options;
    options.worker = "mailer";
    options.credit_messages = 2;
    baton::Consumer consumer(client, "q", options);
    REQUIRE(consumer.receive(10s));
    const auto listed = shell.objects("baton --output json queue consumers q");
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].at("worker") == "mailer");
    CHECK(listed[0].at("connected") == true);
    CHECK(listed[0].at("credit_messages") == 2);
    CHECK(listed[0].at("in_flight_messages") == 2);
    CHECK(listed[0].at("lease_ms") == 40'000);
    CHECK(listed[0].at("session_ends_at").is_null());
    CHECK(listed[0].at("age_ms").as_int64() >= 0);
    CHECK_THAT(shell.output("baton queue consumers q"), Contains("mailer") && Contains("connected"));
    CHECK(shell.run("baton queue consumers none").exit_code == 3);
    CHECK(shell.run("baton queue consumers").exit_code == 64);
}

TEST_CASE("what is ready is counted by priority") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q a b c && baton produce q d e --priority 7");
    shell.output("baton produce q f --priority 2 && baton produce q g --priority 2 --delay 1h");
    const auto counts = shell.objects("baton --output json queue priorities q 7 0 2 9");
    REQUIRE(counts.size() == 4);
    CHECK(counts[0].at("priority") == 7);
    CHECK(counts[0].at("ready") == 2);
    CHECK(counts[1].at("ready") == 3);
    CHECK(counts[2].at("ready") == 1);
    CHECK(counts[3].at("ready") == 0);
    CHECK(shell.objects("baton --output json queue priorities q").size() == 11);
    CHECK_THAT(shell.output("baton queue priorities q 7"), Contains("PRIORITY") && Contains("7            2\n"));
    CHECK(shell.run("baton queue priorities q 2097152").exit_code != 0);
    CHECK(shell.run("baton queue priorities none").exit_code == 3);
}

TEST_CASE("what ended is counted by the minute, also over a restart that nobody expected") {
    CommandLine shell;
    shell.output("baton queue create jobs --profile job --attempts 1 && baton queue create plain");
    shell.output("baton produce jobs a b c");
    shell.output("baton consume jobs -n 2 --wait 20s && (baton consume jobs -n 1 --wait 20s --exec false || true)");
    shell.daemon().kill();
    shell.daemon().start();
    const auto minutes = shell.objects("baton --output json queue metrics jobs --minutes 5");
    REQUIRE(minutes.size() == 5);
    std::int64_t completed = 0, failed = 0;
    for (const auto& minute : minutes) {
        completed += minute.at("completed").as_int64();
        failed += minute.at("failed").as_int64();
    }
    CHECK(completed == 2);
    CHECK(failed == 1);
    CHECK_THAT(shell.output("baton queue metrics jobs --minutes 1 --skip 3"), Contains("since it was made"));
    CHECK(shell.run("baton queue metrics jobs --minutes 1441").exit_code != 0);
    CHECK(shell.run("baton queue metrics plain").exit_code != 0);
    CHECK(shell.run("baton queue metrics none").exit_code == 3);
}
