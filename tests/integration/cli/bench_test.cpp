#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <string>

using baton::tests::CommandLine;

namespace {

void check_report(const boost::json::object& report, std::int64_t messages) {
    CHECK(report.at("messages").to_number<std::int64_t>() == messages);
    CHECK(report.at("size") == 100);
    CHECK(report.at("seconds").to_number<double>() > 0);
    CHECK(report.at("messages_per_second").to_number<double>() > 0);
    CHECK(report.at("server_cpu_seconds_per_million").to_number<double>() > 0);
    CHECK(report.at("server_rss_bytes").to_number<std::int64_t>() > 1'000'000);
}

}  // namespace

TEST_CASE("each workload reports what it measured and removes its queues") {
    const CommandLine shell;
    const std::string bench = "baton --output json bench ";
    for (const char* workload : {"produce", "drain", "backlog", "many-queues --queues 20 --batch 10"}) {
        INFO(workload);
        check_report(shell.objects(bench + workload + " --messages 20000").at(0), 20'000);
    }
    for (const char* workload : {"sync-produce --connections 4", "latency --rate 1000"}) {
        INFO(workload);
        const auto report = shell.objects(bench + workload + " --messages 400").at(0);
        check_report(report, 400);
        CHECK(report.at("p50_us").to_number<int>() > 0);
        CHECK(report.at("p99_us").to_number<int>() >= report.at("p50_us").to_number<int>());
        CHECK(report.at("p999_us").to_number<int>() >= report.at("p99_us").to_number<int>());
    }
    const auto flow = shell.objects(bench + "end-to-end --seconds 1").at(0);
    CHECK(flow.at("messages").to_number<int>() > 0);
    CHECK(shell.output("baton --output json queue list").empty());
}

TEST_CASE("jobs of every mix are worked off, never before they are due") {
    const CommandLine shell;
    const std::string bench = "baton --output json bench jobs --messages 2000 --concurrency 4 --due-after 0.5 ";
    for (const char* mix : {"", "--mix priority,result", "--mix delay --due-within 0.5", "--mix group --groups 50"}) {
        INFO(mix);
        const auto report = shell.objects(bench + mix).at(0);
        check_report(report, 2'000);
        CHECK(report.at("produced_per_second").to_number<double>() > 0);
        CHECK(report.at("early").to_number<double>() == 0);
        CHECK(report.contains("p99_us") == (std::string(mix).find("delay") != std::string::npos));
    }
    CHECK(shell.run("baton bench jobs --size 7").exit_code == 64);
    CHECK(shell.run("baton bench jobs --mix coffee").exit_code == 64);
    CHECK(shell.run("baton bench jobs --mix delay --due-after -1").exit_code == 64);
    CHECK(shell.run("baton bench jobs --mix delay --due-within -1").exit_code == 64);
    CHECK(shell.output("baton --output json queue list").empty());
}

TEST_CASE("messages that do not divide by the connections are all sent") {
    const CommandLine shell;
    for (const int messages : {3, 10}) {
        const auto report = shell.objects("baton --output json bench sync-produce --connections 8 --messages " +
                                          std::to_string(messages));
        CHECK(report.at(0).at("messages") == messages);
    }
}

TEST_CASE("a bench keeps its queue when asked, and drains the one that is named") {
    const CommandLine shell;
    shell.output("baton bench backlog --messages 5000 --queue kept --keep");
    CHECK(shell.queue("kept").at("waiting") == 5'000);
    CHECK(shell.objects("baton --output json bench drain --queue kept").at(0).at("messages") == 5'000);
    CHECK(shell.queue("kept").at("waiting") == 0);
}

TEST_CASE("the storage engine's own speed is measured beside it") {
    const CommandLine shell;
    const auto report =
        shell.objects("baton --output json bench raw --messages 20000 --raw-dir " + shell.path("raw")).at(0);
    check_report(report, 20'000);
}
