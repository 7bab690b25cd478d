#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("arguments become messages, with name and headers") {
    const CommandLine shell;
    shell.output("baton queue create q");
    CHECK(shell.output("baton produce q hello") == "1-0\n");
    CHECK(shell.output("baton produce q one two --name greeting --header k=v --header empty= --batch 1") ==
          "2 messages produced, stored as 1-1 to 1-2\n");
    const auto said = shell.objects("baton --output json produce q three four --priority 1").at(0);
    CHECK(boost::json::serialize(said.at("stored")) == R"([{"first":"1-3","last":"1-4"}])");
    const auto messages = shell.objects("baton --output json peek q");
    REQUIRE(messages.size() == 3);
    CHECK(messages[0].at("payload") == "hello");
    CHECK(messages[2].at("name") == "greeting");
    CHECK(messages[2].at("headers").as_object().at("k") == "v");
    CHECK(messages[2].at("headers").as_object().at("empty") == "");
    CHECK(shell.queue("q").at("waiting") == 3);
    CHECK(shell.queue("q").at("prioritized") == 2);
}

TEST_CASE("files and standard input are cut as asked") {
    const CommandLine shell;
    shell.output("baton queue create q");
    shell.output("printf 'a\\nb\\n' > " + shell.path("lines") + " && baton produce q --file " + shell.path("lines"));
    shell.output("printf 'c\\nd\\0e' | baton produce q --file - --split nul");
    shell.output("printf 'f: 1\\ng: 2\\n\\n\\nh: 3\\n' | baton produce q --split blank-line");
    shell.output("printf 'i\\n\\nj' | baton produce q --split none");
    const std::string all("a\0b\0c\nd\0e\0f: 1\ng: 2\0h: 3\0i\n\nj\0", 30);
    CHECK(shell.output("baton consume q -n 7 --wait 20s --print0") == all);
}

TEST_CASE("a file of many batches arrives whole and in order") {
    const CommandLine shell;
    shell.output("baton queue create q");
    shell.output("seq 1 200000 > " + shell.path("in") + " && baton produce q --file " + shell.path("in"));
    CHECK(shell.queue("q").at("waiting") == 200'000);
    shell.output("baton consume q -n 200000 --wait 20s > " + shell.path("out") + " && cmp " + shell.path("in") + " " +
                 shell.path("out"));
    CHECK(shell.queue("q").at("acked_total") == 200'000);
}

TEST_CASE("a message next to a full batch goes out by itself") {
    const CommandLine shell;
    shell.output("baton queue create q --max-message-size 16M");
    shell.output("{ head -c 1000000 /dev/zero; echo; head -c 15900000 /dev/zero; } | tr '\\0' x | baton produce q");
    CHECK(shell.queue("q").at("waiting") == 2);
}

TEST_CASE("what is too large is refused, and nothing of it is stored") {
    const CommandLine shell;
    shell.output("baton queue create q --max-message-size 100");
    CHECK(shell.run("head -c 101 /dev/zero | baton produce q --split none").exit_code == 7);
    const auto endless = shell.run("baton produce q --file /dev/zero");
    CHECK(endless.exit_code == 7);
    CHECK_THAT(endless.output, Contains("larger"));
    CHECK(shell.queue("q").at("waiting") == 0);
}

TEST_CASE("delays and due times hold messages back") {
    const CommandLine shell;
    shell.output("baton queue create q");
    shell.output("baton produce q later --delay 1h && baton produce q due --due 2099-01-01T00:00:00Z");
    shell.output("baton produce q soon --delay 300ms");
    CHECK(shell.output("baton consume q -n 1 --wait 10s") == "soon\n");
    const auto delayed = shell.objects("baton --output json peek q --state delayed");
    REQUIRE(delayed.size() == 2);
    CHECK(delayed[1].at("at") == "2099-01-01T00:00:00.000Z");
}

TEST_CASE("a full queue refuses") {
    const CommandLine shell;
    shell.output("baton queue create q --max-messages 2 && baton produce q a b");
    CHECK(shell.run("baton produce q c").exit_code == 5);
}
