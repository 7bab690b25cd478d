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
    CHECK_THAT(shell.output("baton topic trace order.created 2"),
               Contains("order.created/audit") && Contains("waiting"));
    CHECK_THAT(shell.output("baton --output json topic trace order.created 2"),
               Contains("{\"subscription\":\"order.created/mail\",\"state\":\"done\""));
    CHECK(shell.run("baton topic trace order.created 99").exit_code == 3);
    shell.output("baton subscription create order.created newest --start last");
    CHECK(shell.output("baton consume order.created/newest -n 1") == "c\n");
    CHECK(shell.run("baton topic trim order.created").exit_code == 64);
    CHECK(shell.output("baton topic trim order.created --before 2020-01-01T00:00:00Z") == "0 messages go\n");
    shell.output("baton subscription create 'order.#' all --start last");
    CHECK_THAT(shell.output("baton --output json consume 'order.#/all' -n 1"),
               Contains("\"topic\":\"order.created\",\"topic_offset\":2"));
    shell.output("baton topic update order.created --max-messages 5 --overflow drop-oldest");
    CHECK(shell.run("baton topic update order.created --overflow block").exit_code == 7);
    shell.output("baton topic create customers --compact --tombstone 1h --retention 0/0");
    CHECK_THAT(shell.output("baton topic show customers"),
               Contains("compact              true") && Contains("tombstone_ms         3600000"));
    shell.output("baton produce customers a --group 1");
    shell.output("baton produce customers b --group 1");
    shell.output("baton subscription create customers view --start last-per-key");
    CHECK(shell.output("baton consume customers/view -n 1 --wait 20s") == "b\n");
    CHECK(shell.run("baton subscription create order.created view --start last-per-key").exit_code == 7);
    CHECK_THAT(shell.output("baton topic update customers --no-compact"), Contains("compact              false"));
    shell.output("baton subscription delete order.created audit");
    shell.output("baton topic delete order.created");
    CHECK(shell.run("baton topic show order.created").exit_code == 3);
    CHECK(shell.run("baton topic create t --retention soon").exit_code == 64);
    CHECK(shell.run("baton subscription create t s --start yesterday").exit_code == 64);
}

TEST_CASE("the shell tells when and to whom a message of a topic went") {
    const CommandLine shell;
    CHECK_THAT(shell.output("baton topic create orders --delivery-log"), Contains("delivery_log         true"));
    shell.output("baton subscription create orders mail");
    shell.output("baton topic create quiet");
    shell.output("baton subscription create quiet mail");
    shell.output("baton produce orders a b");
    shell.output("baton produce quiet a");
    CHECK(shell.output("baton consume orders/mail -n 2 --wait 20s") == "a\nb\n");
    CHECK_THAT(shell.output("baton topic trace orders 1 --deliveries"),
               Contains("\norders/mail\n") && Contains("active") && Contains("completed"));
    CHECK_THAT(shell.output("baton --output json topic trace orders 1 --deliveries"),
               Contains("\"type\":\"active\",") && Contains("\"incomplete\":false"));
    CHECK_THAT(shell.output("baton --output json topic trace orders 1"), !Contains("deliveries\":["));
    CHECK_THAT(shell.output("baton --output json topic trace quiet 0 --deliveries"), Contains("\"deliveries\":[]"));
    CHECK_THAT(shell.output("baton topic update orders --no-delivery-log"), Contains("delivery_log         false"));
}
