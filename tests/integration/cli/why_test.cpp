// `why` and `doctor` against the real daemon.
#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("why says what holds a queue and a message") {
    const CommandLine shell;
    shell.output("baton queue create q --max-in-flight 5");
    CHECK(shell.output("baton queue why q") == "the queue has no consumer\nthe queue is empty\n");
    shell.output("baton produce q one --delay 1h --id order-7");
    const auto why = shell.objects("baton --output json job why q --id order-7").at(0);
    CHECK(why.at("id") == "1-0");
    CHECK(why.at("state") == "delayed");
    const auto& first = why.at("obstacles").as_array().at(0).as_object();
    CHECK(first.at("kind") == "not_due");
    CHECK(first.at("for_ms").as_int64() > 3'000'000);
    CHECK(first.at("for_ms").as_int64() <= 3'600'000);
    CHECK_THAT(shell.output("baton job why q 0"), Contains("1-0 is delayed\nit is not due, until "));
    shell.output("baton queue pause q");
    CHECK_THAT(shell.output("baton queue why q"), Contains("the queue is paused\n"));
    CHECK(shell.run("baton job why q 9").exit_code == 3);
    CHECK(shell.run("baton queue why none").exit_code == 3);
    CHECK(shell.run("baton job why q").exit_code == 64);
}

TEST_CASE("the doctor finds nothing wrong with a daemon that has done a little of everything") {
    const CommandLine shell;
    shell.output("baton queue create dead && baton queue create jobs --profile job --dead-letter dead");
    shell.output("baton queue create plain");
    shell.output("for i in 1 2 3 4 5; do baton produce plain $i; done");
    shell.output("baton produce jobs 1 --id a && baton produce jobs 2 --priority 3 && baton produce jobs 3 --delay 1h");
    shell.output("baton produce jobs 4 --group acme && baton produce jobs 5 --dedup-id page --delay 1h");
    shell.output("baton consume plain -n 2 --wait 20s && baton consume jobs -n 1 --wait 20s");
    shell.output("baton job promote jobs 2 && baton job remove jobs 1");
    const auto all = shell.objects("baton --output json doctor").at(0);
    CHECK(all.at("found") == 0);
    CHECK(all.at("queues") == 3);
    CHECK(all.at("records").as_int64() > 10);
    CHECK(all.at("commit_seq").as_int64() > 10);
    CHECK_THAT(shell.output("baton doctor jobs"), Contains("1 queues,") && Contains(": all fits\n"));
    CHECK(shell.run("baton doctor none").exit_code == 3);
}

TEST_CASE("the doctor finds nothing wrong with a parent that waits for its children") {
    const CommandLine shell;
    shell.output("baton queue create reports --profile job && baton queue create pages --profile job");
    shell.output(R"(echo '{"queue": "reports", "payload": "long enough to count", "children": [{"queue": "pages",
        "payload": "1"}]}' | baton flow add -)");
    CHECK(shell.queue("reports").at("waiting_children") == 1);
    CHECK(shell.objects("baton --output json doctor").at(0).at("found") == 0);
}
