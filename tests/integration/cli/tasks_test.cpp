// Lists by a filter, bulk actions and background tasks on the command line.
#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("jobs are listed and acted on by a filter, after a dry run") {
    const CommandLine shell;
    shell.output(
        "baton queue create q --profile job --attempts 1 && baton produce q a b c --name mail && "
        "baton produce q d e --name sms --delay 1h");
    CHECK(shell.objects("baton --output json job list q").size() == 5);
    CHECK(shell.objects("baton --output json job list q --name 'm*' -n 2").size() == 2);
    CHECK(shell.objects("baton --output json job list q --state delayed").size() == 2);
    CHECK(shell.run("baton job list q --state nonsense").exit_code == 64);
    const auto counted = shell.objects("baton --output json job remove q --name mail --dry-run").at(0);
    CHECK(counted.at("matched") == 3);
    CHECK(counted.at("done") == 0);
    CHECK(shell.queue("q").at("waiting") == 3);
    CHECK_THAT(shell.output("baton job promote q --name sms --limit 1"), Contains("1 done"));
    CHECK(shell.queue("q").at("waiting") == 4);
    CHECK(shell.objects("baton --output json job remove q --name mail").at(0).at("done") == 3);
    CHECK(shell.run("baton job remove q").exit_code == 64);
    CHECK(shell.run("baton job remove q 1 --name mail").exit_code == 64);
}

TEST_CASE("a queue is drained, cleaned and obliterated by tasks") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job && baton produce q a b c d");
    shell.output("baton consume q -n 2 --wait 20s");
    CHECK(shell.objects("baton --output json queue clean q --older-than 1h").at(0).at("done") == 0);
    CHECK(shell.objects("baton --output json queue clean q --limit 1").at(0).at("done") == 1);
    // A drain of these takes longer than any machine needs to cancel it.
    shell.output("seq 1 1000 | baton produce q");
    const auto slow = shell.objects("baton --output json queue drain q --rate 1 --no-wait").at(0);
    CHECK(slow.at("state") == "running");
    const std::string id = boost::json::serialize(slow.at("id"));
    CHECK(shell.objects("baton --output json task cancel " + id).at(0).at("state") == "cancelled");
    CHECK_THAT(shell.output("baton task show " + id), Contains("cancelled"));
    CHECK(shell.objects("baton --output json task list q").size() == 3);
    CHECK(shell.run("baton task show 99").exit_code == 3);
    CHECK(shell.objects("baton --output json queue obliterate q").at(0).at("state") == "done");
    CHECK(shell.run("baton queue show q").exit_code == 3);
    CHECK(shell.objects("baton --output json task list q").size() == 4);
    CHECK(shell.run("baton task list none").exit_code == 3);
}

TEST_CASE("what a task cannot do is told by its help, and by the refusal") {
    const CommandLine shell;
    shell.output("baton queue create jobs --profile job && baton queue create plain");
    for (const char* command : {"queue drain", "queue clean", "job remove", "job promote"}) {
        INFO(command);
        CHECK_THAT(shell.output(std::string("baton ") + command + " --help"), Contains("profile job"));
        const auto refused = shell.run(std::string("baton ") + command + " jobs --state leased");
        CHECK(refused.exit_code == 7);
        CHECK_THAT(refused.output, Contains("leased"));
        CHECK(shell.run(std::string("baton ") + command + " plain --name x").exit_code == 7);
    }
}
