#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("retry rules are set on a queue, attempts on a message, and the history is shown") {
    const CommandLine shell;
    shell.output(
        "baton queue create q --backoff fixed:0s --retry-rule 'exit-2=fail' --retry-rule 'exit-*=retry@fixed:0s'");
    const auto rules = shell.queue("q").at("settings").as_object().at("retry_rules").as_array();
    REQUIRE(rules.size() == 2);
    CHECK(rules.at(1).as_object().at("pattern") == "exit-*");
    CHECK(shell.run("baton queue create r --retry-rule nonsense").exit_code == 64);
    shell.output("baton produce q a --attempts 2 --backoff fixed:0s && baton produce q b");
    shell.output("baton consume q -n 2 --wait 20s --exec 'echo broken >&2; exit 2'");
    CHECK(shell.queue("q").at("failed") == 2);
    CHECK_THAT(shell.output("baton job show q 0"), Contains("rejected") && Contains("exit-2: broken"));
    shell.output("baton failed retry q 0");
    shell.output("baton consume q -n 2 --wait 20s --exec 'echo worse >&2; exit 3'");
    const auto shown = shell.objects("baton --output json job show q 0").at(0);
    CHECK(shown.at("reason") == "attempts_exhausted");
    CHECK(shown.at("max_attempts") == 2);
    CHECK(shown.at("attempts").as_array().size() == 3);
    CHECK(shown.at("attempts").as_array().at(2).as_object().at("error_class") == "exit-3");
    shell.output("baton queue update q --retry-rule none");
    CHECK(shell.queue("q").at("settings").as_object().at("retry_rules").as_array().empty());
}

TEST_CASE("a run limit is set on a queue and on a message") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job --run-limit 5m");
    CHECK(shell.queue("q").at("settings").as_object().at("run_limit_ms") == 300'000);
    shell.output("baton produce q a --run-limit 10s");
    CHECK(shell.objects("baton --output json job show q 0").at(0).at("run_limit_ms") == 10'000);
}
