// Ids and deduplication with the real daemon, by the library; on a virtual clock, so that no test waits for windows.
#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <string>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

Message with_own_id(const std::string& payload, const std::string& id) {
    Message message;
    message.payload = payload;
    message.options.id = id;
    return message;
}

Message with_key(const std::string& payload, Dedup dedup) {
    Message message;
    message.payload = payload;
    message.options.dedup = std::move(dedup);
    return message;
}

ErrorCode refused_with(const std::function<void()>& what) {
    try {
        what();
    } catch (const Exception& error) {
        return error.error().code;
    }
    return ErrorCode::ok;
}

}  // namespace

TEST_CASE(
    "an id belongs to one message, names it in every request, and is remembered for a while after a restart too") {
    RunningDaemon daemon({"--virtual-clock"});
    {
        Client client = daemon.connect();
        Admin admin(client);
        QueueSettings settings;
        settings.id_memory = 1h;
        admin.create_queue("orders", {.settings = settings});
        CHECK(admin.show_queue("orders").settings.id_memory == 1h);
        Producer producer(client, "orders");
        const Receipt first = producer.produce(with_own_id("one", "order 7"));
        CHECK(first.outcome.kind == ProduceOutcome::Kind::created);
        const Receipt second = producer.produce(with_own_id("two", "order 7"));
        CHECK(second.outcome.kind == ProduceOutcome::Kind::duplicate);
        CHECK(second.outcome.state == MessageState::waiting);
        CHECK(second.id == first.id);
        CHECK_FALSE(second.duplicate);
        CHECK(admin.show_job("orders", JobName::by_id("order 7")).own_id == "order 7");

        producer.produce(with_own_id("other", "order 8"));
        const JobsRemoved removed = admin.remove_jobs_by_id("orders", {"order 8", "order 9"});
        CHECK(removed.removed == 1);
        REQUIRE(removed.refusals.size() == 1);
        CHECK(removed.refusals[0].id == "order 9");

        Consumer consumer(client, "orders", {.credit_messages = 1});
        const Batch got = consumer.receive_batch(1, 20s);
        REQUIRE(got.size() == 1);
        CHECK(got[0].own_id() == "order 7");
        got.ack();
        consumer.flush();
    }
    daemon.kill();
    daemon.start();
    Client client = daemon.connect();
    Producer producer(client, "orders");
    CHECK(producer.produce(with_own_id("three", "order 7")).outcome.kind == ProduceOutcome::Kind::duplicate);
    CHECK(Admin(client).show_queue("orders").waiting == 0);
}

TEST_CASE("deduplication: debounced, parked behind its holder, shown and cleared") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("index");
    Producer producer(client, "index");
    Message page = with_key("1", {"page 7", Dedup::Mode::debounce, 5s});
    page.options.delay = 5s;
    const Receipt first = producer.produce(page);
    page.payload = "2";
    const Receipt second = producer.produce(page);
    CHECK(second.outcome.kind == ProduceOutcome::Kind::replaced);
    CHECK(second.outcome.other == first.id);
    const DedupInfo held = admin.show_dedup("index", "page 7");
    CHECK(held.holder == second.id);
    CHECK(held.state == MessageState::delayed);
    CHECK(held.until_ms != 0);
    CHECK_FALSE(held.parked);

    const Dedup last{"sync", Dedup::Mode::keep_last};
    producer.produce(with_key("a", last));
    Consumer consumer(client, "index", {.credit_messages = 1});
    const Batch running = consumer.receive_batch(1, 20s);
    REQUIRE(running.size() == 1);
    CHECK(running[0].dedup_id() == "sync");
    CHECK(producer.produce(with_key("b", last)).outcome.kind == ProduceOutcome::Kind::parked);
    CHECK(producer.produce(with_key("c", last)).outcome.kind == ProduceOutcome::Kind::parked);
    CHECK(admin.show_dedup("index", "sync").parked);
    running.ack();
    const Batch next = consumer.receive_batch(1, 20s);
    REQUIRE(next.size() == 1);
    CHECK(next[0].payload() == "c");

    CHECK(refused_with([&] { admin.clear_dedup("index", "sync", running[0].id().offset); }) ==
          ErrorCode::dedup_changed);
    admin.clear_dedup("index", "sync", next[0].id().offset);
    CHECK(refused_with([&] { admin.show_dedup("index", "sync"); }) == ErrorCode::dedup_not_found);
    CHECK(producer.produce(with_key("d", last)).outcome.kind == ProduceOutcome::Kind::created);
}

TEST_CASE("a job is waited for, read about, put back and given up by its own id") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("orders", {.profile = Profile::job});
    Producer producer(client, "orders");
    producer.produce(with_own_id("one", "order 7"));
    const Receipt stored = producer.produce(with_own_id("two", "order 8"));
    const JobName name = JobName::by_id("order 8");
    Consumer consumer(client, "orders", {.credit_messages = 2});
    const Batch held = consumer.receive_batch(2, 20s);
    REQUIRE(held.size() == 2);
    held.ack();
    consumer.flush();
    const JobEnd end = admin.wait_job("orders", name, 20s);
    CHECK(end.outcome == JobOutcome::completed);
    CHECK(end.offset == stored.id.offset);
    CHECK(admin.logs("orders", name).lines.empty());
    CHECK(refused_with([&] { admin.logs("orders", JobName::by_id("order 9")); }) == ErrorCode::message_not_found);
    CHECK(refused_with([&] { admin.wait_job("orders", JobName::by_id("order 9"), 1s); }) ==
          ErrorCode::message_not_found);

    const Counted again = admin.retry_failed("orders", {.ids = {"order 8", "order 9"}});
    CHECK(again.messages == 1);
    CHECK(again.skipped == 1);
    producer.produce(with_own_id("three", "order 10"));
    const JobsCancelled given_up = admin.cancel_jobs_by_id("orders", {"order 10", "order 9"});
    CHECK(given_up.cancelled.size() + given_up.cancelling.size() == 1);
    REQUIRE(given_up.refusals.size() == 1);
    CHECK(given_up.refusals[0].id == "order 9");
}
