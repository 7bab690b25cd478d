#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("priorities decide the order, and jobs are shown, changed and promoted by their ids") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job");
    shell.output("baton produce q five --priority 5 && baton produce q plain && baton produce q two --priority 2");
    shell.output("baton produce q front --priority 5 --lifo && baton produce q late --delay 1h");
    CHECK(shell.queue("q").at("prioritized") == 3);
    CHECK(shell.objects("baton --output json peek q --state prioritized").at(0).at("payload") == "two");
    CHECK_THAT(shell.output("baton job show q 1-0"), Contains("prioritized") && Contains("priority 5"));
    const auto late = shell.objects("baton --output json job show q 4").at(0);
    CHECK(late.at("state") == "delayed");
    CHECK(shell.run("baton job show q 77").exit_code == 3);

    CHECK(shell.run("baton job priority q 0").exit_code == 64);
    shell.output("baton job priority q 0 --to 1");
    shell.output("baton job promote q 1-4");
    CHECK(shell.run("baton job promote q 4").exit_code == 4);
    CHECK(shell.output("baton consume q -n 5 --wait 20s") == "plain\nlate\nfive\ntwo\nfront\n");
}

TEST_CASE("jobs are delayed again, promoted together and removed") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job && baton produce q a b c && baton produce q d --delay 1h");
    shell.output("baton job delay q 0 --by 2h");
    CHECK(shell.queue("q").at("delayed") == 2);
    CHECK(shell.run("baton job delay q 0").exit_code == 64);
    CHECK(shell.objects("baton --output json job promote q --all").at(0).at("messages") == 2);
    CHECK(shell.objects("baton --output json job remove q 1 2").at(0).at("messages") == 2);
    CHECK(shell.run("baton --output json job remove q 1").exit_code == 3);
    CHECK(shell.queue("q").at("waiting") == 2);
}

TEST_CASE("a queue ages when it was created so, and one of profile message refuses lane messages by id") {
    const CommandLine shell;
    shell.output("baton queue create aged --aging 1m");
    CHECK(shell.queue("aged").at("settings").as_object().at("aging_ms") == 60'000);
    CHECK(shell.run("baton produce aged x --lifo").exit_code == 7);
    shell.output("baton queue create plain && baton produce plain x --delay 1h");
    CHECK(shell.run("baton job show plain 0").exit_code == 7);
}

TEST_CASE("jobs are cancelled by their ids") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job && baton produce q a b && baton produce q c --delay 1h");
    const auto done = shell.objects("baton --output json job cancel q 0 2").at(0);
    CHECK(done.at("cancelled") == 2);
    CHECK(done.at("cancelling") == 0);
    CHECK(shell.queue("q").at("cancelled_total") == 2);
    CHECK(shell.run("baton job cancel q 0").exit_code == 3);
    CHECK(shell.run("baton job cancel q 1 --grace 1h").exit_code == 7);
    CHECK_THAT(shell.output("baton job cancel q 1 --grace 0s"), Contains("1 messages cancelled"));
    CHECK(shell.queue("q").at("waiting") == 0);
    shell.output("baton produce q done && baton consume q -n 1 --wait 20s");
    CHECK(shell.run("baton job cancel q 0 3 77").exit_code == 4);
}

TEST_CASE("an id with the number of another queue names no message of this one") {
    const CommandLine shell;
    shell.output("baton queue create other && baton queue create q --profile job && baton produce q a");
    CHECK(shell.output("baton job show q 2-0").find("2-0") != std::string::npos);
    for (const char* command :
         {"job show q 1-0", "job wait q 1-0", "job logs q 1-0", "job cancel q 1-0", "job remove q 1-0",
          "job retry q 1-0", "job promote q 1-0", "job priority q 1-0 --to 3", "job delay q 1-0 --by 1s",
          "job why q 1-0", "failed show q 1-0", "failed retry q 1-0", "events q --job 1-0"}) {
        INFO(command);
        const auto said = shell.run(std::string("baton ") + command);
        CHECK(said.exit_code == 3);
        CHECK_THAT(said.output, Contains("1-0 is a message of another queue"));
    }
    CHECK(shell.queue("q").at("waiting") == 1);
}
