#include "tests/integration/cli/command_line.hpp"

#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("a topic and its subscriptions from the shell") {
    const CommandLine shell;
    CHECK_THAT(shell.output("baton topic create order.created --retention 1000/30d"), Contains("order.created"));
    shell.output("baton subscription create order.created mail --attempts 5");
    shell.output("baton subscription create order.created audit --hold");
    shell.output("baton produce order.created a b c");
    CHECK(shell.output("baton consume order.created/mail -n 2 --wait 20s") == "a\nb\n");
    CHECK_THAT(shell.output("baton --output json subscription list order.created"), Contains("\"hold_unacked\":true"));
    CHECK_THAT(shell.output("baton topic list order."), Contains("order.created"));
    CHECK_THAT(shell.output("baton topic show order.created"), Contains("\"messages\":1000"));
    CHECK_THAT(shell.output("baton topic update order.created --interest"), Contains("interest             true"));
    CHECK(shell.output("baton subscription seek order.created mail --to beginning --dry-run") == "2 messages\n");
    CHECK(shell.output("baton subscription seek order.created mail --to 1") == "1 messages\n");
    shell.output("baton subscription pause order.created mail");
    CHECK_THAT(shell.output("baton queue why order.created/mail"), Contains("paused"));
    shell.output("baton subscription resume order.created mail");
    CHECK(shell.output("baton consume order.created/mail -n 2 --wait 20s") == "b\nc\n");
    CHECK(shell.output("baton topic trim order.created 2") == "2 messages go\n");
    CHECK_THAT(shell.output("baton doctor"), Contains("all fits"));
    shell.output("baton subscription delete order.created audit");
    shell.output("baton topic delete order.created");
    CHECK(shell.run("baton topic show order.created").exit_code == 3);
    CHECK(shell.run("baton topic create t --retention soon").exit_code == 64);
    CHECK(shell.run("baton subscription create t s --start yesterday").exit_code == 64);
}
