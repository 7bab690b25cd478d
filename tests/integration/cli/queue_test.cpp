#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("ping tells who answers") {
    const CommandLine shell;
    CHECK_THAT(shell.output("baton ping"), Contains("ready"));
    const auto status = shell.objects("baton --output json ping").at(0);
    CHECK(status.at("state") == "ready");
    CHECK(status.at("server").as_string() == shell.output("printf %s \"$BATON_SERVER\""));
}

TEST_CASE("a queue is made, changed, listed, paused and removed") {
    const CommandLine shell;
    const std::string create = "baton queue create emails --attempts 5 --lease 10s --backoff list:1s,5s,1m";
    shell.output(create);
    shell.output(create);
    CHECK(shell.run("baton queue create emails --attempts 6").exit_code == 4);
    shell.output("baton queue create emails --attempts 6 --lease 10s --update");
    shell.output("baton queue update emails --lease 2m --max-message-size 64K");
    auto queue = shell.queue("emails");
    const auto settings = queue.at("settings").as_object();
    CHECK(settings.at("max_attempts") == 6);
    CHECK(settings.at("lease_ms") == 120'000);
    CHECK(settings.at("max_message_bytes") == 65'536);

    shell.output("baton queue create other --profile job");
    CHECK(shell.objects("baton --output json queue list").size() == 2);
    CHECK(shell.objects("baton --output json queue list em").at(0).at("name") == "emails");
    CHECK_THAT(shell.output("baton queue list"), Contains("QUEUE") && Contains("other"));

    shell.output("baton queue pause emails");
    shell.output("baton produce emails kept");
    CHECK(shell.output("baton consume emails --wait 100ms").empty());
    shell.output("baton queue resume emails");
    CHECK(shell.output("baton consume emails -n 1 --wait 20s") == "kept\n");

    shell.output("baton queue delete emails");
    CHECK(shell.run("baton queue show emails").exit_code == 3);
}

TEST_CASE("limits are set, shown and ended") {
    const CommandLine shell;
    shell.output(
        "baton queue create calls --rate 2/1h --burst 1 --max-in-flight 5 --overflow block --block-timeout 3s");
    const auto settings = shell.queue("calls").at("settings").as_object();
    CHECK(settings.at("rate_limit").at("permits") == 2);
    CHECK(settings.at("rate_limit").at("per_ms") == 3'600'000);
    CHECK(settings.at("rate_limit").at("burst") == 1);
    CHECK(settings.at("max_in_flight") == 5);
    CHECK(settings.at("overflow") == "block");
    CHECK(settings.at("block_timeout_ms") == 3'000);
    shell.output("baton produce calls a b");
    CHECK(shell.output("baton consume calls --wait 5s") == "a\n");
    CHECK(shell.queue("calls").at("hold") == "rate");
    CHECK(shell.queue("calls").at("held_until").is_string());
    shell.output("baton queue update calls --rate off");
    CHECK(shell.output("baton consume calls -n 1 --wait 20s") == "b\n");
    CHECK(shell.queue("calls").at("hold") == "none");

    shell.output("baton queue penalise calls 30s");
    CHECK(shell.queue("calls").at("hold") == "penalty");
    shell.output("baton queue penalise calls 0");
    shell.output("baton queue pause calls --for 10m");
    CHECK(shell.queue("calls").at("hold") == "paused_until");
    CHECK_THAT(shell.output("baton queue list"), Contains("paused_until"));
    shell.output("baton queue resume calls");
    shell.output("baton queue pause calls --until 2999-01-01T00:00:00Z");
    CHECK(shell.queue("calls").at("held_until") == "2999-01-01T00:00:00.000Z");
    shell.output("baton queue resume calls");
    CHECK(shell.queue("calls").at("hold") == "none");
    CHECK(shell.run("baton queue update calls --rate 5").exit_code == 64);
    CHECK(shell.run("baton queue update calls --rate 0/1s").exit_code == 7);
    CHECK(shell.run("baton queue penalise nothing 1s").exit_code == 3);
    CHECK(shell.run("baton clock advance 1h").exit_code == 4);
    CHECK_THAT(shell.output("baton clock show"), Contains("real"));
}

TEST_CASE("purge removes what waits") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q a b c && baton produce q d --delay 1h");
    CHECK(shell.queue("q").at("delayed") == 1);
    CHECK(shell.objects("baton --output json queue purge q").at(0).at("messages") == 4);
    CHECK(shell.queue("q").at("waiting") == 0);
    CHECK(shell.queue("q").at("delayed") == 0);
}

TEST_CASE("namespaces keep queues of the same name apart") {
    const CommandLine shell;
    shell.output("baton queue create q");
    const auto result = shell.run("baton --namespace other queue show q");
    CHECK(result.exit_code != 0);
    CHECK_THAT(result.output, Contains("baton: "));
}

TEST_CASE("a backup goes into a new directory, once") {
    const CommandLine shell;
    shell.output("baton queue create q && baton produce q a");
    const std::string line = "baton --output json backup " + shell.path("copy");
    CHECK_FALSE(shell.objects(line).at(0).at("digest").as_string().empty());
    CHECK(shell.run(line).exit_code == 1);
}
