// The mode key_shared: where it can be set and left, and what is shown of messages that wait in their place.
#include "server/core/why_request.hpp"
#include "tests/unit/core/key_builder.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::core;
using tests::all_done_from;
using tests::all_of;
using tests::Broker;
using tests::by_key;
using tests::create_topic;
using tests::Delivered;
using tests::one_from;
using tests::publish;
using tests::share_by_key;
using tests::subscribe;
using tests::topic_memories;

namespace {

using Texts = std::vector<std::string>;

QueueSettingsChange with_mode(ConsumerMode mode) {
    QueueSettingsChange settings;
    settings.consumer_mode = mode;
    return settings;
}

Refusal refused(Broker& broker, RequestBody body) { return broker.expect<Refusal>(std::move(body)); }

Texts payloads_of(const MessageList& list) {
    Texts texts;
    for (const StoredMessage& message : list.messages) {
        texts.emplace_back(tests::payload_of(message.body, 0));
    }
    return texts;
}

}  // namespace

TEST_CASE("only subscriptions share by key") {
    Broker broker;
    const auto mode = with_mode(ConsumerMode::key_shared);
    CHECK(refused(broker, CreateQueue{"q", Profile::message, mode, false}).field == "settings.consumer_mode");
    broker.create("q");
    CHECK(refused(broker, UpdateQueue{"q", mode}).field == "settings.consumer_mode");
    create_topic(broker, "orders");
    UpdateTopic topic;
    topic.name = "orders";
    topic.settings = mode;
    CHECK(refused(broker, topic).field == "settings");
    subscribe(broker, "orders", "mail", 1);
    QueueSettingsChange strict;
    strict.group_order = GroupOrder::strict;
    CHECK(refused(broker, UpdateQueue{"orders/mail", strict}).field == "settings");
    broker.update("orders/mail", by_key(true));
    CHECK(broker.show("orders/mail").settings.consumer_mode == ConsumerMode::key_shared);
    broker.restart();
    CHECK(broker.show("orders/mail").settings.consumer_mode == ConsumerMode::key_shared);
    CHECK(broker.show("orders/mail").settings.groups.order == GroupOrder::strict);
    CHECK(refused(broker, UpdateQueue{"orders/mail", with_mode(ConsumerMode::shared)}).field == "settings");
}

TEST_CASE("the mode changes only while nothing is in flight or waits to be tried again") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x1", "x2", "x3"});
    const Delivered held = one_from(broker, 1);
    CHECK(all_of(broker, 2).empty());
    const UpdateQueue leave{"orders/mail", with_mode(ConsumerMode::shared)};
    CHECK(refused(broker, leave).field == "settings.consumer_mode");
    broker.fail(held);
    CHECK(refused(broker, leave).field == "settings.consumer_mode");
    broker.advance(100);
    broker.ack(one_from(broker, 1));
    // What was set aside comes as before, in either mode.
    broker.expect<QueueInfo>(leave);
    const Delivered second = one_from(broker, 1);
    CHECK(second.payload == "x2");
    CHECK(second.counters.deliveries == 1);
    CHECK(all_of(broker, 2) == Texts{"x3"});
    CHECK(refused(broker, UpdateQueue{"orders/mail", by_key()}).field == "settings.consumer_mode");
    broker.ack(second);
}

TEST_CASE("a subscription that was left with something set aside shares by key again") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        share_by_key(broker);
        publish(broker, {"x1", "x2", "x3"});
        const Delivered held = one_from(broker, 1);
        CHECK(all_of(broker, 2).empty());
        broker.ack(held);
        broker.update("orders/mail", with_mode(ConsumerMode::shared));
        broker.update("orders/mail", by_key());
        CHECK(one_from(broker, 2).payload == "x2");
        CHECK(all_of(broker, 1).empty());
        CHECK(all_of(broker, 2) == Texts{"x3"});
    }
}

TEST_CASE("a message that waits in its place is shown, explained, promoted, cancelled and removed") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        share_by_key(broker);
        publish(broker, {"x1", "y1", "z1", "x2", "-1"});
        for (int i = 0; i < 3; ++i) {
            broker.fail(one_from(broker, 1), "broken");
        }
        broker.fail(one_from(broker, 1));  // "-1", to the lane.
        CHECK(broker.show("orders/mail").delayed == 4);
        CHECK(payloads_of(broker.peek("orders/mail", MessageState::waiting)) == Texts{"x2"});
        Texts delayed;
        Peek peek;
        peek.queue = "orders/mail";
        peek.state = MessageState::delayed;
        peek.limit = 2;
        for (bool more = true; more;) {
            const auto page = broker.expect<MessageList>(peek);
            for (const std::string& text : payloads_of(page)) {
                delayed.push_back(text);
            }
            more = page.more;
            peek.from_at = page.next_at;
            peek.from_offset = page.next_offset;
            peek.from_rank = page.next_rank;
        }
        CHECK(delayed == Texts{"x1", "y1", "z1", "-1"});

        const auto why = broker.expect<ExplanationPtr>(WhyJob{"orders/mail", 0});
        CHECK(why->state == MessageState::delayed);
        CHECK(why->obstacles.at(0).kind == Obstacle::Kind::not_due);
        CHECK(why->obstacles.at(0).name == "broken");
        const auto behind = broker.expect<ExplanationPtr>(WhyJob{"orders/mail", 3});
        CHECK(std::any_of(behind->obstacles.begin(), behind->obstacles.end(), [](const Obstacle& one) {
            return one.kind == Obstacle::Kind::retry && one.name == "x" && one.until != 0;
        }));

        CancelJobs cancel;
        cancel.queue = "orders/mail";
        cancel.offsets = {1};
        CHECK(broker.expect<JobsCancelled>(cancel).cancelled.size() == 1);
        CHECK(broker.expect<JobsRemoved>(RemoveJobs{"orders/mail", {2}}).removed == 1);
        broker.expect<Done>(PromoteJob{"orders/mail", 0});
        CHECK(broker.show("orders/mail").delayed == 1);
        CHECK(broker.driver().core().durable_digest() == broker.driver().restored_copy()->durable_digest());
        CHECK(all_done_from(broker, 2) == Texts{"x1", "x2"});
    }
}

TEST_CASE("all that waits in its place is promoted with the rest") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x1", "-1", "x2", "y1"});
    for (int i = 0; i < 3; ++i) {
        broker.fail(one_from(broker, 1));
    }
    CHECK(broker.expect<Counted>(PromoteAll{"orders/mail"}).messages == 3);
    CHECK(broker.show("orders/mail").delayed == 0);
    CHECK(all_done_from(broker, 2).size() == 4);
}

TEST_CASE("what would take a message from its place is refused") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x1"});
    ChangeJob change;
    change.queue = "orders/mail";
    change.priority = 5;
    CHECK(refused(broker, change).code == RefusalCode::wrong_kind);
    const Delivered held = one_from(broker, 1);
    SetData data;
    data.token = held.token;
    data.offset = held.offset;
    data.entry = tests::make_entries(Texts{"new"});
    CHECK(refused(broker, data).code == RefusalCode::wrong_kind);
    broker.ack(held);
}

TEST_CASE("messages that are put back from the failed set are with one consumer of their key at a time") {
    Broker broker;
    QueueSettingsChange settings = by_key();
    settings.max_attempts = 1;
    share_by_key(broker, settings);
    publish(broker, {"x1", "x2", "-1", "x3"});
    for (int i = 0; i < 3; ++i) {
        broker.fail(one_from(broker, 1));
    }
    const Delivered held = one_from(broker, 2);
    CHECK(held.payload == "x3");
    RetryFailed retry;
    retry.queue = "orders/mail";
    CHECK(broker.expect<Counted>(retry).messages == 3);
    CHECK(all_of(broker, 1) == Texts{"-1"});
    CHECK(broker.expect<JobsRemoved>(RemoveJobs{"orders/mail", {1}}).refused.size() == 0);
    broker.ack(held);
    CHECK(all_of(broker, 1) == Texts{"x1"});
    CHECK(all_of(broker, 2).empty());
}

TEST_CASE("a purge leaves only what is in flight, and its key with its consumer") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x1", "x2", "y1", "y2"});
    const Delivered x = one_from(broker, 1);
    broker.fail(one_from(broker, 2));
    CHECK(broker.expect<Counted>(PurgeQueue{"orders/mail", false}).messages == 3);
    CHECK(broker.show("orders/mail").delayed == 0);
    publish(broker, {"x3", "y3"});
    CHECK(all_of(broker, 2) == Texts{"y3"});
    broker.ack(x);
    CHECK(all_of(broker, 2) == Texts{"x3"});
}
