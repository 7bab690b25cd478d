// Time to live of what waits anywhere: behind others, delayed, prioritized, given back, and over restarts.
#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

EntryOptions ttl(DurationMs ttl_ms, std::uint32_t priority = 0, DurationMs delay_ms = 0) {
    EntryOptions options;
    options.ttl_ms = ttl_ms;
    options.priority = priority;
    if (delay_ms != 0) {
        options.delay_ms = delay_ms;
    }
    return options;
}

std::uint64_t here(Broker& broker) {
    const QueueInfo info = broker.show("q");
    return info.waiting + info.prioritized + info.delayed + info.leased;
}

}  // namespace

TEST_CASE("a message behind others that live longer expires in time, in every lane") {
    Broker broker;
    broker.create("q");
    const std::uint32_t priority = GENERATE(0U, 3U);
    EntryOptions forever;
    forever.priority = priority;
    broker.produce("q", {"stays"}, forever);
    broker.produce("q", {"long"}, ttl(50'000, priority));
    broker.produce("q", {"short"}, ttl(1'000, priority));
    broker.produce("q", {"shorter"}, ttl(500, priority));
    const bool restart = GENERATE(false, true);
    if (restart) {
        broker.restart();
        broker.connect(2);
    }
    broker.advance(499);
    CHECK(here(broker) == 4);
    broker.advance(1);
    CHECK(here(broker) == 3);
    broker.advance(500);
    CHECK(here(broker) == 2);
    broker.advance(49'000);
    CHECK(here(broker) == 1);
    CHECK(broker.show("q").totals.expired == 3);
    broker.restart();
    broker.connect(3);
    CHECK(here(broker) == 1);
    CHECK(broker.show("q").totals.expired == 3);
}

TEST_CASE("a delayed message expires while it waits for its retry") {
    Broker broker;
    QueueSettingsChange settings;
    settings.backoff = Backoff{Backoff::Kind::fixed, 60'000, 60'000, 0, {}};
    broker.create("q", settings);
    broker.produce("q", {"a"}, ttl(2'000, GENERATE(0U, 4U)));
    broker.consume("q");
    broker.fail(broker.take_one());
    CHECK(broker.show("q").delayed == 1);
    broker.advance(1'999);
    CHECK(broker.show("q").delayed == 1);
    broker.advance(1);
    CHECK(here(broker) == 0);
    CHECK(broker.show("q").totals.expired == 1);
}

TEST_CASE("a first delay is not part of the time to live") {
    Broker broker;
    broker.create("q");
    broker.produce("q", {"first"});
    broker.produce("q", {"late"}, ttl(1'000, 0, 5'000));
    broker.advance(5'999);
    CHECK(here(broker) == 2);
    broker.advance(1);
    CHECK(here(broker) == 1);
}

TEST_CASE("what is leased is not taken away, and expires when it comes back") {
    Broker broker;
    broker.create("q");
    broker.produce("q", {"stays"});
    broker.produce("q", {"a", "b"}, ttl(1'000, GENERATE(0U, 2U)));
    broker.consume("q");
    const auto held = broker.take();
    REQUIRE(held.size() == 3);
    broker.advance(5'000);
    CHECK(here(broker) == 3);
    broker.expect<Done>(SetCredit{ConsumerId{1}, 0, 0});
    std::vector<Delivered> timed;
    for (const Delivered& one : held) {
        if (one.payload != "stays") {
            timed.push_back(one);
        }
    }
    broker.ack(timed.at(0));
    broker.settle_ok(timed.at(1), Release{0});
    broker.advance(0);
    CHECK(here(broker) == 1);
    CHECK(broker.show("q").totals.expired == 1);
}

TEST_CASE("what came back expires by the time to live of its queue, with nobody to take it") {
    Broker broker;
    QueueSettingsChange settings;
    settings.message_ttl_ms = 3'000;
    broker.create("q", settings);
    broker.produce("q", {"a"});
    broker.consume("q");
    broker.expect<Done>(CloseConsumer{ConsumerId{1}});
    broker.take();
    EntryOptions ranked;
    ranked.priority = 3;
    broker.produce("q", {"b"}, ranked);
    broker.advance(2'999);
    CHECK(here(broker) == 2);
    broker.advance(1);
    CHECK(here(broker) == 0);
}

TEST_CASE("what expires goes to the dead-letter queue, and a purge forgets the index") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings;
    settings.dead_letter_queue = "dead";
    broker.create("q", settings);
    broker.produce("q", {"stays"});
    broker.produce("q", {"a"}, ttl(1'000));
    broker.produce("q", {"b"}, ttl(1'000, 7));
    broker.advance(1'000);
    CHECK(broker.show("dead").waiting == 2);
    broker.produce("q", {"c"}, ttl(1'000));
    broker.produce("q", {"d"}, ttl(1'000, 7));
    broker.expect<Counted>(PurgeQueue{"q", false});
    broker.advance(2'000);
    CHECK(broker.show("dead").waiting == 2);
    CHECK(here(broker) == 0);
}

TEST_CASE("what a purge spared since it was leased expires when it comes back") {
    Broker broker;
    broker.create("q", baton::tests::lease_of(60'000));
    broker.produce("q", {"held"}, ttl(1'000));
    broker.produce("q", {"waits"}, ttl(1'000));
    broker.consume("q", 1);
    broker.take_one();
    broker.expect<Counted>(PurgeQueue{"q"});
    broker.advance(5'000);
    CHECK(here(broker) == 1);
    broker.expect<Done>(CloseConsumer{ConsumerId{1}});
    broker.advance(1'000);
    CHECK(here(broker) == 0);
    CHECK(broker.show("q").totals.expired == 1);
}

TEST_CASE("many that expire at once, beyond what is in memory, are all gone") {
    CoreOptions options;
    options.window_bytes_max = 2'000;
    Broker broker(options);
    broker.create("q");
    broker.produce("q", {"stays"});
    for (int i = 0; i < 50; ++i) {
        broker.produce("q", {std::string(300, 'x'), std::string(300, 'y')}, ttl(1'000));
        broker.produce("q", {std::string(300, 'z')}, ttl(1'000, 5));
    }
    broker.advance(1'000);
    CHECK(here(broker) == 1);
    CHECK(broker.show("q").totals.expired == 150);
    broker.consume("q");
    CHECK(broker.take_one().payload == "stays");
}
