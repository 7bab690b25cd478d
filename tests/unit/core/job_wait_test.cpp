// Waiting for the end of one job.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;

namespace {

void create_awaited(Broker& broker, QueueSettingsChange settings = {}) {
    broker.expect<QueueInfo>(CreateQueue{"told", Profile::job, std::move(settings), false});
    broker.consume("told", 0);
}

WaitJob wait_for(Offset offset, DurationMs timeout_ms = 60'000) {
    WaitJob wait;
    wait.queue = "told";
    wait.offset = offset;
    wait.timeout_ms = timeout_ms;
    return wait;
}

}  // namespace

TEST_CASE("a wait is answered by whatever ends the job") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_attempts = 1;
    create_awaited(broker, settings);
    broker.produce("told", {"a", "b", "c", "d"});
    std::vector<std::uint64_t> waits;
    for (Offset offset = 0; offset < 4; ++offset) {
        waits.push_back(broker.tell(wait_for(offset)));
    }
    const auto held = broker.fetch(2);
    broker.settle_ok(held[0], Ack{std::make_shared<const JobResult>(JobResult{"text/plain", "42"})});
    const JobEnded done = broker.answered<JobEnded>(waits[0]);
    CHECK(done.outcome == JobOutcome::completed);
    CHECK(done.result->value == "42");
    broker.fail(held[1], "no luck");
    CHECK(broker.answered<JobEnded>(waits[1]).outcome == JobOutcome::failed);
    CHECK(broker.answered<JobEnded>(waits[1]).text == "no luck");
    broker.expect<JobsRemoved>(RemoveJobs{"told", {2}});
    CHECK(broker.answered<JobEnded>(waits[2]).outcome == JobOutcome::removed);
    broker.expect<Counted>(PurgeQueue{"told", false});
    CHECK(broker.answered<JobEnded>(waits[3]).outcome == JobOutcome::removed);
    CHECK(broker.answered<JobEnded>(waits[3]).text == "purged");
}

TEST_CASE("a wait for what is over is answered from what is kept") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_attempts = 1;
    create_awaited(broker, settings);
    broker.produce("told", {"a", "b", "c"});
    const auto held = broker.fetch(3);
    broker.settle_ok(held[0], Ack{std::make_shared<const JobResult>(JobResult{"", "r"})});
    broker.fail(held[1], "bad");
    broker.ack(held[2]);
    broker.expect<JobsRemoved>(RemoveJobs{"told", {2}});
    CHECK(broker.expect<JobEnded>(wait_for(0)).result->value == "r");
    CHECK(broker.expect<JobEnded>(wait_for(1)).text == "bad");
    CHECK(broker.expect<JobEnded>(wait_for(2)).outcome == JobOutcome::gone);
    CHECK(broker.refusal(wait_for(3)) == RefusalCode::message_not_found);
}

TEST_CASE("a wait ends at its time, with its request, and with its connection") {
    Broker broker;
    create_awaited(broker);
    broker.produce("told", {"a"});
    CHECK(broker.expect<JobEnded>(wait_for(0, 0)).outcome == JobOutcome::timeout);
    const auto first = broker.tell(wait_for(0, 1'000));
    broker.advance(999);
    CHECK(broker.reply_to(first) == nullptr);
    broker.advance(1);
    CHECK(broker.answered<JobEnded>(first).outcome == JobOutcome::timeout);
    const auto second = broker.tell(wait_for(0));
    broker.expect<Done>(CancelRequest{RequestId{second}});
    CHECK(broker.answered<JobEnded>(second).outcome == JobOutcome::timeout);
    broker.connect(2);
    const auto third = broker.tell(wait_for(0));
    broker.lose(2);
    broker.use(1);
    broker.ack(broker.fetch(1).front());
    CHECK(broker.reply_to(third) == nullptr);
}

TEST_CASE("waits are bounded by connection, and refused where nothing is kept") {
    Broker broker;
    broker.create("plain");
    broker.produce("plain", {"a"});
    WaitJob wait = wait_for(0);
    wait.queue = "plain";
    CHECK(broker.refusal(wait) == RefusalCode::results_not_kept);
    create_awaited(broker);
    broker.produce("told", {"a"});
    wait = wait_for(0);
    wait.timeout_ms = limits::job_wait_ms_max + 1;
    CHECK(broker.expect<Refusal>(wait).field == "wait_job.timeout_ms");
    for (std::uint32_t i = 0; i < limits::waits_per_connection_max; ++i) {
        broker.tell(wait_for(0));
    }
    CHECK(broker.refusal(wait_for(0)) == RefusalCode::too_many_requests);
    const auto deleted = broker.tell(DeleteQueue{"told"});
    CHECK(std::holds_alternative<Done>(*broker.reply_to(deleted)));
    broker.expect<QueueInfo>(CreateQueue{"told", Profile::job, {}, false});
    broker.produce("told", {"a"});
    broker.tell(wait_for(0));
}

TEST_CASE("who waits for a job hears that another has taken its place") {
    Broker broker;
    create_awaited(broker);
    EntryOptions options;
    options.delay_ms = 30'000;
    options.dedup = Dedup{"key", DedupMode::debounce, 0, false, false};
    broker.produce("told", {"old"}, options);
    const std::uint64_t wait = broker.tell(wait_for(0));
    broker.produce("told", {"new"}, options);
    CHECK(broker.answered<JobEnded>(wait).outcome == JobOutcome::removed);
    CHECK(broker.answered<JobEnded>(wait).text == "replaced");
}
