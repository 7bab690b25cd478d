#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <chrono>

using baton::tests::CommandLine;

TEST_CASE("consume ends after so many messages and takes no more than those") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q a b c d");
    CHECK(shell.output("baton consume q -n 3 --wait 20s") == "a\nb\nc\n");
    CHECK(shell.queue("q").at("acked_total") == 3);
    const auto left = shell.objects("baton --output json peek q").at(0);
    CHECK(left.at("payload") == "d");
    CHECK(left.at("deliveries") == 0);
}

TEST_CASE("consume ends when nothing came for as long as was asked for") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q a");
    const auto began = std::chrono::steady_clock::now();
    CHECK(shell.output("baton consume q --wait 5s") == "a\n");
    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::seconds(5));
}

TEST_CASE("fewer messages than asked for end with a code of their own, and are acked") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q a b");
    const auto fewer = shell.run("baton consume q -n 3 --wait 5s 2>/dev/null");
    CHECK(fewer.output == "a\nb\n");
    CHECK(fewer.exit_code == 6);
    CHECK(shell.queue("q").at("acked_total") == 2);
    CHECK(shell.run("baton consume q -n 1 --wait 0s --exec cat").exit_code == 6);
    CHECK(shell.run("baton consume q --wait 0s").exit_code == 0);
}

TEST_CASE("JSON has text or base64, headers, counters and times") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q text --name n --header k=v");
    shell.output("printf '\\377' | baton produce q --split none");
    for (const char* line : {"baton --output json peek q", "baton consume q --format json -n 2 --wait 20s"}) {
        const auto messages = shell.objects(line);
        REQUIRE(messages.size() == 2);
        CHECK(messages[0].at("payload") == "text");
        CHECK(messages[0].at("id") == "1-0");
        CHECK(messages[0].at("name") == "n");
        CHECK(messages[0].at("headers").as_object().at("k") == "v");
        CHECK(messages[0].at("failures") == 0);
        CHECK(messages[0].at("lease_losses") == 0);
        CHECK(messages[0].contains("deliveries"));
        CHECK(messages[0].at("stored_at").as_string().ends_with("Z"));
        CHECK(messages[1].at("payload_base64") == "/w==");
        CHECK_FALSE(messages[1].contains("payload"));
    }
}

TEST_CASE("two consumers share a queue and lose nothing") {
    const CommandLine shell;
    shell.output("baton queue create q && seq 1 5000 | baton produce q");
    const std::string out = shell.path("out");
    const std::string both = out + ".1 " + out + ".2";
    const auto follow = [&](const std::string& part) {
        return BATON_PATH " consume q --follow > " + out + part + " & ";
    };
    shell.output(": > " + out + ".1; : > " + out + ".2; " + follow(".1") + "one=$!; " + follow(".2") + "other=$!\n" +
                 "until [ \"$(cat " + both + " | wc -l)\" -ge 5000 ]; do sleep 0.05; done\n" +
                 "kill -TERM $one $other; wait $one && wait $other");
    shell.output("seq 1 5000 > " + out + "; sort -n " + both + " | cmp - " + out);
}

TEST_CASE("a reader that goes away loses nothing") {
    const CommandLine shell;
    shell.output("baton queue create q && seq 1 20000 | baton produce q");
    shell.output("baton consume q --wait 20s | head -n 1 > " + shell.path("first"));
    const auto queue = shell.queue("q");
    // What was in the pipe when its reader left may have been acked; what could not be written may not.
    CHECK(queue.at("acked_total").to_number<int>() < 20'000);
    CHECK(queue.at("acked_total").to_number<int>() + queue.at("waiting").to_number<int>() == 20'000);
    CHECK(shell.run("baton consume q --wait 20s > /dev/full").exit_code == 66);
    CHECK(shell.queue("q").at("acked_total") == queue.at("acked_total"));
}

TEST_CASE("following ends with a signal, and what was printed is acked") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q a b");
    const std::string out = shell.path("out");
    CHECK(shell.output(": > " + out + "; " BATON_PATH " consume q --follow >> " + out + " & pid=$!\n" +
                       "until [ \"$(wc -l < " + out + ")\" = 2 ]; do sleep 0.05; done\n" +
                       "baton produce q c; until [ \"$(wc -l < " + out + ")\" = 3 ]; do sleep 0.05; done\n" +
                       "kill -TERM $pid; wait $pid; echo ended with $?") == "1-2\nended with 0\n");
    const auto queue = shell.queue("q");
    CHECK(queue.at("acked_total") == 3);
    CHECK(queue.at("consumers") == 0);
}
