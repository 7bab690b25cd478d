#include "tests/integration/cli/command_line.hpp"

#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("patterns, filters and bindings from the shell") {
    const CommandLine shell;
    shell.output("baton queue create jobs");
    shell.output("baton queue create lost");
    shell.output("baton topic create order.created --alternate-queue lost");
    shell.output("baton subscription create 'order.#' europe --where region=eu");
    shell.output("baton binding create big order.created jobs --where 'amount>=100' --priority 3");
    CHECK_THAT(shell.output("baton topic publish order.created a b --header region=eu --header amount=250"),
               Contains("2 messages from offset 0 to 2 subscriptions"));
    shell.output("baton topic publish order.created c --header region=us --header amount=7");
    CHECK(shell.output("baton consume 'order.#/europe' -n 2 --wait 20s") == "a\nb\n");
    CHECK(shell.output("baton consume jobs -n 2 --wait 20s") == "a\nb\n");
    CHECK(shell.output("baton consume lost -n 1 --wait 20s") == "c\n");
    CHECK_THAT(shell.output("baton binding list"), Contains("amount>=100"));
    CHECK_THAT(shell.output("baton --output json binding list"), Contains("\"priority\":3"));
    CHECK_THAT(shell.output("baton --output json subscription show 'order.#' europe"), Contains("\"region=eu\""));
    CHECK_THAT(shell.output("baton subscription list 'order.#'"), Contains("order.#/europe"));
    shell.output("baton topic publish order.created d --header region=eu --header amount=1");
    CHECK_THAT(shell.output("baton subscription peek 'order.#' europe"), Contains("d"));
    CHECK_THAT(shell.output("baton doctor"), Contains("all fits"));
    shell.output("baton binding delete big");
    CHECK(shell.run("baton binding delete big").exit_code == 3);
    CHECK(shell.run("baton topic publish 'order.*' x").exit_code == 7);
    CHECK(shell.run("baton subscription create 'order.>.x' s").exit_code == 7);
    CHECK(shell.run("baton subscription create order.created s --where 'amount>=many'").exit_code == 64);
    shell.output("baton topic create quiet");
    CHECK(shell.run("baton topic publish quiet x --refuse-unrouted").exit_code == 5);
}

TEST_CASE("tail shows what is published, and leaves nothing") {
    const CommandLine shell;
    shell.output("baton topic create news.today");
    const std::string heard = shell.output(
        "(baton topic tail 'news.*' --messages 2 & for i in $(seq 1000); do kill -0 $! 2>/dev/null || break; "
        "baton topic publish news.today hello >/dev/null; done; wait) | head -2");
    CHECK_THAT(heard, Contains("news.today"));
    CHECK_THAT(heard, Contains("hello"));
    CHECK_THAT(shell.output("baton topic list news."), Contains(" 0\n"));
}
