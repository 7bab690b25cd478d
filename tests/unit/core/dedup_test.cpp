// Deduplication keys: windows, what is parked, and keys cleared by hand. Every mode beside a holder in every state is
// in dedup_matrix_test.cpp.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

enum class HolderState : std::uint8_t { waiting, prioritized, delayed, leased };
/// What the later produce comes to.
enum class Fate : std::uint8_t { stored, ignored, replaces, parked };

EntryOptions keyed(DedupMode mode, DurationMs ttl_ms = 0, bool replace = false) {
    EntryOptions options;
    options.dedup = Dedup{"key", mode, ttl_ms, false, replace};
    return options;
}

void create_for_keys(Broker& broker) {
    broker.create("q");
    broker.consume("q", 0);
}

void bring_holder(Broker& broker, HolderState state, EntryOptions options) {
    if (state == HolderState::prioritized) {
        options.priority = 3;
    } else if (state == HolderState::delayed) {
        options.delay_ms = 1'000;
    }
    broker.produce("q", {"holder"}, options);
    if (state == HolderState::leased) {
        REQUIRE(broker.fetch(1).size() == 1);
    }
}

Fate fate_of(const Produced& produced) {
    if (produced.outcomes.empty()) {
        return Fate::stored;
    }
    switch (produced.outcomes.front().kind) {
        case ItemOutcome::Kind::replaced:
            return Fate::replaces;
        case ItemOutcome::Kind::parked:
            return Fate::parked;
        case ItemOutcome::Kind::duplicate:
            break;
    }
    return Fate::ignored;
}

}  // namespace

TEST_CASE("a throttled key is free when its time is over, also while its message still waits") {
    Broker broker;
    create_for_keys(broker);
    broker.produce("q", {"1"}, keyed(DedupMode::throttle, 1'000));
    broker.advance(999);
    CHECK(broker.produce("q", {"2"}, keyed(DedupMode::throttle, 1'000)).count == 0);
    broker.advance(1);
    CHECK(broker.produce("q", {"3"}, keyed(DedupMode::throttle, 1'000)).count == 1);
    // The end of the first must not free the key of the second.
    broker.ack(broker.fetch(1).front());
    CHECK(broker.produce("q", {"4"}, keyed(DedupMode::throttle, 1'000)).count == 0);
    broker.advance(1'000);
    CHECK(broker.driver().store().tables().names.empty());
    CHECK(broker.driver().store().tables().name_ends.empty());
}

TEST_CASE("extend begins the window again with every ignored produce") {
    Broker broker;
    create_for_keys(broker);
    EntryOptions options = keyed(DedupMode::throttle, 1'000);
    options.dedup->extend = true;
    broker.produce("q", {"1"}, options);
    for (int i = 0; i < 3; ++i) {
        broker.advance(900);
        CHECK(broker.produce("q", {"again"}, options).count == 0);
    }
    broker.restart();
    broker.connect(2);
    broker.advance(999);
    CHECK(broker.produce("q", {"again"}, keyed(DedupMode::throttle, 1'000)).count == 0);
    broker.advance(1);
    CHECK(broker.produce("q", {"2"}, options).count == 1);
}

TEST_CASE("a debounced message is the last of many, once they stop") {
    Broker broker;
    create_for_keys(broker);
    EntryOptions options = keyed(DedupMode::debounce, 1'000);
    options.delay_ms = 1'000;
    for (const char* payload : {"1", "2", "3"}) {
        broker.produce("q", {payload}, options);
        broker.advance(600);
        CHECK(broker.fetch(1).empty());
    }
    broker.advance(400);
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"3"});
    CHECK(broker.show("q").totals.purged == 2);
}

TEST_CASE("many debounced in one batch store the last") {
    Broker broker;
    create_for_keys(broker);
    EntryOptions options = keyed(DedupMode::debounce, 1'000);
    options.delay_ms = 100;
    broker.produce("q", {"old"}, options);
    const Produced produced = broker.produce("q", {"1", "2", "3"}, options);
    CHECK(produced.count == 1);
    REQUIRE(produced.outcomes.size() == 3);
    CHECK(produced.outcomes[0] == ItemOutcome{0, ItemOutcome::Kind::duplicate, 1, MessageState::delayed});
    CHECK(produced.outcomes[1] == ItemOutcome{1, ItemOutcome::Kind::duplicate, 1, MessageState::delayed});
    CHECK(produced.outcomes[2] == ItemOutcome{2, ItemOutcome::Kind::replaced, 0, MessageState::delayed});
    broker.advance(100);
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"3"});
}

TEST_CASE("an entry may have the id of a message whose place a later one of its batch takes") {
    Broker broker;
    create_for_keys(broker);
    EntryOptions delayed = keyed(DedupMode::simple, 0, true);
    delayed.delay_ms = 1'000;
    EntryOptions old = delayed;
    old.id = "x";
    EntryOptions named;
    named.id = "x";
    broker.produce("q", {"old"}, old);
    Produce batch = Broker::batch("q", {"1", "2", "3"});
    batch.options = {{0, delayed}, {1, named}, {2, delayed}};
    CHECK(broker.expect<Produced>(batch).count == 2);
    CHECK(broker.produce("q", {"4"}, named).count == 0);
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"2"});
}

TEST_CASE("while the holder is leased the newest is parked, and is produced when the holder is finished") {
    Broker broker;
    create_for_keys(broker);
    const EntryOptions options = keyed(DedupMode::keep_last);
    broker.produce("q", {"1"}, options);
    Delivered held = broker.fetch(1).front();
    CHECK(fate_of(broker.produce("q", {"2"}, options)) == Fate::parked);
    CHECK(fate_of(broker.produce("q", {"3"}, options)) == Fate::parked);
    CHECK(broker.show("q").totals.produced == 1);
    SECTION("done") { broker.ack(held); }
    SECTION("failed for good") {
        Fail fail;
        fail.terminal = true;
        broker.settle_ok(held, fail);
    }
    SECTION("done after a restart") {
        broker.restart();
        broker.connect(2);
        broker.consume("q", 0);
        broker.settle_ok(held, Ack{});
    }
    SECTION("not between retries") {
        broker.settle_ok(held, Fail{"", false, 1'000});
        CHECK(fate_of(broker.produce("q", {"3"}, options)) == Fate::parked);
        broker.advance(1'000);
        held = broker.fetch(1).front();
        CHECK(held.payload == "1");
        CHECK(broker.fetch(1).empty());
        broker.ack(held);
    }
    SECTION("removed while it waits again") {
        broker.settle_ok(held, Release{0, 0});
        broker.expect<JobsRemoved>(RemoveJobs{"q", {0}, 0, {}});
    }
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"3"});
    CHECK(fate_of(broker.produce("q", {"4"}, options)) == Fate::parked);
    CHECK(broker.driver().store().tables().parked.size() == 1);
}

TEST_CASE("what is parked keeps its delay, priority and time to live, counted from its end of waiting") {
    Broker broker;
    create_for_keys(broker);
    EntryOptions options = keyed(DedupMode::keep_last);
    broker.produce("q", {"1"}, options);
    const Delivered held = broker.fetch(1).front();
    options.delay_ms = 500;
    options.ttl_ms = 700;
    options.priority = 4;
    broker.produce("q", {"2"}, options);
    broker.advance(10'000);
    broker.ack(held);
    const StoredMessage shown = broker.expect<MessageList>(ShowJob{"q", 1}).messages.front();
    CHECK(shown.state == MessageState::delayed);
    CHECK(shown.at == broker.now() + 500);
    CHECK(shown.expires_at == broker.now() + 1'200);
    CHECK(shown.priority == 4);
}

TEST_CASE("a purge takes what is parked behind what it purges, and leaves what is parked behind leased ones") {
    Broker broker;
    create_for_keys(broker);
    EntryOptions one = keyed(DedupMode::keep_last);
    EntryOptions two = one;
    two.dedup->key = "other";
    broker.produce("q", {"1"}, one);
    broker.produce("q", {"2"}, two);
    const auto held = broker.fetch(2);
    broker.produce("q", {"3"}, one);
    broker.produce("q", {"4"}, two);
    broker.settle_ok(held[0], Release{0, 0});
    broker.expect<Counted>(PurgeQueue{"q", false});
    CHECK(broker.driver().store().tables().parked.size() == 1);
    broker.ack(held[1]);
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"4"});
}

TEST_CASE("what is parked behind a throttled holder keeps its key beyond the window of that") {
    Broker broker;
    create_for_keys(broker);
    broker.produce("q", {"1"}, keyed(DedupMode::throttle, 1'000));
    const Delivered held = broker.fetch(1).front();
    CHECK(fate_of(broker.produce("q", {"2"}, keyed(DedupMode::keep_last))) == Fate::parked);
    broker.ack(held);
    broker.advance(1'000);
    CHECK(broker.expect<DedupShown>(ShowDedup{"q", "key"}).holder == 1);
    CHECK(fate_of(broker.produce("q", {"3"}, keyed(DedupMode::simple))) == Fate::ignored);
    CHECK(broker.driver().store().tables().name_ends.empty());
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"2"});
}

TEST_CASE("whoever takes the place of a throttled holder holds the key by its own rule") {
    Broker broker;
    create_for_keys(broker);
    broker.produce("q", {"1"}, keyed(DedupMode::throttle, 1'000));
    broker.advance(400);
    SECTION("throttle: the window runs on") {
        CHECK(fate_of(broker.produce("q", {"2"}, keyed(DedupMode::throttle, 5'000, true))) == Fate::replaces);
        broker.ack(broker.fetch(1).front());
        broker.advance(599);
        CHECK(fate_of(broker.produce("q", {"3"}, keyed(DedupMode::simple))) == Fate::ignored);
        broker.advance(1);
    }
    SECTION("simple: until it is done, be that before the end of the window or behind it") {
        CHECK(fate_of(broker.produce("q", {"2"}, keyed(DedupMode::simple, 0, true))) == Fate::replaces);
        broker.advance(GENERATE(0, 10'000));
        CHECK(fate_of(broker.produce("q", {"3"}, keyed(DedupMode::simple))) == Fate::ignored);
        broker.ack(broker.fetch(1).front());
    }
    CHECK(fate_of(broker.produce("q", {"4"}, keyed(DedupMode::simple))) == Fate::stored);
    broker.advance(10'000);
    CHECK(broker.expect<DedupShown>(ShowDedup{"q", "key"}).holder == 2);
    CHECK(broker.driver().store().tables().name_ends.empty());
}

TEST_CASE("more than may be parked is refused") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_message_bytes = limits::message_bytes_max;
    broker.create("q", settings);
    broker.consume("q", 0);
    const std::string large(15 * 1024 * 1024, 'x');
    for (int i = 0; i < 5; ++i) {
        EntryOptions options = keyed(DedupMode::keep_last);
        options.dedup->key = std::to_string(i);
        broker.produce("q", {"holder"}, options);
        REQUIRE(broker.fetch(1).size() == 1);
        if (i < 4) {
            CHECK(fate_of(broker.produce("q", {large}, options)) == Fate::parked);
        } else {
            const auto refused = broker.expect<Refusal>(Broker::batch("q", {large}, options));
            CHECK(refused.code == RefusalCode::parked_full);
            CHECK(refused.retryable);
        }
    }
}

TEST_CASE("a key is shown and cleared, and the end of its former holder is no matter to the next") {
    Broker broker;
    create_for_keys(broker);
    CHECK(broker.refusal(ShowDedup{"q", "key"}) == RefusalCode::dedup_not_found);
    CHECK(broker.refusal(ClearDedup{"q", "key", {}}) == RefusalCode::dedup_not_found);
    CHECK(broker.refusal(ShowDedup{"none", "key"}) == RefusalCode::queue_not_found);
    const auto state =
        GENERATE(HolderState::waiting, HolderState::prioritized, HolderState::delayed, HolderState::leased);
    bring_holder(broker, state, keyed(DedupMode::simple));
    const auto shown = broker.expect<DedupShown>(ShowDedup{"q", "key"});
    CHECK(shown.holder == 0);
    CHECK(shown.until == 0);
    CHECK_FALSE(shown.parked);
    CHECK(broker.refusal(ClearDedup{"q", "key", 7}) == RefusalCode::dedup_changed);
    broker.expect<Done>(ClearDedup{"q", "key", 0});
    CHECK(broker.refusal(ShowDedup{"q", "key"}) == RefusalCode::dedup_not_found);
    CHECK(fate_of(broker.produce("q", {"next"}, keyed(DedupMode::simple))) == Fate::stored);
    broker.restart();
    broker.connect(2);
    if (state != HolderState::leased) {
        broker.expect<JobsRemoved>(RemoveJobs{"q", {0}, 0, {}});
    } else {
        broker.advance(60'000);
        broker.consume("q", 0);
        for (const Delivered& one : broker.fetch(10)) {
            if (one.offset == 0) {
                broker.ack(one);
            }
        }
    }
    CHECK(broker.expect<DedupShown>(ShowDedup{"q", "key"}).holder == 1);
    CHECK(fate_of(broker.produce("q", {"more"}, keyed(DedupMode::simple))) == Fate::ignored);
}

TEST_CASE("nothing is parked behind one that has lost its key, for its end would not produce it") {
    Broker broker;
    create_for_keys(broker);
    broker.produce("q", {"1"}, keyed(DedupMode::throttle, 3'600'000));
    Fail fail;
    fail.terminal = true;
    broker.settle_ok(broker.fetch(1).front(), fail);
    broker.expect<Counted>(RetryFailed{"q", {0}, false});
    REQUIRE(broker.fetch(1).size() == 1);
    CHECK(fate_of(broker.produce("q", {"2"}, keyed(DedupMode::keep_last))) == Fate::ignored);
    CHECK(broker.driver().store().tables().parked.empty());
}

TEST_CASE("clearing a key produces what is parked, and a window is cleared as well") {
    Broker broker;
    create_for_keys(broker);
    broker.produce("q", {"1"}, keyed(DedupMode::keep_last));
    const Delivered held = broker.fetch(1).front();
    broker.produce("q", {"2"}, keyed(DedupMode::keep_last));
    CHECK(broker.expect<DedupShown>(ShowDedup{"q", "key"}).parked);
    broker.expect<Done>(ClearDedup{"q", "key", {}});
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"2"});
    broker.ack(held);
    CHECK(broker.expect<DedupShown>(ShowDedup{"q", "key"}).holder == 1);
    EntryOptions throttle = keyed(DedupMode::throttle, 5'000);
    throttle.dedup->key = "window";
    broker.produce("q", {"3"}, throttle);
    broker.ack(broker.fetch(1).front());
    CHECK(broker.expect<DedupShown>(ShowDedup{"q", "window"}).until == broker.now() + 5'000);
    broker.expect<Done>(ClearDedup{"q", "window", {}});
    CHECK(fate_of(broker.produce("q", {"4"}, throttle)) == Fate::stored);
}

TEST_CASE("bad deduplication is refused with its field, and nothing is stored") {
    Broker broker;
    create_for_keys(broker);
    const auto field = [&](const EntryOptions& options) {
        return broker.expect<Refusal>(Broker::batch("q", {"x"}, options)).field;
    };
    EntryOptions options = keyed(DedupMode::simple);
    options.dedup->key = "";
    CHECK(field(options) == "options.dedup.id");
    options.dedup->key = std::string(257, 'x');
    CHECK(field(options) == "options.dedup.id");
    CHECK(field(keyed(DedupMode::simple, 5)) == "options.dedup.ttl_ms");
    CHECK(field(keyed(DedupMode::throttle)) == "options.dedup.ttl_ms");
    CHECK(field(keyed(DedupMode::throttle, limits::ten_years_ms + 1)) == "options.dedup.ttl_ms");
    options = keyed(DedupMode::keep_last);
    options.id = "x";
    CHECK(field(options) == "options.id");
    CHECK(broker.show("q").totals.produced == 0);
}

TEST_CASE("a key that is looked up while a purge's names are swept is swept too") {
    Broker broker;
    create_for_keys(broker);
    broker.produce("q", {"holder"}, keyed(DedupMode::simple));
    auto& driver = broker.driver();
    driver.crash(0, true);
    broker.connect(2);
    const auto commit = [&](std::uint64_t id, RequestBody body) {
        driver.apply({ConnectionId{2}, RequestId{id}, "", std::move(body)});
        driver.tick();
        driver.seal();
        driver.finish_commit();
    };
    commit(901, PurgeQueue{"q", false});
    commit(902, ShowDedup{"q", "key"});
    REQUIRE(driver.reads() == 2);
    driver.fetch_read(0);
    driver.answer_read(1);
    broker.advance(limits::retention_every_ms);
    CHECK(driver.store().tables().names.empty());
}
