// How many jobs completed and failed in each minute.
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using Counts = std::vector<std::uint64_t>;

namespace {

constexpr DurationMs minute_ms = 60'000;

/// A queue of profile job in which nothing is tried twice, at the beginning of a minute.
void create_jobs(Broker& broker, QueueSettingsChange settings = {}) {
    settings.max_attempts = 1;
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, std::move(settings), false});
    broker.consume("jobs", 0);
    broker.advance(minute_ms - broker.now() % minute_ms);
}

void complete(Broker& broker, std::size_t count) {
    broker.produce("jobs", std::vector<std::string>(count, "x"));
    for (const auto& one : broker.fetch(static_cast<std::uint32_t>(count))) {
        broker.ack(one);
    }
}

void fail(Broker& broker) {
    broker.produce("jobs", {"x"});
    const auto held = broker.fetch(1);
    REQUIRE(held.size() == 1);
    broker.fail(held.front());
}

JobMetrics metrics_of(Broker& broker, std::uint32_t minutes, std::uint32_t skip = 0) {
    return broker.expect<JobMetrics>(ShowMetrics{"jobs", skip, minutes});
}

}  // namespace

TEST_CASE("jobs are counted in the minute in which they end, and minutes in which none does are told") {
    Broker broker;
    create_jobs(broker);
    CHECK(metrics_of(broker, 3).completed == Counts{0, 0, 0});
    complete(broker, 2);
    fail(broker);
    broker.advance(3 * minute_ms);
    complete(broker, 1);
    broker.advance(minute_ms / 2);
    complete(broker, 3);
    const JobMetrics all = metrics_of(broker, 5);
    CHECK(all.newest_at == broker.now() - minute_ms / 2);
    CHECK(all.completed == Counts{4, 0, 0, 2, 0});
    CHECK(all.failed == Counts{0, 0, 0, 1, 0});
    CHECK(all.completed_total == 6);
    CHECK(all.failed_total == 1);
    const JobMetrics some = metrics_of(broker, 2, 2);
    CHECK(some.newest_at == all.newest_at - 2 * minute_ms);
    CHECK(some.completed == Counts{0, 2});
    CHECK(some.failed == Counts{0, 1});
}

TEST_CASE("what is not tried again counts as failed, also in a dead-letter queue; what expires does not") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings;
    settings.dead_letter_queue = "dead";
    create_jobs(broker, settings);
    fail(broker);
    EntryOptions options;
    options.ttl_ms = 10;
    broker.produce("jobs", {"x"}, options);
    broker.advance(20);
    REQUIRE(broker.show("jobs").totals.dead_lettered == 2);
    CHECK(metrics_of(broker, 1).failed == Counts{1});
    CHECK(metrics_of(broker, 1).failed_total == 1);
}

TEST_CASE("a failure that is tried again counts nowhere") {
    Broker broker;
    create_jobs(broker);
    QueueSettingsChange settings;
    settings.max_attempts = 2;
    broker.update("jobs", settings);
    fail(broker);
    CHECK(metrics_of(broker, 1).failed == Counts{0});
}

TEST_CASE("minutes survive a restart, those that have passed and the one that runs") {
    Broker broker;
    create_jobs(broker);
    complete(broker, 2);
    broker.advance(minute_ms);
    fail(broker);
    broker.advance(minute_ms);
    complete(broker, 5);
    const JobMetrics before = metrics_of(broker, 4);
    CHECK(before.completed == Counts{5, 0, 2, 0});
    broker.restart();
    broker.connect(2);
    broker.consume("jobs", 0);
    const JobMetrics after = metrics_of(broker, 4);
    CHECK(after.completed == before.completed);
    CHECK(after.failed == Counts{0, 1, 0, 0});
    complete(broker, 1);
    CHECK(metrics_of(broker, 4).completed == Counts{6, 0, 2, 0});
    CHECK(metrics_of(broker, 4).completed_total == 8);
    broker.restart();
    broker.connect(3);
    CHECK(metrics_of(broker, 4).completed == Counts{6, 0, 2, 0});
}

TEST_CASE("no more than a day is kept") {
    Broker broker;
    create_jobs(broker);
    complete(broker, 1);
    broker.advance(minute_ms);
    complete(broker, 2);
    broker.advance(1'438 * minute_ms);
    complete(broker, 3);
    CHECK(metrics_of(broker, 1'440).completed.back() == 1);
    CHECK(metrics_of(broker, 1'440, 1'438).completed == Counts{2, 1});
    broker.advance(minute_ms);
    CHECK(metrics_of(broker, 1'440).completed.back() == 2);
    complete(broker, 1);
    const auto& minutes = broker.driver().store().tables().minutes;
    REQUIRE(minutes.size() == 1);
    CHECK(minutes.begin()->second.minutes.size() == 2);
}

TEST_CASE("a passed minute is written once, not with each end") {
    Broker broker;
    create_jobs(broker);
    complete(broker, 3);
    CHECK(broker.driver().store().tables().minutes.empty());
    broker.advance(minute_ms);
    complete(broker, 3);
    REQUIRE(broker.driver().store().tables().minutes.size() == 1);
    CHECK(broker.driver().store().tables().minutes.begin()->second.minutes.size() == 1);
    broker.expect<Done>(DeleteQueue{"jobs"});
    CHECK(broker.driver().store().tables().minutes.empty());
}

TEST_CASE("metrics of a queue of another profile, and of none, are refused") {
    Broker broker;
    broker.create("jobs");
    CHECK(broker.refusal(ShowMetrics{"jobs", 0, 1}) == RefusalCode::wrong_profile);
    CHECK(broker.refusal(ShowMetrics{"none", 0, 1}) == RefusalCode::queue_not_found);
}
