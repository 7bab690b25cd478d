#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("completed jobs are listed, shown and retried") {
    const CommandLine shell;
    shell.output(
        "baton queue create q --profile job --keep-completed 2/1h/1M --keep-failed 5/2h && baton produce q a b c");
    const auto settings = shell.queue("q").at("settings").as_object();
    CHECK(settings.at("keep_completed") == true);
    CHECK(settings.at("completed_retention").as_object().at("messages") == 2);
    CHECK(settings.at("failed_retention").as_object().at("age_ms") == 7'200'000);
    CHECK(shell.output("baton consume q -n 2 --wait 20s") == "a\nb\n");
    const auto listed = shell.objects("baton --output json job list q --state completed");
    REQUIRE(listed.size() == 2);
    CHECK(listed.at(0).at("payload") == "b");
    CHECK(listed.at(0).at("state") == "completed");
    CHECK_THAT(shell.output("baton job show q 0"), Contains("completed"));
    CHECK(shell.objects("baton --output json job retry q 0").at(0).at("messages") == 1);
    CHECK(shell.queue("q").at("completed") == 1);
    CHECK(shell.objects("baton --output json job retry q --all completed").at(0).at("messages") == 1);
    CHECK(shell.run("baton job retry q").exit_code == 64);
    CHECK(shell.run("baton job retry q 77").exit_code == 3);
    CHECK(shell.output("baton consume q -n 3 --wait 20s") == "a\nb\nc\n");
    CHECK(shell.objects("baton --output json queue purge q --completed").size() == 1);
    CHECK(shell.queue("q").at("completed") == 0);
}

TEST_CASE("a queue is told not to keep completed jobs") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job --keep-completed off && baton produce q a");
    shell.output("baton consume q -n 1 --wait 20s");
    CHECK(shell.queue("q").at("completed") == 0);
    CHECK(shell.run("baton job show q 0").exit_code == 3);
    CHECK(shell.run("baton queue update q --keep-completed 1/2/3/4").exit_code == 64);
}

TEST_CASE("events are shown, filtered by type and by job, and a job is waited for") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job --keep-events 100/1h && baton produce q a b");
    shell.output("baton consume q -n 1 --wait 20s");
    const auto all = shell.objects("baton --output json events q");
    REQUIRE(all.size() >= 4);
    CHECK(all.at(0).at("type") == "added");
    CHECK(all.at(0).at("count") == 2);
    CHECK(all.at(0).at("seq") == 1);
    const auto completed = shell.objects("baton --output json events q --type completed");
    REQUIRE(completed.size() == 1);
    CHECK(completed.at(0).at("first_offset") == 0);
    for (const auto& event : shell.objects("baton --output json events q --job 1 --type completed")) {
        FAIL("job 1 is not completed: " << boost::json::serialize(event));
    }
    CHECK_THAT(shell.output("baton events q --from 2"), Contains("waiting"));
    CHECK(shell.run("baton events q --type nonsense").exit_code == 64);
    CHECK_THAT(shell.output("baton job wait q 0"), Contains("completed"));
    CHECK(shell.run("baton job wait q 1 --timeout 0").exit_code != 0);
    CHECK(shell.run("baton job wait q 77").exit_code == 3);
}
