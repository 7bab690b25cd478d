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
    shell.output("baton consume pages -n 2 --wait 20s");
    const auto shown = shell.objects("baton --output json flow show reports " + id).at(0);
    CHECK(shown.at("state") == "released");
    CHECK(shown.at("completed") == 2);
    CHECK(shell.objects("baton --output json flow children reports " + id).at(1).at("state") == "completed");
    CHECK(shell.output("baton consume reports -n 1 --wait 20s") == "r\n");
}

TEST_CASE("a whole flow is failed, put back, shortened, cancelled and removed from the shell") {
    const CommandLine shell;
    shell.output("baton queue create reports --profile job");
    shell.output("baton queue create pages --profile job --attempts 1");
    const auto add = [&] {
        const auto added = shell.objects(
            R"(echo '{"queue": "reports", "payload": "r", "children": [{"queue": "pages", "payload": "1"},
            {"queue": "pages", "payload": "2", "on_failure": "ignore"}]}' | baton --output json flow add -)");
        return std::string(added.at(0).at("id").as_string());
    };
    std::string id = add();
    shell.run("baton consume pages -n 1 --wait 20s --exec 'exit 3'");
    CHECK(shell.queue("reports").at("failed") == 1);
    CHECK(shell.objects("baton --output json flow retry reports " + id).at(0).at("done") == 2);
    CHECK(shell.queue("reports").at("waiting_children") == 1);
    shell.output(R"(echo '{"queue": "pages", "payload": "3"}' | baton flow add - --to-queue reports --to )" + id);
    CHECK(shell.objects("baton --output json flow show reports " + id).at(0).at("total") == 3);
    shell.output("baton flow detach pages 0 --parent-queue reports --parent " + id);
    CHECK(shell.output("baton flow remove-children reports " + id) == "2 removed\n");
    CHECK(shell.output("baton consume reports -n 1 --wait 20s") == "r\n");

    id = add();
    CHECK(shell.output("baton flow cancel reports " + id + " --grace 1s") == "3 cancelled\n");
    CHECK(shell.queue("pages").at("waiting") == 1);  // The detached one.
    id = add();
    CHECK(shell.output("baton flow remove reports " + id) == "3 removed\n");
    CHECK(shell.run("baton flow remove reports " + id).exit_code == 3);
    CHECK(shell.run("baton flow detach pages 0 --parent-queue reports").exit_code == 64);
    CHECK(shell.run("baton flow detach pages 77").exit_code == 3);
    CHECK(shell.run("baton flow cancel reports 0 --grace 11m").exit_code != 0);
}

TEST_CASE("faults of flow commands") {
    const CommandLine shell;
    shell.output("baton queue create reports --profile job");
    CHECK(shell.run("echo '{\"queue\": 1}' | baton flow add -").exit_code == 64);
    CHECK(shell.run("echo '{\"queue\": \"nowhere\"}' | baton flow add -").exit_code == 3);
    CHECK(shell.run("baton flow show reports 0").exit_code == 3);
    CHECK(shell.run("baton flow show reports 77-0").exit_code == 3);
    CHECK(shell.run("baton flow cancel reports 77-0").exit_code == 3);
    CHECK(shell.run("baton flow add /nonexistent.json").exit_code != 0);
}
