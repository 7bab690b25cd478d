#include "server/http/metrics.hpp"

#include <catch2/catch.hpp>

namespace baton::http::test {

namespace {
bool has_line(const std::string& page, const std::string& line) {
    return page.find("\n" + line + "\n") != std::string::npos;
}
}  // namespace

TEST_CASE("the page has the engine's numbers, the extra ones and one series a queue") {
    MetricsInput input;
    input.engine.commits = 12;
    input.engine.last_commit_us = 250;
    input.ready = true;
    input.extra.push_back({"baton_connections", "Open connections.", 3, false});
    core::QueueInfo queue;
    queue.name = "orders";
    queue.waiting = 7;
    queue.totals.produced = 99;
    input.queues.push_back(queue);

    const std::string page = render_metrics(input);
    CHECK(has_line(page, "# TYPE baton_commits_total counter"));
    CHECK(has_line(page, "baton_commits_total 12"));
    CHECK(has_line(page, "# TYPE baton_connections gauge"));
    CHECK(has_line(page, "baton_connections 3"));
    CHECK(has_line(page, "baton_ready 1"));
    CHECK(has_line(page, "baton_queue_waiting{queue=\"orders\"} 7"));
    CHECK(has_line(page, "baton_queue_produced_total{queue=\"orders\"} 99"));
}

TEST_CASE("series of queues are bounded, and it is said how many are left out") {
    MetricsInput input;
    input.queues.resize(metric_queues_max + 5);
    for (std::size_t i = 0; i < input.queues.size(); ++i) {
        input.queues[i].name = "q" + std::to_string(i);
    }
    const std::string page = render_metrics(input);
    CHECK(has_line(page, "baton_queues_without_series 5"));
    CHECK(page.find("queue=\"q" + std::to_string(metric_queues_max) + "\"") == std::string::npos);
}

}  // namespace baton::http::test
