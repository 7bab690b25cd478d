#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("a schedule is made, shown, listed, paused, run and removed") {
    const CommandLine shell;
    shell.output("baton queue create reports");
    const std::string upsert =
        "baton schedule upsert nightly reports '{}' --cron '30 2 * * *' --zone Europe/Berlin --overlap replace "
        "--priority 7 --lifo";
    shell.output(upsert);
    CHECK_THAT(shell.output(upsert), Contains("generation 1"));
    CHECK_THAT(shell.output(upsert + " --missed run-all --missed-max 3"), Contains("generation 2"));
    CHECK(shell.run(upsert + " --if-generation 1").exit_code == 4);
    const auto shown = shell.objects("baton --output json schedule show nightly").at(0);
    CHECK(shown.at("cron") == "30 2 * * *");
    CHECK(shown.at("zone") == "Europe/Berlin");
    CHECK(shown.at("overlap") == "replace");
    CHECK(shown.at("missed") == "run-all");
    CHECK(shown.at("queue") == "reports");
    CHECK(shown.at("priority") == 7);
    CHECK(shown.at("lifo") == true);
    CHECK_THAT(shell.output("baton schedule list"), Contains("nightly") && Contains("reports"));

    CHECK_THAT(shell.output("baton schedule pause nightly"), Contains("paused"));
    CHECK(shell.objects("baton --output json schedule list night").at(0).at("paused") == true);
    shell.output("baton schedule run nightly");
    CHECK(shell.queue("reports").at("prioritized") == 1);
    const auto message = shell.objects("baton --output json consume reports -n 1 --wait 20s").at(0);
    CHECK(message.at("scheduled").at("schedule") == "nightly");
    CHECK_THAT(shell.output("baton schedule resume nightly"), !Contains("paused"));
    shell.output("baton schedule delete nightly");
    CHECK(shell.run("baton schedule show nightly").exit_code == 3);
}

TEST_CASE("the next firings of a pattern are shown in its time zone") {
    const CommandLine shell;
    const auto firings = shell.objects(
        "baton --output json schedule preview --cron '30 2 * * *' --zone Europe/Berlin --start 2031-03-29T00:00:00Z -n "
        "3");
    REQUIRE(firings.size() == 3);
    CHECK(firings[0].at("local") == "2031-03-29T02:30:00 +01:00");
    CHECK(firings[1].at("local") == "2031-03-30T03:30:00 +02:00");
    CHECK(firings[2].at("local") == "2031-03-31T02:30:00 +02:00");
    CHECK(firings[1].at("at") == "2031-03-30T01:30:00.000Z");
    CHECK_THAT(shell.output("baton schedule preview --every 1h -n 2"), Contains("+00:00"));
}

TEST_CASE("a schedule that cannot be is refused by its field") {
    const CommandLine shell;
    shell.output("baton queue create q");
    const std::pair<const char*, const char*> cases[] = {
        {"upsert s q --cron '61 * * * *'", "schedule.cron"},
        {"upsert s q --cron '@daily' --zone Mars/Olympus", "schedule.zone"},
        {"upsert s q --every 1ms", "schedule.every_ms"},
        {"upsert s q", "schedule.cron"},
        {"upsert s nowhere --every 1m", "schedule.queue"},
        {"preview --cron '0 0 31 2 *'", "schedule.cron"},
    };
    for (const auto& [line, field] : cases) {
        CAPTURE(line);
        const auto result = shell.run(std::string("baton schedule ") + line);
        CHECK((result.exit_code == 7 || result.exit_code == 3));
        CHECK_THAT(result.output, Contains(field));
    }
    CHECK(shell.run("baton schedule upsert s q --every 1m --cron '@daily'").exit_code == 64);
    CHECK(shell.run("baton schedule upsert s q --every 1m --overlap sometimes").exit_code == 64);
    CHECK(shell.run("baton schedule upsert s q --every 1m --priority 2097152").exit_code == 64);
}
