// Topics of which only the last message of each key stays, and subscriptions that begin at these.
#include "tests/unit/core/key_builder.hpp"

#include <algorithm>

using namespace baton;
using namespace baton::core;
using tests::all_done_from;
using tests::all_from;
using tests::Broker;
using tests::create_topic;
using tests::Delivered;
using tests::done_from;
using tests::of_kind;
using tests::publish;
using tests::select;
using tests::subscribe;
using tests::topic_memories;
using tests::with_key;

namespace {

using Kept = std::vector<std::string>;

TopicSettingsChange compacted(DurationMs tombstone_ms = 24LL * 3'600'000) {
    TopicSettingsChange keeps;
    keeps.retention.age_ms = 0;
    keeps.compact = true;
    keeps.tombstone_ms = tombstone_ms;
    return keeps;
}

/// Long enough for a pass over few messages.
void pass(Broker& broker) { broker.advance(10'000); }

/// Whoever begins at the beginning gets this.
Kept kept(Broker& broker) {
    static std::uint64_t number = 1'000;
    const std::string name = "all" + std::to_string(++number);
    subscribe(broker, "orders", name, number, StartBeginning{});
    const Kept all = all_done_from(broker, number);
    CHECK(broker.show("orders/" + name).waiting == 0);
    CHECK(broker.show("orders/" + name).live_bytes == 0);
    broker.expect<Done>(DeleteQueue{"orders/" + name});
    return all;
}

std::size_t chunks_of(Broker& broker) { return broker.driver().store().tables().chunks.size(); }
std::size_t keys_of(Broker& broker) { return broker.driver().store().tables().last_of_keys.size(); }

/// In one commit; the first letter is the key.
Produce in_one(const std::vector<std::string>& payloads) {
    Produce produce = Broker::batch("orders", payloads);
    for (std::uint32_t i = 0; i < payloads.size(); ++i) {
        if (payloads[i][0] != '-') {
            produce.options.emplace_back(i, with_key(payloads[i].substr(0, 1)));
        }
    }
    return produce;
}

void delete_key(Broker& broker, const std::string& key) { broker.produce("orders", {""}, with_key(key)); }

}  // namespace

TEST_CASE("the last message of each key stays, and what has no key") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", compacted());
        publish(broker, {"a1", "b1", "-1", "a2", "c1", "a3", "b2"});
        CHECK(broker.show("orders").messages == 7);
        pass(broker);
        const QueueInfo info = broker.show("orders");
        CHECK(info.messages == 4);
        CHECK(info.totals.compacted == 3);
        CHECK(info.first == 2);
        CHECK(info.end == 7);
        CHECK(kept(broker) == Kept{"-1", "c1", "a3", "b2"});
        broker.restart();
        broker.connect(2);
        CHECK(kept(broker) == Kept{"-1", "c1", "a3", "b2"});
        publish(broker, {"c2"});
        pass(broker);
        CHECK(kept(broker) == Kept{"-1", "a3", "b2", "c2"});
        CHECK(keys_of(broker) == 3);
    }
}

TEST_CASE("a chunk is written again without what goes, and those of which nothing is left become one") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", compacted());
        subscribe(broker, "orders", "early", 1);
        broker.expect<Produced>(in_one({"a1", "b1", "a2", "-1", "c1"}));
        for (int i = 0; i < 100; ++i) {
            publish(broker, {"c2"});
        }
        pass(broker);
        CHECK(broker.show("orders").messages == 4);
        CHECK(chunks_of(broker) == 3);
        CHECK(kept(broker) == Kept{"b1", "a2", "-1", "c2"});
        CHECK(all_done_from(broker, 1) == Kept{"b1", "a2", "-1", "c2"});
        broker.restart();
        broker.connect(2);
        CHECK(kept(broker) == Kept{"b1", "a2", "-1", "c2"});
        publish(broker, {"b2", "a3"});
        broker.expect<Counted>(TrimTopic{"orders", 105});
        pass(broker);
        CHECK(broker.show("orders").first == 105);
        CHECK(broker.show("orders").messages == 2);
        CHECK(keys_of(broker) == 2);
    }
}

TEST_CASE("compaction leaves what a subscription that holds has not acked") {
    for (const CoreOptions& options : topic_memories()) {
        for (const bool selecting : {false, true}) {
            Broker broker(options);
            create_topic(broker, "orders", compacted());
            CreateSubscription create;
            create.topic = selecting ? "*" : "orders";
            create.name = "audit";
            create.hold = true;
            broker.expect<QueueInfo>(create);
            broker.consume(create.topic + "/audit", 0, 1);
            publish(broker, {"a1", "a2", "a3"});
            pass(broker);
            CHECK(broker.show("orders").messages == 3);
            CHECK(done_from(broker, 1, 1) == Kept{"a1"});
            publish(broker, {"b1"});
            pass(broker);
            CHECK(broker.show("orders").messages == 3);
            CHECK(all_done_from(broker, 1) == Kept{"a2", "a3", "b1"});
            pass(broker);
            CHECK(kept(broker) == Kept{"a3", "b1"});
            CHECK(broker.show(create.topic + "/audit").totals.compacted == 0);
        }
    }
}

TEST_CASE("what is in flight stays until it is settled, and what failed comes again") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", compacted());
        QueueSettingsChange settings = tests::lease_of(600'000);
        settings.backoff = Backoff{Backoff::Kind::fixed, 60'000, 60'000, 0, {}};
        subscribe(broker, "orders", "mail", 1, StartNow{}, settings);
        publish(broker, {"a1", "a2", "a3", "a4"});
        const Delivered first = broker.fetch(1, 1).at(0), second = broker.fetch(1, 1).at(0);
        pass(broker);
        CHECK(broker.show("orders").messages == 3);
        CHECK(broker.show("orders/mail").totals.compacted == 1);
        broker.fail(second);
        broker.ack(first);
        pass(broker);
        CHECK(broker.show("orders").messages == 1);
        CHECK(all_done_from(broker, 1) == Kept{"a4"});
        broker.advance(60'000);
        CHECK(all_done_from(broker, 1) == Kept{"a2"});
        CHECK(broker.show("orders/mail").live_bytes == 0);
        CHECK(broker.show("orders/mail").totals.dropped == 0);
    }
}

TEST_CASE("a slow subscription gets what is left, and counts the rest") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", compacted());
        subscribe(broker, "orders", "slow", 1);
        select(broker, "orders", "red", 2, nullptr, StartLastPerKey{});
        publish(broker, {"a1", "b1", "a2", "b2", "a3"});
        CHECK(done_from(broker, 1, 1) == Kept{"a1"});
        pass(broker);
        CHECK(broker.show("orders/slow").waiting == 2);
        CHECK(all_done_from(broker, 1) == Kept{"b2", "a3"});
        CHECK(broker.show("orders/slow").totals.compacted == 2);
        CHECK(broker.show("orders/slow").totals.dropped == 0);
        CHECK_FALSE(broker.show("orders/slow").estimated);
        broker.restart();
        broker.connect(2);
        broker.consume("orders/red", 0, 2);
        CHECK(all_done_from(broker, 2) == Kept{"b2", "a3"});
        CHECK(broker.show("orders/red").totals.compacted == 3);
        CHECK(broker.show("orders/red").totals.dropped == 0);
    }
}

TEST_CASE("going back meets only what is left, and a trace says what is gone") {
    Broker broker;
    create_topic(broker, "orders", compacted());
    subscribe(broker, "orders", "mail", 1);
    publish(broker, {"a1", "b1", "a2", "b2", "a3"});
    CHECK(all_done_from(broker, 1).size() == 5);
    pass(broker);
    SeekSubscription seek;
    seek.topic = "orders";
    seek.name = "mail";
    seek.start = StartBeginning{};
    seek.dry_run = true;
    CHECK(broker.expect<Counted>(seek).messages == 2);
    seek.dry_run = false;
    broker.expect<Counted>(seek);
    CHECK(broker.show("orders/mail").waiting == 2);
    CHECK(all_done_from(broker, 1) == Kept{"b2", "a3"});
    seek.start = StartOffset{1};
    broker.expect<Counted>(seek);
    CHECK(all_done_from(broker, 1) == Kept{"b2", "a3"});
    CHECK(broker.refusal(TraceMessage{"orders", 2, "", 100, {}}) == RefusalCode::message_not_found);
    CHECK(broker.expect<MessageTrace>(TraceMessage{"orders", 4, "", 100, {}}).rows.size() == 1);
    seek.start = StartLastPerKey{};
    CHECK(broker.refusal(seek) == RefusalCode::invalid_argument);
}

TEST_CASE("an empty message deletes its key, and goes when all before it has gone") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", compacted(60'000));
        CreateSubscription create;
        create.topic = "orders";
        create.name = "audit";
        create.hold = true;
        broker.expect<QueueInfo>(create);
        broker.consume("orders/audit", 0, 1);
        publish(broker, {"a1", "b1"});
        delete_key(broker, "a");
        publish(broker, {"c1"});
        pass(broker);
        CHECK(kept(broker) == Kept{"a1", "b1", "", "c1"});
        broker.advance(120'000);
        CHECK(kept(broker) == Kept{"a1", "b1", "", "c1"});
        CHECK(all_done_from(broker, 1).size() == 4);
        delete_key(broker, "c");
        CHECK(all_done_from(broker, 1) == Kept{""});
        pass(broker);
        CHECK(kept(broker) == Kept{"b1", ""});  // There is always a newest one.
        CHECK(keys_of(broker) == 2);
        publish(broker, {"b2"});
        broker.advance(120'000);
        CHECK(all_done_from(broker, 1) == Kept{"b2"});
        publish(broker, {"d1"});
        pass(broker);
        CHECK(all_done_from(broker, 1) == Kept{"d1"});
        pass(broker);
        CHECK(kept(broker) == Kept{"b2", "d1"});
        CHECK(keys_of(broker) == 2);
    }
}

TEST_CASE("an empty message stays while one before it of its key has to") {
    Broker broker;
    create_topic(broker, "orders", compacted(1'000));
    subscribe(broker, "orders", "mail", 1, StartNow{}, tests::lease_of(600'000));
    publish(broker, {"a1"});
    const Delivered held = broker.fetch(1, 1).at(0);
    delete_key(broker, "a");
    publish(broker, {"b1"});
    CHECK(all_done_from(broker, 1) == Kept{"", "b1"});
    broker.advance(60'000);
    CHECK(kept(broker) == Kept{"a1", "", "b1"});
    CHECK(keys_of(broker) == 2);
    broker.ack(held);
    broker.advance(60'000);
    CHECK(kept(broker) == Kept{"b1"});
    CHECK(keys_of(broker) == 1);
}

TEST_CASE("a subscription begins at the last message of each key, then gets everything") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", compacted());
        publish(broker, {"a1", "b1", "-1", "a2", "c1", "b2"});
        delete_key(broker, "c");
        select(broker, "orders", "view", 1, nullptr, StartLastPerKey{});
        publish(broker, {"a3", "-2"});
        delete_key(broker, "a");
        CHECK(all_done_from(broker, 1) == Kept{"a2", "b2", "a3", "-2", ""});
        pass(broker);
        SeekSubscription seek;
        seek.topic = "orders";
        seek.name = "view";
        seek.start = StartLastPerKey{};
        broker.expect<Counted>(seek);
        CHECK(all_done_from(broker, 1) == Kept{"b2"});
    }
}

TEST_CASE("what is published while the last of each key are looked for comes behind them") {
    Broker broker;
    create_topic(broker, "orders", compacted());
    create_topic(broker, "plain");
    publish(broker, {"a1", "b1", "a2"});
    broker.produce("plain", {"x"}, with_key("x"));
    CreateSubscription create;
    create.topic = "#";
    create.name = "view";
    create.start = StartLastPerKey{};
    broker.begin(create);
    broker.begin(Broker::batch("orders", {"-1"}));
    broker.begin(Broker::batch("plain", {"y"}));
    publish(broker, {"b2"});
    broker.consume("#/view", 0, 1);
    const Kept all = all_done_from(broker, 1);
    CHECK(Kept(all.end() - 3, all.end()) == Kept{"a2", "-1", "b2"});
    CHECK(all.front() == "y");
    CHECK(all.size() == 4);
}

TEST_CASE("only a topic that is compacted has a last message of each key") {
    Broker broker;
    create_topic(broker, "orders");
    publish(broker, {"a1", "a2"});
    pass(broker);
    CHECK(broker.show("orders").messages == 2);
    CreateSubscription create;
    create.topic = "orders";
    create.name = "view";
    create.start = StartLastPerKey{};
    CHECK(broker.expect<Refusal>(create).field == "create_subscription.start");
    broker.expect<QueueInfo>(UpdateTopic{"orders", compacted(), {}});
    publish(broker, {"a3", "b1"});
    pass(broker);
    CHECK(kept(broker) == Kept{"a3", "b1"});  // The first two have a later one, though they are in no index.
    broker.expect<QueueInfo>(create);
    TopicSettingsChange wrong;
    wrong.tombstone_ms = -1;
    CHECK(broker.expect<Refusal>(UpdateTopic{"orders", wrong, {}}).field == "topic_settings.tombstone_ms");
}

TEST_CASE("a key that was deleted before there was an index stays deleted") {
    Broker broker;
    TopicSettingsChange before;
    before.retention.age_ms = 0;
    create_topic(broker, "orders", before);
    publish(broker, {"a1"});
    delete_key(broker, "a");
    publish(broker, {"-1"});
    UpdateTopic update;
    update.name = "orders";
    update.topic = compacted(1);
    broker.expect<QueueInfo>(update);
    pass(broker);
    CHECK(kept(broker) == Kept{"a1", "", "-1"});
    publish(broker, {"a2", "-2"});
    pass(broker);
    CHECK(kept(broker) == Kept{"-1", "a2", "-2"});
    update.topic = compacted();
    update.topic.compact = false;
    broker.expect<QueueInfo>(update);
    delete_key(broker, "a");
    update.topic = compacted(1);
    broker.expect<QueueInfo>(update);
    publish(broker, {"-3"});
    pass(broker);
    CHECK(kept(broker) == Kept{"-1", "a2", "-2", "", "-3"});
}

TEST_CASE("who looks at a topic meets what is left of it") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", compacted());
        broker.tell(in_one({"a1", "b1", "a2", "-1"}));
        pass(broker);
        Kept seen;
        for (const StoredMessage& message : broker.expect<MessageList>(Peek{"orders"}).messages) {
            seen.emplace_back(tests::payload_of(message.body, 0));
        }
        CHECK(seen == Kept{"b1", "a2", "-1"});
        broker.tell(in_one({"c1", "c2", "c3"}));
        pass(broker);
        CHECK(broker.refusal(ShowJob{"orders", 4}) == RefusalCode::message_not_found);
    }
}

TEST_CASE("a key that is deleted while a pass goes on stays deleted") {
    // Of 70 chunks a pass looks at 64 in its first step, a second or so after the first message.
    for (DurationMs into = 1'000; into < 1'060; into += 2) {
        Broker broker;
        create_topic(broker, "orders", compacted(0));
        publish(broker, {"a1"});
        publish(broker, std::vector<std::string>(69, "-"));
        broker.advance(into);
        delete_key(broker, "a");
        publish(broker, {"-"});
        pass(broker);
        const Kept all = kept(broker);
        INFO(into);
        CHECK(std::count(all.begin(), all.end(), "a1") == 0);
    }
}
