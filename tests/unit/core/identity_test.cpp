// Ids of messages: one message of a queue has an id at a time, whatever becomes of it, and a while longer if asked.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

EntryOptions with_id(const std::string& id, DurationMs delay_ms = 0) {
    EntryOptions options;
    options.id = id;
    if (delay_ms != 0) {
        options.delay_ms = delay_ms;
    }
    return options;
}

ItemOutcome only_outcome(const Produced& produced) {
    REQUIRE(produced.outcomes.size() == 1);
    return produced.outcomes.front();
}

/// The message that keeps the id, as a further produce tells.
ItemOutcome holder_of_id(Broker& broker, const std::string& id) {
    const Produced again = broker.produce("q", {"again"}, with_id(id));
    CHECK(again.count == 0);
    return only_outcome(again);
}

bool id_is_free(Broker& broker, const std::string& id) {
    const Produced again = broker.produce("q", {"free"}, with_id(id));
    return again.count == 1 && again.outcomes.empty();
}

void create_for_ids(Broker& broker, QueueSettingsChange settings = {}) {
    broker.create("q", std::move(settings));
    broker.consume("q", 0);
}

}  // namespace

TEST_CASE("a message with the id of another is not stored, whatever its state") {
    Broker broker;
    create_for_ids(broker);
    SECTION("waiting") {
        CHECK(broker.produce("q", {"a"}, with_id("order 7")).count == 1);
        const ItemOutcome first = holder_of_id(broker, "order 7");
        CHECK(first.kind == ItemOutcome::Kind::duplicate);
        CHECK(first.offset == 0);
        CHECK(first.state == MessageState::waiting);
    }
    SECTION("prioritized") {
        EntryOptions options = with_id("order 7");
        options.priority = 3;
        broker.produce("q", {"a"}, options);
        CHECK(holder_of_id(broker, "order 7").state == MessageState::prioritized);
    }
    SECTION("delayed") {
        broker.produce("q", {"a"}, with_id("order 7", 1'000));
        CHECK(holder_of_id(broker, "order 7").state == MessageState::delayed);
        broker.advance(1'000);
        CHECK(holder_of_id(broker, "order 7").state == MessageState::waiting);
    }
    SECTION("leased") {
        broker.produce("q", {"a"}, with_id("order 7"));
        REQUIRE(broker.fetch(1).size() == 1);
        CHECK(holder_of_id(broker, "order 7").state == MessageState::leased);
    }
    SECTION("failed") {
        broker.produce("q", {"a"}, with_id("order 7"));
        Fail fail;
        fail.terminal = true;
        broker.settle_ok(broker.fetch(1).front(), fail);
        CHECK(holder_of_id(broker, "order 7").state == MessageState::failed);
        broker.expect<Counted>(RetryFailed{"q", {}, false});
        CHECK(holder_of_id(broker, "order 7").state == MessageState::waiting);
    }
    SECTION("tried again") {
        broker.produce("q", {"a"}, with_id("order 7"));
        broker.fail(broker.fetch(1).front());
        CHECK(holder_of_id(broker, "order 7").state == MessageState::delayed);
    }
    broker.restart();
    broker.connect(2);
    CHECK(holder_of_id(broker, "order 7").offset == 0);
    CHECK(broker.show("q").totals.produced == 1);
}

TEST_CASE("an id is free once its message is gone, in whichever way") {
    Broker broker;
    create_for_ids(broker);
    broker.produce("q", {"a"}, with_id("x"));
    SECTION("done") { broker.ack(broker.fetch(1).front()); }
    SECTION("done late") {
        const Delivered held = broker.fetch(1).front();
        broker.advance(30'000);
        broker.settle_ok(held, Ack{});
    }
    SECTION("removed") { broker.expect<JobsRemoved>(RemoveJobs{"q", {0}, 0, {}}); }
    SECTION("removed from the failed set") {
        Fail fail;
        fail.terminal = true;
        broker.settle_ok(broker.fetch(1).front(), fail);
        broker.expect<JobsRemoved>(RemoveJobs{"q", {0}, 0, {}});
    }
    SECTION("purged") { broker.expect<Counted>(PurgeQueue{"q", false}); }
    SECTION("purged from the failed set") {
        Fail fail;
        fail.terminal = true;
        broker.settle_ok(broker.fetch(1).front(), fail);
        broker.expect<Counted>(PurgeQueue{"q", true});
    }
    SECTION("done after a purge") {
        const Delivered held = broker.fetch(1).front();
        broker.expect<Counted>(PurgeQueue{"q", false});
        CHECK(holder_of_id(broker, "x").state == MessageState::leased);
        broker.ack(held);
    }
    SECTION("done after a restart") {
        const Delivered held = broker.fetch(1).front();
        broker.restart();
        broker.connect(2);
        broker.consume("q", 0);
        CHECK(holder_of_id(broker, "x").state == MessageState::leased);
        broker.settle_ok(held, Ack{});
    }
    CHECK(id_is_free(broker, "x"));
    CHECK_FALSE(id_is_free(broker, "x"));
}

TEST_CASE("an expired or dead-lettered message frees its id") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings;
    settings.dead_letter_queue = "dead";
    create_for_ids(broker, settings);
    SECTION("expired") {
        EntryOptions options = with_id("x");
        options.ttl_ms = 100;
        broker.produce("q", {"a"}, options);
        broker.advance(200);
        CHECK(broker.fetch(1).empty());
    }
    SECTION("dead-lettered") {
        broker.produce("q", {"a"}, with_id("x"));
        Fail fail;
        fail.terminal = true;
        broker.settle_ok(broker.fetch(1).front(), fail);
    }
    CHECK(broker.show("dead").waiting == 1);
    CHECK(id_is_free(broker, "x"));
}

TEST_CASE("messages with ids keep their place among those without") {
    Broker broker;
    create_for_ids(broker);
    broker.produce("q", {"1"});
    broker.produce("q", {"2"}, with_id("b"));
    broker.produce("q", {"3"});
    broker.produce("q", {"4"}, with_id("d"));
    std::vector<std::string> payloads;
    for (const Delivered& one : broker.fetch(10)) {
        payloads.push_back(one.payload);
    }
    CHECK(payloads == std::vector<std::string>{"1", "2", "3", "4"});
}

TEST_CASE("one batch tells what became of each entry, and a repeat of it the same") {
    Broker broker;
    create_for_ids(broker);
    broker.produce("q", {"old"}, with_id("a"));
    Produce produce = Broker::batch("q", {"0", "1", "2", "3", "4"});
    produce.options = {{0, with_id("a")}, {1, with_id("b")}, {3, with_id("b")}, {4, with_id("c")}};
    produce.producer = 7;
    produce.producer_created_at = broker.now();
    produce.sequence = 1;
    const auto stored = broker.expect<Produced>(produce);
    CHECK(stored.first == 1);
    CHECK(stored.count == 3);
    REQUIRE(stored.outcomes.size() == 2);
    CHECK(stored.outcomes[0] == ItemOutcome{0, ItemOutcome::Kind::duplicate, 0, MessageState::waiting});
    CHECK(stored.outcomes[1] == ItemOutcome{3, ItemOutcome::Kind::duplicate, 1, MessageState::waiting});
    broker.restart();
    broker.connect(2);
    const auto repeated = broker.expect<Produced>(produce);
    CHECK(repeated.duplicate);
    CHECK(repeated.first == 1);
    CHECK(repeated.count == 3);
    CHECK(repeated.outcomes == stored.outcomes);
}

TEST_CASE("ids of one queue are no matter in another") {
    Broker broker;
    create_for_ids(broker);
    broker.create("other");
    CHECK(broker.produce("q", {"a"}, with_id("x")).count == 1);
    CHECK(broker.produce("other", {"a"}, with_id("x")).count == 1);
}

TEST_CASE("an id is remembered for a time after its message is gone") {
    Broker broker;
    QueueSettingsChange settings;
    settings.id_memory_ms = 1'000;
    create_for_ids(broker, settings);
    broker.produce("q", {"a"}, with_id("x"));
    broker.ack(broker.fetch(1).front());
    broker.restart();
    broker.connect(2);
    broker.advance(999);
    CHECK(holder_of_id(broker, "x").state == MessageState{});
    broker.advance(1);
    CHECK(broker.driver().store().tables().names.empty());
    CHECK(broker.driver().store().tables().name_ends.empty());
    CHECK(id_is_free(broker, "x"));
}

TEST_CASE("a queue of jobs remembers the ids of those it keeps, and finds them by that") {
    Broker broker;
    broker.expect<QueueInfo>(CreateQueue{"q", Profile::job, {}, false});
    broker.consume("q", 0);
    broker.produce("q", {"a"}, with_id("x"));
    broker.ack(broker.fetch(1).front());
    const auto restarted = GENERATE(false, true);
    if (restarted) {
        broker.restart();
        broker.connect(2);
    }
    const ItemOutcome done = holder_of_id(broker, "x");
    CHECK(done.offset == 0);
    CHECK(done.state == MessageState::completed);
    CHECK(broker.expect<MessageList>(ShowJob{"q", 0, "x"}).messages.front().state == MessageState::completed);
    RemoveJobs remove;
    remove.queue = "q";
    remove.own.ids = {"x"};
    CHECK(broker.expect<JobsRemoved>(remove).removed == 1);
    CHECK(broker.refusal(ShowJob{"q", 0, "x"}) == RefusalCode::message_not_found);
    CHECK(holder_of_id(broker, "x").state == MessageState{});
    broker.advance(24LL * 3'600'000);
    CHECK(id_is_free(broker, "x"));
}

TEST_CASE("so many ids of messages that are gone are remembered") {
    Broker broker;
    QueueSettingsChange settings;
    settings.id_memory_count = 2;
    create_for_ids(broker, settings);
    for (const char* id : {"a", "b", "c"}) {
        broker.produce("q", {id}, with_id(id));
        broker.ack(broker.fetch(1).front());
    }
    CHECK(holder_of_id(broker, "b").offset == 1);
    CHECK(holder_of_id(broker, "c").offset == 2);
    CHECK(broker.driver().store().tables().names.size() == 2);
    CHECK(id_is_free(broker, "a"));
    settings.id_memory_count = 0;
    broker.update("q", settings);
    CHECK(id_is_free(broker, "b"));
    broker.advance(0);
}

TEST_CASE("a removed message is not remembered") {
    Broker broker;
    QueueSettingsChange settings;
    settings.id_memory_ms = 1'000;
    create_for_ids(broker, settings);
    broker.produce("q", {"a"}, with_id("x"));
    broker.expect<JobsRemoved>(RemoveJobs{"q", {0}, 0, {}});
    CHECK(id_is_free(broker, "x"));
}

TEST_CASE("the names that a purge leaves over are swept") {
    Broker broker;
    create_for_ids(broker);
    for (int i = 0; i < 600; ++i) {
        broker.produce("q", {"a"}, with_id("id " + std::to_string(i)));
    }
    REQUIRE(broker.fetch(1).size() == 1);
    broker.expect<Counted>(PurgeQueue{"q", false});
    broker.advance(1);
    CHECK(broker.driver().store().tables().names.size() == 1);
    CHECK(broker.driver().store().tables().locators.size() == 1);
    CHECK(holder_of_id(broker, "id 0").state == MessageState::leased);
}

TEST_CASE("a full queue counts no duplicates") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_messages = 2;
    create_for_ids(broker, settings);
    broker.produce("q", {"a"}, with_id("a"));
    Produce produce = Broker::batch("q", {"0", "1", "2"});
    produce.options = {{0, with_id("a")}, {1, with_id("b")}, {2, with_id("b")}};
    CHECK(broker.expect<Produced>(produce).count == 1);
    CHECK(holder_of_id(broker, "b").offset == 1);
    CHECK(broker.refusal(Broker::batch("q", {"c"}, with_id("c"))) == RefusalCode::queue_full);
    SECTION("per item, what does not fit is refused and leaves its id free") {
        produce.per_item = true;
        produce.options = {{0, with_id("b")}, {1, with_id("c")}, {2, with_id("c")}};
        const auto some = broker.expect<Produced>(produce);
        CHECK(some.count == 0);
        CHECK(some.outcomes.size() == 1);
        CHECK(some.refused.size() == 2);
        broker.ack(broker.fetch(1).front());
        CHECK(id_is_free(broker, "c"));
    }
}

TEST_CASE("a queue that drops its oldest drops one with an id in its turn, and frees it") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_messages = 3;
    settings.overflow = Overflow::drop_oldest;
    create_for_ids(broker, settings);
    broker.produce("q", {"1"});
    broker.produce("q", {"2"}, with_id("b"));
    broker.produce("q", {"3"});
    broker.produce("q", {"4"});
    CHECK(holder_of_id(broker, "b").offset == 1);
    broker.produce("q", {"5"});
    CHECK(id_is_free(broker, "b"));
    std::vector<std::string> payloads;
    for (const Delivered& one : broker.fetch(10)) {
        payloads.push_back(one.payload);
    }
    CHECK(payloads == std::vector<std::string>{"4", "5", "free"});
}

TEST_CASE("an id that is empty or too long is refused, and nothing is stored") {
    Broker broker;
    create_for_ids(broker);
    auto refused = broker.expect<Refusal>(Broker::batch("q", {"a"}, with_id("")));
    CHECK(refused.field == "options.id");
    refused = broker.expect<Refusal>(Broker::batch("q", {"a"}, with_id(std::string(257, 'x'))));
    CHECK(refused.field == "options.id");
    CHECK(refused.limit == limits::identity_bytes_max);
    CHECK(broker.produce("q", {"a"}, with_id(std::string(256, 'x'))).count == 1);
    CHECK(broker.show("q").totals.produced == 1);
    QueueSettingsChange settings;
    settings.id_memory_ms = -1;
    CHECK(broker.expect<Refusal>(UpdateQueue{"q", settings}).field == "settings.id_memory_ms");
    settings = {};
    settings.id_memory_count = limits::id_memory_count_max + 1;
    CHECK(broker.expect<Refusal>(UpdateQueue{"q", settings}).field == "settings.id_memory_count");
}

TEST_CASE("produces that come while names are read keep their order") {
    Broker broker;
    create_for_ids(broker);
    broker.restart();
    broker.connect(2);
    // All of one round: the second waits behind the first, whose names must be read.
    auto& driver = broker.driver();
    const std::vector<EntryOptions> options = {with_id("a"), EntryOptions{}, with_id("b"), with_id("a")};
    for (std::uint64_t i = 0; i < options.size(); ++i) {
        Request request;
        request.connection = ConnectionId{2};
        request.id = RequestId{900 + i};
        request.body = Broker::batch("q", {std::to_string(i)}, options[i]);
        driver.apply(std::move(request));
    }
    REQUIRE(driver.settle());
    broker.consume("q", 0);
    std::vector<std::string> payloads;
    for (const Delivered& one : broker.fetch(10)) {
        payloads.push_back(one.payload);
    }
    CHECK(payloads == std::vector<std::string>{"0", "1", "2"});
}
