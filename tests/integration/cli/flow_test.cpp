#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("a flow is added from JSON, worked off and shown with its results") {
    const CommandLine shell;
    shell.output("baton queue create reports --profile job && baton queue create pages --profile job");
    const auto added = shell.objects(
        R"(echo '{"queue": "reports", "payload": "r", "children": [{"queue": "pages", "payload": "1"},
        {"queue": "pages", "payload": "2", "options": {"priority": 1}}]}' | baton --output json flow add -)");
    REQUIRE(added.size() == 3);
    const std::string id(added[0].at("id").as_string());
    CHECK(shell.queue("reports").at("waiting_children") == 1);
    CHECK(shell.objects("baton --output json job list reports --state waiting-children").at(0).at("has_children") ==
          true);
    CHECK_THAT(shell.output("baton flow show reports " + id), Contains("waiting: 0 of 2 done"));
    shell.output("baton consume pages -n 2");
    const auto shown = shell.objects("baton --output json flow show reports " + id).at(0);
    CHECK(shown.at("state") == "released");
    CHECK(shown.at("completed") == 2);
    CHECK(shell.objects("baton --output json flow children reports " + id).at(1).at("state") == "completed");
    CHECK(shell.output("baton consume reports -n 1") == "r\n");
}

TEST_CASE("faults of flow commands") {
    const CommandLine shell;
    shell.output("baton queue create reports --profile job");
    CHECK(shell.run("echo '{\"queue\": 1}' | baton flow add -").exit_code == 64);
    CHECK(shell.run("echo '{\"queue\": \"nowhere\"}' | baton flow add -").exit_code == 3);
    CHECK(shell.run("baton flow show reports 0").exit_code == 3);
    CHECK(shell.run("baton flow add /nonexistent.json").exit_code != 0);
}
