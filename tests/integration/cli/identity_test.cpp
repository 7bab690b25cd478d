#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("a message with the id of another is not stored, and is found by its id") {
    const CommandLine shell;
    shell.output("baton queue create q --id-memory 1h");
    CHECK(shell.output("baton produce q one --id order-7") == "1-0\n");
    CHECK_THAT(shell.output("baton produce q two --id order-7"), Contains("1-0 duplicate"));
    const auto said = shell.objects("baton --output json produce q three four --id order-7").at(0);
    CHECK(said.at("messages") == 2);
    CHECK(said.at("duplicates") == 2);
    const auto shown = shell.objects("baton --output json job show q --id order-7").at(0);
    CHECK(shown.at("payload") == "one");
    CHECK(shown.at("own_id") == "order-7");
    CHECK(shown.at("state") == "waiting");
    CHECK(shell.run("baton job show q --id order-8").exit_code == 3);
    CHECK(shell.run("baton job show q").exit_code == 64);
    CHECK(shell.output("baton consume q -n 1 --wait 20s") == "one\n");
    CHECK_THAT(shell.output("baton produce q five --id order-7"), Contains("duplicate"));
    shell.output("baton produce q six --id order-8 --delay 1h");
    shell.output("baton job promote q --id order-8 && baton job priority q --id order-8 --to 4");
    CHECK(shell.objects("baton --output json job remove q --id order-8").at(0).at("messages") == 1);
    CHECK(shell.run("baton job remove q --id order-8").exit_code == 3);
    for (const char* command :
         {"produce q x", "produce q x --dedup-id", "job show q", "job why q", "job remove q", "job promote q",
          "job priority q --to 4", "job wait q", "job cancel q", "job logs q", "job retry q", "failed retry q"}) {
        INFO(command);
        const bool dedup = std::string(command).ends_with("--dedup-id");
        CHECK(shell.run(std::string("baton ") + command + (dedup ? " ''" : " --id ''")).exit_code == 64);
    }
    CHECK(shell.run("baton job retry q --id order-7 --all failed").exit_code == 64);
    CHECK(shell.run("baton produce q x --id " + std::string(257, 'x')).exit_code == 7);
}

TEST_CASE("a job is waited for, read about, put back and given up by its own id") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job && baton produce q before && baton produce q one --id order-7");
    CHECK(shell.run("baton job wait q --id order-7 --timeout 0").exit_code == 6);
    CHECK(shell.output("baton job logs q --id order-7").empty());
    shell.output("baton consume q -n 2 --wait 20s");
    const auto end = shell.objects("baton --output json job wait q --id order-7").at(0);
    CHECK(end.at("outcome") == "completed");
    CHECK(end.at("offset") == 1);
    CHECK(shell.objects("baton --output json job retry q --id order-7 --id none").at(0).at("messages") == 1);
    CHECK(shell.run("baton failed retry q --id order-7").exit_code == 3);
    shell.output("baton produce q late --id order-8 --delay 1h");
    CHECK(shell.objects("baton --output json job cancel q --id order-8").at(0).at("cancelled") == 1);
    const auto again = shell.run("baton job cancel q --id order-8");
    CHECK(again.exit_code == 3);
    CHECK_THAT(again.output, Contains("order-8: the queue has no message with this id"));
    for (const char* command : {"wait", "logs", "cancel", "retry"}) {
        INFO(command);
        CHECK(shell.run(std::string("baton job ") + command + " q --id order-9").exit_code == 3);
        CHECK(shell.run(std::string("baton job ") + command + " q").exit_code == 64);
    }
    CHECK(shell.run("baton job wait q 1 --id order-7").exit_code == 64);
    CHECK(shell.run("baton job logs q 1 --id order-7").exit_code == 64);
}

TEST_CASE("deduplication: ignored, replaced, shown and cleared") {
    const CommandLine shell;
    shell.output("baton queue create q");
    shell.output("baton produce q 1 --dedup-id page-7");
    CHECK_THAT(shell.output("baton produce q 2 --dedup-id page-7"), Contains("1-0 duplicate"));
    CHECK_THAT(shell.output("baton produce q 3 --dedup-id page-7 --dedup-replace"), Contains("1-1 replaced 1-0"));
    const auto shown = shell.objects("baton --output json dedup show q page-7").at(0);
    CHECK(shown.at("holder") == "1-1");
    CHECK(shown.at("state") == "waiting");
    CHECK(shell.run("baton dedup clear q page-7 --if-holder 0").exit_code == 4);
    shell.output("baton dedup clear q page-7");
    CHECK(shell.run("baton dedup show q page-7").exit_code == 3);
    shell.output("baton produce q 4 --dedup-id page-8 --dedup-mode throttle --dedup-ttl 1h");
    CHECK(shell.output("baton consume q -n 2 --wait 20s") == "3\n4\n");
    CHECK(shell.objects("baton --output json dedup show q page-8").at(0).at("state") == "gone");
    CHECK(shell.run("baton produce q x --dedup-id a --dedup-mode throttle").exit_code == 7);
    CHECK(shell.run("baton produce q x --dedup-mode throttle").exit_code == 64);
    CHECK(shell.objects("baton --output json dedup clear q page-8").at(0).at("cleared") == true);
    for (const auto& [option, line] :
         std::vector<std::pair<std::string, std::string>>{{"--dedup-ttl", "--dedup-ttl 5s"},
                                                          {"--dedup-ttl", "--dedup-mode keep-last --dedup-ttl 5s"},
                                                          {"--dedup-ttl", "--dedup-mode debounce --dedup-ttl 0s"},
                                                          {"--dedup-extend", "--dedup-extend"},
                                                          {"--dedup-extend", "--dedup-mode keep-last --dedup-extend"},
                                                          {"--dedup-extend", "--dedup-mode debounce --dedup-extend"}}) {
        INFO(line);
        const auto said = shell.run("baton produce q x --dedup-id a " + line);
        CHECK(said.exit_code == 64);
        CHECK_THAT(said.output, Contains(option));
    }
}
