// What handlers say of their jobs, on the command line.
#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::tests::CommandLine;
using Catch::Contains;
using namespace std::chrono_literals;

TEST_CASE("the log of a job is printed, and show tells its progress") {
    CommandLine shell;
    shell.output("baton queue create q --profile job && baton produce q a");
    baton::Client client = shell.daemon().connect();
    baton::Consumer consumer(client, "q", {.credit_messages = 0});
    const baton::Received job(consumer.fetch(1, 10s));
    job.set_progress("3 of 4");
    job.append_log({"one", "two", "three"});
    CHECK_THAT(shell.output("baton job show q 0"), Contains("progress 3 of 4") && Contains("log of 3 lines"));
    const auto shown = shell.objects("baton --output json job show q 0").at(0);
    CHECK(shown.at("progress") == "3 of 4");
    CHECK(shown.at("log_lines") == 3);
    CHECK_THAT(shell.output("baton job logs q 0"), Contains("one") && Contains("three"));
    const auto newest = shell.objects("baton --output json job logs q 0 --newest-first -n 2");
    REQUIRE(newest.size() == 2);
    CHECK(newest.at(0).at("text") == "three");
    CHECK(newest.at(1).at("line") == 2);
    CHECK(shell.run("baton job logs q 7").exit_code == 3);
    CHECK(shell.run("baton job logs q 0 -n 0").exit_code == 64);
}
