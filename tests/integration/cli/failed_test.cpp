#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("failed messages are listed, shown and put back") {
    const CommandLine shell;
    shell.output("baton queue create q --attempts 1 && baton produce q a b c");
    shell.output("baton consume q -n 3 --wait 20s --exec 'echo broken >&2; false'");
    CHECK(shell.objects("baton --output json failed list q").size() == 3);
    CHECK(shell.objects("baton --output json failed list q -n 2").size() == 2);
    CHECK_THAT(shell.output("baton failed show q 1-1"), Contains("broken") && Contains("attempts_exhausted"));
    CHECK(shell.run("baton failed show q 77").exit_code == 3);
    CHECK(shell.run("baton failed show q nonsense").exit_code == 64);

    CHECK(shell.run("baton failed retry q").exit_code == 64);
    CHECK(shell.run("baton failed retry q 77").exit_code == 3);
    CHECK(shell.objects("baton --output json failed retry q 1-1 --keep-counters").at(0).at("messages") == 1);
    const auto again = shell.objects("baton consume q -n 1 --wait 20s --format json").at(0);
    CHECK(again.at("payload") == "b");
    CHECK(again.at("failures") == 1);
    CHECK(shell.objects("baton --output json failed retry q --all").at(0).at("messages") == 2);
    CHECK(shell.queue("q").at("failed") == 0);
    CHECK(shell.objects("baton consume q -n 2 --wait 20s --format json").at(1).at("failures") == 0);
}

TEST_CASE("a dead-letter queue is redriven to where its messages came from") {
    const CommandLine shell;
    shell.output("baton queue create dead && baton queue create q --attempts 1 --dead-letter dead");
    shell.output("baton produce q a b && baton consume q -n 2 --wait 20s --exec false");
    CHECK(shell.queue("dead").at("waiting") == 2);
    const auto dead = shell.objects("baton --output json peek dead").at(0);
    CHECK(dead.at("origin").as_object().at("queue") == "q");
    CHECK(shell.objects("baton --output json redrive dead --max 1").at(0).at("messages") == 1);
    CHECK(shell.queue("q").at("waiting") == 1);
    shell.output("baton queue create elsewhere && baton redrive dead --to elsewhere");
    CHECK(shell.output("baton consume elsewhere -n 1 --wait 20s") == "b\n");
    CHECK(shell.output("baton consume q -n 1 --wait 20s") == "a\n");
}
