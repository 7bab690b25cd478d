// Keys of published messages: subscriptions tell them and are moved by them in nothing; bindings make groups of them.
#include "tests/unit/core/key_builder.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::core;
using tests::all_keyed;
using tests::Broker;
using tests::create_topic;
using tests::Delivered;
using tests::done_from;
using tests::keyed;
using tests::subscribe;
using tests::topic_memories;
using tests::with_key;

namespace {

using Texts = std::vector<std::string>;

QueueSettingsChange quick_retries() {
    QueueSettingsChange settings;
    settings.max_attempts = 2;
    settings.backoff = Backoff{Backoff::Kind::fixed, 100, 100, 0, {}};
    return settings;
}

void bind(Broker& broker, const std::string& queue, BindingOptions options = {}) {
    broker.expect<Done>(CreateBinding{
        queue, {queue, std::make_shared<const Selection>(Selection{"orders", nullptr}), std::move(options)}, false});
}

}  // namespace

TEST_CASE("a key comes along to every subscription, and keeps the order of the topic") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        subscribe(broker, "orders", "mail", 1);
        tests::select(broker, "#", "all", 2);
        broker.produce("orders", {"a", "b"}, with_key("x"));
        broker.produce("orders", {"c"});
        broker.produce("orders", {"d"}, with_key("y"));
        const Texts expected{"a/x", "b/x", "c/", "d/y"};
        CHECK(broker.show("orders/mail").waiting == 4);
        CHECK(broker.show("orders/mail").grouped == 0);
        CHECK(all_keyed(broker, 1) == expected);
        broker.restart();
        broker.connect(2);
        broker.consume("#/all", 0, 2);
        CHECK(all_keyed(broker, 2) == expected);
    }
}

TEST_CASE("a message with a key is retried and fails as others are, also over restarts") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        subscribe(broker, "orders", "mail", 1, StartNow{}, quick_retries());
        broker.produce("orders", {"a", "b", "c"}, with_key("x"));
        broker.fail(broker.fetch(1, 1).at(0));
        CHECK(broker.show("orders/mail").delayed == 1);
        const Delivered b = broker.fetch(1, 1).at(0);
        Release later;
        later.delay_ms = 100;
        broker.settle_ok(b, later);
        CHECK(broker.show("orders/mail").delayed == 2);
        const MessageList delayed = broker.peek("orders/mail", MessageState::delayed);
        REQUIRE(delayed.messages.size() == 2);
        CHECK(delayed.messages[0].group->name == "x");

        broker.restart();
        broker.connect(2);
        broker.consume("orders/mail", 0, 1);
        broker.advance(6'000);
        const QueueInfo info = broker.show("orders/mail");
        CHECK(info.waiting == 3);
        CHECK(info.grouped + info.prioritized + info.delayed == 0);
        const auto again = broker.fetch(10, 1);
        CHECK(keyed(again) == Texts{"a/x", "b/x", "c/x"});
        broker.fail(again.at(0));
        CHECK(broker.show("orders/mail").failed == 1);
        CHECK(broker.peek("orders/mail", MessageState::failed).messages.at(0).group->name == "x");
        RetryFailed retry;
        retry.queue = "orders/mail";
        CHECK(broker.expect<Counted>(retry).messages == 1);
        CHECK(keyed(broker.fetch(10, 1)) == Texts{"a/x"});
    }
}

TEST_CASE("a delivery of a retry with a key is not forgotten by a restart") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1, StartNow{}, quick_retries());
    broker.produce("orders", {"a"}, with_key("x"));
    broker.fail(broker.fetch(1, 1).at(0));
    broker.advance(100);
    CHECK(broker.fetch(1, 1).at(0).counters.deliveries == 2);
    // The lease has no record yet: the delivery is presumed, as that of one without a key.
    broker.restart();
    broker.connect(2);
    broker.consume("orders/mail", 0, 1);
    CHECK(broker.fetch(1, 1).empty());
    broker.advance(6'000);
    const Delivered again = broker.fetch(1, 1).at(0);
    CHECK(again.counters.deliveries == 3);
    CHECK(again.cause == Cause::restart);
    CHECK(again.group == "x");
}

TEST_CASE("a subscription has no groups to set apart or to hold back") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    SetGroup set;
    set.queue = "orders/mail";
    set.group = "x";
    CHECK(broker.refusal(set) == RefusalCode::wrong_kind);
    CHECK(broker.refusal(Penalise{"orders/mail", 1'000, "x"}) == RefusalCode::wrong_kind);
}

TEST_CASE("a message with a key and a priority of its own has a place by that alone") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    broker.produce("orders", {"a", "b"}, with_key("x"));
    ChangeJob change;
    change.queue = "orders/mail";
    change.offset = 0;
    change.priority = 5;
    broker.expect<Done>(change);
    CHECK(broker.show("orders/mail").prioritized == 1);
    CHECK(keyed(broker.fetch(10, 1)) == Texts{"b/x", "a/x"});
}

TEST_CASE("a key is the group of the jobs that bindings make, where no header names another") {
    Broker broker;
    create_topic(broker, "orders");
    broker.create("plain");
    bind(broker, "plain");
    broker.create("named");
    BindingOptions options;
    options.group_header = "kind";
    bind(broker, "named", options);
    Produce produce = tests::kinds("orders", {{"a", "red"}, {"b", ""}});
    produce.defaults.group = "x";
    broker.expect<Produced>(produce);
    broker.produce("orders", {"c"});
    CHECK(broker.show("plain").grouped == 2);
    CHECK(broker.show("plain").waiting == 1);
    broker.consume("plain", 0, 1);
    broker.consume("named", 0, 2);
    CHECK(keyed(broker.fetch(10, 1)) == Texts{"c/", "a/x", "b/x"});
    const auto named = keyed(broker.fetch(10, 2));
    CHECK(std::count(named.begin(), named.end(), "a/red") == 1);
    CHECK(std::count(named.begin(), named.end(), "b/x") == 1);
}

TEST_CASE("a publish whose key has no room in a bound queue is refused as a whole") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    QueueSettingsChange small;
    small.group_max_messages = 2;
    broker.create("jobs", small);
    bind(broker, "jobs");
    broker.produce("orders", {"a"}, with_key("x"));
    CHECK(broker.refusal(Broker::batch("orders", {"b", "c"}, with_key("x"))) == RefusalCode::group_full);
    broker.produce("orders", {"d", "e"}, with_key("y"));
    broker.produce("orders", {"f"}, with_key("x"));
    CHECK(broker.refusal(Broker::batch("orders", {"g"}, with_key("x"))) == RefusalCode::group_full);
    CHECK(broker.show("orders/mail").waiting == 4);
    CHECK(done_from(broker, 1) == Texts{"a", "d", "e", "f"});
}

TEST_CASE("a message that fails for good takes its key along, and back into a queue as its group") {
    Broker broker;
    create_topic(broker, "orders");
    broker.create("dead");
    broker.create("again");
    QueueSettingsChange settings;
    settings.max_attempts = 1;
    settings.dead_letter_queue = "dead";
    subscribe(broker, "orders", "mail", 1, StartNow{}, settings);
    broker.produce("orders", {"a"}, with_key("x"));
    broker.fail(broker.fetch(1, 1).at(0));
    broker.consume("dead", 0, 2);
    CHECK(broker.peek("dead", MessageState::waiting).messages.at(0).origin->group == "x");
    Redrive redrive;
    redrive.queue = "dead";
    redrive.destination = "again";
    CHECK(broker.expect<Counted>(redrive).messages == 1);
    broker.consume("again", 0, 3);
    CHECK(keyed(broker.fetch(1, 3)) == Texts{"a/x"});
}
