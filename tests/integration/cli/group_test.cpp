#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("groups are produced to, listed, paused, limited and taken in turns") {
    const CommandLine shell;
    shell.output("baton queue create mails --group-max-in-flight 1 --group-rate 100/1s");
    shell.output("baton produce mails a1 a2 a3 --group a && baton produce mails b1 --group b");
    CHECK(shell.queue("mails").at("grouped") == 4);
    CHECK(shell.queue("mails").at("groups") == 2);
    CHECK(shell.queue("mails").at("settings").as_object().at("group_max_in_flight") == 1);
    CHECK(shell.objects("baton --output json group list mails").size() == 2);
    CHECK(shell.objects("baton --output json peek mails --group a").size() == 3);
    CHECK(shell.objects("baton --output json group pause mails a").at(0).at("hold") == "paused");
    CHECK(shell.output("baton consume mails -n 1 --wait 20s") == "b1\n");
    CHECK_THAT(shell.output("baton group list mails"), Contains("paused"));
    const auto limited = shell.objects("baton --output json group limit mails a --rate 5/1m --max-in-flight 3").at(0);
    CHECK(limited.at("max_in_flight") == 3);
    CHECK(limited.at("rate").as_object().at("permits") == 5);
    CHECK(shell.objects("baton --output json group resume mails a").at(0).at("hold") == "none");
    CHECK(shell.output("baton consume mails -n 3 --wait 20s") == "a1\na2\na3\n");
    CHECK(shell.objects("baton --output json group penalise mails a 1h").at(0).at("hold") == "penalty");
    const auto shown = shell.objects("baton --output json group show mails a").at(0);
    CHECK(shown.at("waiting") == 0);
    CHECK(shown.at("hold") == "penalty");
    shell.output("baton group limit mails a --reset");
    CHECK_FALSE(shell.objects("baton --output json group show mails a").at(0).contains("rate"));
}

TEST_CASE("a group's maximum and faults of group commands") {
    const CommandLine shell;
    shell.output("baton queue create q --group-max-messages 1 --group-order strict --group-overflow reject");
    shell.output("baton produce q one --group a");
    CHECK(shell.run("baton produce q two --group a").exit_code != 0);
    CHECK(shell.run("baton group limit q a --rate nonsense").exit_code == 64);
    CHECK(shell.run("baton group show nowhere a").exit_code == 3);
    CHECK(shell.run("baton queue create x --group-order sideways").exit_code == 64);
}
