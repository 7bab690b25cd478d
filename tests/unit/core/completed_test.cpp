// Completed messages: kept with their results, listed, retried, and taken out when there are too many.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

#include <algorithm>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

QueueSettingsChange keeping(std::uint64_t messages) {
    QueueSettingsChange settings;
    settings.completed_retention.messages = messages;
    settings.failed_retention.messages = messages;
    return settings;
}

void create_job_queue(Broker& broker, QueueSettingsChange settings = {}) {
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, std::move(settings), false});
}

Ack with_result(const std::string& value) {
    return Ack{std::make_shared<const JobResult>(JobResult{"text/plain", value})};
}

StoredMessage shown_job(Broker& broker, Offset offset) {
    const auto list = broker.expect<MessageList>(ShowJob{"jobs", offset});
    REQUIRE(list.messages.size() == 1);
    return list.messages.front();
}

std::vector<Offset> completed_offsets(Broker& broker) {
    std::vector<Offset> offsets;
    for (const StoredMessage& one : broker.peek("jobs", MessageState::completed, 1'000).messages) {
        offsets.push_back(one.offset);
    }
    return offsets;
}

/// Produces and completes `count` messages, one commit each.
void complete(Broker& broker, int count) {
    for (int i = 0; i < count; ++i) {
        broker.produce("jobs", {"job"});
        broker.settle_ok(broker.fetch(1).front(), with_result("done"));
    }
}

}  // namespace

TEST_CASE("a completed job tells its result, its worker and its times, also after a restart") {
    Broker broker;
    create_job_queue(broker);
    broker.produce("jobs", {"a", "b"});
    broker.consume("jobs", 0);
    const auto held = broker.fetch(2);
    const TimeMs started = broker.now();
    broker.advance(1'234);
    broker.settle_ok(held[0], with_result("42"));
    const auto check = [&] {
        const StoredMessage job = shown_job(broker, held[0].offset);
        CHECK(job.state == MessageState::completed);
        CHECK(tests::payload_of(job.body, 0) == "a");
        CHECK(job.counters == Counters{1, 0, 0});
        CHECK(job.at == started + 1'234);
        REQUIRE(job.completion);
        CHECK(job.completion->started_at == started);
        CHECK(job.completion->worker == "worker-1");
        REQUIRE(job.completion->result);
        CHECK(*job.completion->result == JobResult{"text/plain", "42"});
    };
    check();
    CHECK(broker.show("jobs").completed == 1);
    broker.restart();
    broker.connect(2);
    check();
    CHECK(broker.show("jobs").completed == 1);
}

TEST_CASE("a queue of profile message keeps nothing of what is acked, and takes a result all the same") {
    Broker broker;
    broker.create("plain");
    broker.produce("plain", {"a"});
    broker.consume("plain", 0);
    const Delivered one = broker.fetch(1).front();
    broker.settle_ok(one, with_result("42"));
    CHECK(broker.show("plain").completed == 0);
    CHECK(broker.refusal(ShowJob{"plain", one.offset}) == RefusalCode::message_not_found);
}

TEST_CASE("completed jobs are listed from the newest on, page by page") {
    Broker broker;
    create_job_queue(broker);
    broker.consume("jobs", 0);
    broker.produce("jobs", {"0", "1", "2", "3", "4", "5", "6"});
    const auto held = broker.fetch(7);
    for (const std::size_t i : {2U, 0U, 1U, 6U}) {
        broker.ack(held[i]);
    }
    Settle rest;
    rest.settlements.push_back({held[3].token, {{3, 3}}, Ack{}});
    broker.expect<Settled>(rest);
    CHECK(completed_offsets(broker) == std::vector<Offset>{5, 4, 3, 6, 1, 0, 2});

    std::vector<Offset> paged;
    Peek page;
    page.queue = "jobs";
    page.state = MessageState::completed;
    page.limit = 2;
    for (bool more = true; more;) {
        const auto list = broker.expect<MessageList>(page);
        CHECK(list.messages.size() <= 2);
        for (const StoredMessage& one : list.messages) {
            paged.push_back(one.offset);
        }
        more = list.more;
        page.from_at = list.next_at;
        page.from_offset = list.next_offset;
    }
    CHECK(paged == completed_offsets(broker));
}

TEST_CASE("only the newest completed jobs stay, as many as the queue keeps") {
    Broker broker;
    create_job_queue(broker, keeping(3));
    broker.consume("jobs", 0);
    complete(broker, 10);
    broker.advance(limits::retention_every_ms);
    CHECK(completed_offsets(broker) == std::vector<Offset>{9, 8, 7});
    CHECK(broker.show("jobs").completed == 3);
    CHECK(broker.show("jobs").totals.retired == 7);
    CHECK(broker.refusal(ShowJob{"jobs", 6}) == RefusalCode::message_not_found);
}

TEST_CASE("one large settle is trimmed to the message") {
    Broker broker;
    create_job_queue(broker, keeping(5));
    broker.consume("jobs", 0);
    broker.produce("jobs", std::vector<std::string>(3'000, "x"));
    const auto held = broker.fetch(2'000);
    Settle settle;
    settle.settlements.push_back({held[0].token, {{held[0].offset, static_cast<std::uint32_t>(held.size())}}, Ack{}});
    broker.expect<Settled>(settle);
    broker.advance(limits::retention_every_ms);
    const Offset last = held.back().offset;
    CHECK(completed_offsets(broker) == std::vector<Offset>{last, last - 1, last - 2, last - 3, last - 4});
}

TEST_CASE("completed and failed jobs go by age, by a timer and not by the next job") {
    Broker broker;
    QueueSettingsChange settings;
    settings.completed_retention.age_ms = 10'000;
    settings.failed_retention.age_ms = 20'000;
    create_job_queue(broker, settings);
    broker.consume("jobs", 0);
    complete(broker, 2);
    broker.produce("jobs", {"bad"});
    broker.settle_ok(broker.fetch(1).front(), Fail{"no", true, {}});
    broker.advance(9'999);
    CHECK(broker.show("jobs").completed == 2);
    broker.advance(1);
    CHECK(broker.show("jobs").completed == 0);
    CHECK(broker.show("jobs").failed == 1);
    broker.restart();
    broker.connect(2);
    broker.advance(10'000);
    CHECK(broker.show("jobs").failed == 0);
    CHECK(broker.peek("jobs", MessageState::failed).messages.empty());
}

TEST_CASE("completed jobs go by bytes, results counted") {
    Broker broker;
    QueueSettingsChange settings;
    settings.completed_retention.bytes = 1'000;
    create_job_queue(broker, settings);
    broker.consume("jobs", 0);
    for (int i = 0; i < 6; ++i) {
        broker.produce("jobs", {"job"});
        broker.settle_ok(broker.fetch(1).front(), with_result(std::string(300, 'r')));
        broker.advance(limits::retention_every_ms);
    }
    const QueueInfo info = broker.show("jobs");
    CHECK(info.completed == 2);
    CHECK(info.completed_bytes <= 1'000);
}

TEST_CASE("a setting that is lowered takes effect at once, and 0 is no limit") {
    Broker broker;
    create_job_queue(broker, keeping(0));
    broker.consume("jobs", 0);
    complete(broker, 8);
    CHECK(broker.show("jobs").completed == 8);
    broker.update("jobs", keeping(2));
    broker.advance(limits::retention_every_ms);
    CHECK(completed_offsets(broker) == std::vector<Offset>{7, 6});
}

TEST_CASE("a body above the setting is not kept, and its job cannot be run again") {
    Broker broker;
    QueueSettingsChange settings;
    settings.completed_payload_bytes = 20;
    create_job_queue(broker, settings);
    broker.consume("jobs", 0);
    broker.produce("jobs", {"small", std::string(100, 'x'), "tiny"});
    const auto held = broker.fetch(3);
    Settle settle;
    settle.settlements.push_back({held[0].token, {{0, 3}}, with_result("r")});
    broker.expect<Settled>(settle);
    CHECK(tests::payload_of(shown_job(broker, 0).body, 0) == "small");
    CHECK(shown_job(broker, 1).body.count == 0);
    CHECK(shown_job(broker, 1).completion->result->value == "r");
    CHECK(tests::payload_of(shown_job(broker, 2).body, 0) == "tiny");
    const Counted counted = broker.expect<Counted>(RetryFailed{"jobs", {0, 1, 2}});
    CHECK(counted.messages == 2);
    CHECK(counted.skipped == 1);
    CHECK(broker.show("jobs").completed == 1);
}

TEST_CASE("a completed job that is retried runs again, and counts once wherever it ends") {
    Broker broker;
    create_job_queue(broker, keeping(3));
    broker.consume("jobs", 0);
    complete(broker, 3);
    CHECK(broker.expect<Counted>(RetryFailed{"jobs", {0}}).messages == 1);
    CHECK(broker.show("jobs").completed == 2);
    const Delivered again = broker.fetch(1).front();
    CHECK(again.offset == 0);
    CHECK(again.cause == Cause::retried);
    broker.settle_ok(again, with_result("second"));
    broker.advance(limits::retention_every_ms);
    CHECK(completed_offsets(broker) == std::vector<Offset>{0, 2, 1});
    CHECK(shown_job(broker, 0).completion->result->value == "second");
    // Its old place in the order is no reason to take it out.
    complete(broker, 1);
    broker.advance(limits::retention_every_ms);
    CHECK(completed_offsets(broker) == std::vector<Offset>{3, 0, 2});
}

TEST_CASE("all completed jobs are retried in one request") {
    Broker broker;
    create_job_queue(broker);
    broker.consume("jobs", 0);
    complete(broker, 600);
    RetryFailed retry{"jobs", {}};
    retry.completed = true;
    CHECK(broker.expect<Counted>(retry).messages == 600);
    const QueueInfo info = broker.show("jobs");
    CHECK(info.completed == 0);
    CHECK(info.completed_bytes == 0);
    CHECK(info.waiting == 600);
}

TEST_CASE("a completed job can be removed, and a purge takes the completed set when asked") {
    Broker broker;
    create_job_queue(broker);
    broker.consume("jobs", 0);
    complete(broker, 4);
    CHECK(broker.expect<JobsRemoved>(RemoveJobs{"jobs", {1}}).removed == 1);
    CHECK(completed_offsets(broker) == std::vector<Offset>{3, 2, 0});
    CHECK(broker.expect<Counted>(PurgeQueue{"jobs", false, false}).messages == 0);
    CHECK(broker.show("jobs").completed == 3);
    CHECK(broker.expect<Counted>(PurgeQueue{"jobs", false, true}).messages == 3);
    CHECK(broker.show("jobs").completed == 0);
    CHECK(completed_offsets(broker).empty());
    complete(broker, 1);
    CHECK(completed_offsets(broker) == std::vector<Offset>{4});
}

TEST_CASE("a job that came back is completed with its history") {
    Broker broker;
    QueueSettingsChange settings;
    settings.backoff = Backoff{Backoff::Kind::fixed, 100, 100, 0, {}};
    create_job_queue(broker, settings);
    broker.consume("jobs", 0);
    broker.produce("jobs", {"a"});
    broker.fail(broker.fetch(1).front(), "first try");
    broker.advance(100);
    broker.settle_ok(broker.fetch(1).front(), with_result("ok"));
    const StoredMessage job = shown_job(broker, 0);
    CHECK(job.counters == Counters{2, 1, 0});
    REQUIRE(job.attempts.size() == 1);
    CHECK(job.attempts[0].reason == "first try");
    CHECK(job.completion->result->value == "ok");
}

TEST_CASE("an ack that comes after the lease has ended keeps its result too") {
    Broker broker;
    QueueSettingsChange settings;
    settings.lease_ms = 1'000;
    create_job_queue(broker, settings);
    broker.consume("jobs", 0);
    broker.produce("jobs", {"a"});
    const Delivered late = broker.fetch(1).front();
    broker.advance(1'000);
    CHECK(broker.show("jobs").waiting == 1);
    broker.settle_ok(late, with_result("late"));
    CHECK(shown_job(broker, 0).completion->result->value == "late");
    CHECK(shown_job(broker, 0).state == MessageState::completed);
}

TEST_CASE("what completed jobs refuse") {
    Broker broker;
    create_job_queue(broker);
    broker.consume("jobs", 0);
    complete(broker, 1);
    ChangeJob change;
    change.queue = "jobs";
    change.priority = 4;
    CHECK(broker.refusal(change) == RefusalCode::wrong_message_state);
    CHECK(broker.refusal(PromoteJob{"jobs", 0}) == RefusalCode::wrong_message_state);
    QueueSettingsChange settings;
    settings.completed_retention.age_ms = limits::ten_years_ms + 1;
    const auto refusal = broker.expect<Refusal>(UpdateQueue{"jobs", settings});
    CHECK(refusal.field == "settings.completed_retention.age_ms");
    CHECK(refusal.limit == static_cast<std::uint64_t>(limits::ten_years_ms));
}
