// A new body for a leased message: what comes after this delivery carries it, wherever the message was.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

void create_changing(Broker& broker, QueueSettingsChange settings = {}) {
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, std::move(settings), false});
    broker.consume("jobs", 0);
}

SetData data_of(const Delivered& job, const std::string& payload) {
    return {job.token, job.offset, tests::make_entries(std::vector<std::string>{payload})};
}

std::string shown_payload(Broker& broker, Offset offset) {
    const auto list = broker.expect<MessageList>(ShowJob{"jobs", offset});
    return std::string(tests::payload_of(list.messages.at(0).body, 0));
}

}  // namespace

TEST_CASE("changed data is what a redelivery brings, at the old place and also after a restart") {
    Broker broker;
    EntryOptions options;
    SECTION("of the plain lane") {}
    SECTION("of the prioritized lane") { options.priority = 3; }
    SECTION("of a group") { options.group = "g"; }
    create_changing(broker);
    broker.produce("jobs", {"a", "b", "c", "d"}, options);
    const auto held = broker.fetch(3);
    broker.expect<Done>(data_of(held[1], "b with more in it"));
    CHECK(shown_payload(broker, held[1].offset) == "b with more in it");
    broker.advance(1'000);
    broker.restart();
    broker.connect(2);
    broker.consume("jobs", 0);
    CHECK(shown_payload(broker, held[1].offset) == "b with more in it");
    broker.settle_ok(held[1], Release{});
    broker.ack(held[0]);
    const Delivered again = broker.fetch(1).at(0);
    CHECK(again.payload == "b with more in it");
    CHECK(again.offset == held[1].offset);
    CHECK(again.counters.deliveries == 2);
    broker.ack(again);
    CHECK(shown_payload(broker, again.offset) == "b with more in it");
    broker.ack(held[2]);
    CHECK(broker.fetch(1).at(0).payload == "d");
    CHECK(broker.show("jobs").leased == 1);
    CHECK(broker.show("jobs").completed == 3);
}

TEST_CASE("changed data goes to the failed set and through retries") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_attempts = 2;
    create_changing(broker, settings);
    broker.produce("jobs", {"step 1"});
    const Delivered first = broker.fetch(1).at(0);
    broker.expect<Done>(data_of(first, "step 2"));
    broker.expect<Done>(data_of(first, "step 3"));
    broker.fail(first);
    broker.advance(10'000);
    const Delivered second = broker.fetch(1).at(0);
    CHECK(second.payload == "step 3");
    CHECK(second.counters.failures == 1);
    broker.expect<Done>(data_of(second, "step 4"));
    broker.fail(second);
    CHECK(shown_payload(broker, second.offset) == "step 4");
    const QueueInfo info = broker.show("jobs");
    CHECK(info.failed == 1);
    CHECK(info.live_bytes == 0);
}

TEST_CASE("sizes and counts follow changed data") {
    Broker broker;
    create_changing(broker);
    broker.produce("jobs", {"1", "2", "3"});
    const std::uint64_t before = broker.show("jobs").live_bytes;
    const auto held = broker.fetch(3);
    broker.expect<Done>(data_of(held[1], std::string(101, '2')));
    CHECK(broker.show("jobs").live_bytes == before + 100);
    CHECK(broker.show("jobs").leased == 3);
    broker.settle_ok(held[0], Ack{});
    broker.settle_ok(held[2], Ack{});
    broker.settle_ok(held[1], Ack{});
    CHECK(broker.show("jobs").live_bytes == 0);
    CHECK(broker.show("jobs").leased == 0);
    CHECK(broker.show("jobs").waiting == 0);
}

TEST_CASE("data is taken from the holder only, and only as large as the queue takes it") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_message_bytes = 1'024;
    settings.max_bytes = 1'200;
    create_changing(broker, settings);
    broker.produce("jobs", {"a", std::string(500, 'b')});
    const auto held = broker.fetch(2);
    const auto large = broker.expect<Refusal>(data_of(held[0], std::string(1'024, 'x')));
    CHECK(large.code == RefusalCode::message_too_large);
    CHECK(large.field == "set_data.entry");
    CHECK(large.limit == 1'024);
    CHECK(broker.refusal(data_of(held[0], std::string(800, 'x'))) == RefusalCode::queue_full);
    broker.expect<Done>(data_of(held[0], std::string(600, 'x')));
    broker.ack(held[0]);
    CHECK(broker.refusal(data_of(held[0], "late")) == RefusalCode::already_settled);
}

TEST_CASE("a lease that a restart only presumes keeps its data") {
    Broker broker;
    create_changing(broker);
    broker.produce("jobs", {"a"});
    const Delivered job = broker.fetch(1).at(0);
    broker.restart();
    broker.connect(2);
    const auto refused = broker.expect<Refusal>(data_of(job, "b"));
    CHECK(refused.code == RefusalCode::busy);
    CHECK(refused.retryable);
    broker.ack(job);
}

TEST_CASE("changed data survives a purge with its lease") {
    Broker broker;
    create_changing(broker);
    broker.produce("jobs", {"a", "b"});
    const Delivered job = broker.fetch(1).at(0);
    broker.expect<Done>(data_of(job, "changed"));
    broker.expect<Counted>(PurgeQueue{"jobs"});
    CHECK(broker.show("jobs").leased == 1);
    broker.settle_ok(job, Release{});
    CHECK(broker.fetch(1).at(0).payload == "changed");
}
