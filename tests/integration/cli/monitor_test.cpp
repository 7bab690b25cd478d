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
