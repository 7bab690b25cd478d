// When and to whom each message of a topic went, in the subscriptions of one that asks for it.
#include "server/core/limits.hpp"
#include "tests/unit/core/topic_builder.hpp"

#include <string>
#include <tuple>
#include <vector>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::create_topic;
using tests::done_from;
using tests::kinds;
using tests::of_kind;
using tests::select;
using tests::subscribe;
using tests::topic_memories;

namespace {

using enum EventType;

struct Told {
    TimeMs at = 0;
    EventType type{};
    Offset first = 0;
    std::uint32_t count = 0;
    std::string text;

    bool operator==(const Told&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Told& told) {
    return out << told.at << ' ' << static_cast<int>(told.type) << ' ' << told.first << '+' << told.count << ' '
               << told.text;
}

TopicSettingsChange logged(bool on = true) {
    TopicSettingsChange change;
    change.delivery_log = on;
    return change;
}

StreamEvents stream_of(const std::string& subscription) {
    StreamEvents stream;
    stream.stream = 9;
    stream.queue = subscription;
    stream.from_seq = 0;
    stream.credit = limits::event_credit_max;
    return stream;
}

/// All that is kept of a subscription, but for what is about it as a whole.
std::vector<Told> log_of(Broker& broker, const std::string& subscription) {
    broker.expect<Done>(stream_of(subscription));
    std::vector<Told> all;
    for (const EventBatch& batch : broker.take_events()) {
        for (const EventBatch::Sent& sent : batch.events) {
            const Event& event = sent.event;
            if (event.count != 0) {
                all.push_back(
                    {sent.at, event.type, event.first, event.count, event.detail ? event.detail->text : std::string()});
            }
        }
    }
    broker.expect<Done>(CloseEvents{9});
    return all;
}

RefusalCode code_of(Broker& broker, const std::string& subscription) {
    return broker.expect<Refusal>(stream_of(subscription)).code;
}

}  // namespace

TEST_CASE("a subscription tells when each message was delivered, to whom, and what came of it, over restarts") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", logged());
        QueueSettingsChange settings;
        settings.backoff = Backoff{Backoff::Kind::fixed, 100, 100, 0, {}};
        subscribe(broker, "orders", "mail", 1, StartNow{}, settings);
        broker.consume("orders/mail", 0, 2);
        const TimeMs began = broker.now();
        broker.produce("orders", {"a", "b", "c"});
        done_from(broker, 1, 2);
        broker.advance(50);
        broker.fail(broker.fetch(1, 2).at(0), "no luck");
        broker.restart();
        broker.connect(2);
        broker.consume("orders/mail", 0, 1);
        broker.advance(200);
        const TimeMs again = broker.now();
        done_from(broker, 1);
        const std::vector<Told> expected{{began, active, 0, 2, "worker-1"},
                                         {began, completed, 0, 1, ""},
                                         {began, completed, 1, 1, ""},
                                         {began + 50, active, 2, 1, "worker-2"},
                                         {began + 50, attempt_failed, 2, 1, "no luck"},
                                         {began + 50, delayed, 2, 1, ""},
                                         {began + 150, waiting, 2, 1, ""},
                                         {again, active, 2, 1, "worker-1"},
                                         {again, completed, 2, 1, ""}};
        CHECK(log_of(broker, "orders/mail") == expected);
        broker.restart();
        broker.connect(3);
        CHECK(log_of(broker, "orders/mail") == expected);
    }
}

TEST_CASE("the log is that of the topic: it begins and ends for all of its subscriptions") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "plain", 1);
    select(broker, "orders", "some", 2, of_kind("x"));
    select(broker, "#", "all", 3);
    broker.tell(kinds("orders", {{"a", "x"}}));
    done_from(broker, 1);
    done_from(broker, 2);
    CHECK(code_of(broker, "orders/plain") == RefusalCode::events_not_kept);
    UpdateTopic update;
    update.name = "orders";
    update.topic = logged();
    broker.expect<QueueInfo>(update);
    broker.tell(kinds("orders", {{"b", "y"}, {"c", "x"}}));
    done_from(broker, 1);
    done_from(broker, 2);
    done_from(broker, 3);
    const TimeMs now = broker.now();
    CHECK(log_of(broker, "orders/plain") ==
          std::vector<Told>{{now, active, 1, 2, "worker-1"}, {now, completed, 1, 1, ""}, {now, completed, 2, 1, ""}});
    CHECK(log_of(broker, "orders/some") == std::vector<Told>{{now, added, 1, 1, ""},
                                                             {now, waiting, 1, 1, ""},
                                                             {now, active, 1, 1, "worker-2"},
                                                             {now, completed, 1, 1, ""}});
    CHECK(code_of(broker, "#/all") == RefusalCode::events_not_kept);
    subscribe(broker, "orders", "late", 4, StartBeginning{});
    done_from(broker, 4);
    CHECK(log_of(broker, "orders/late").size() == 4);
    update.topic = logged(false);
    broker.expect<QueueInfo>(update);
    CHECK(code_of(broker, "orders/plain") == RefusalCode::events_not_kept);
    broker.restart();
    broker.connect(2);
    CHECK(code_of(broker, "orders/some") == RefusalCode::events_not_kept);
}

TEST_CASE("a subscription may keep events by its own settings, that of a pattern too") {
    Broker broker;
    create_topic(broker, "orders");
    QueueSettingsChange settings;
    settings.keep_events = true;
    subscribe(broker, "orders", "mail", 1, StartNow{}, settings);
    CreateSubscription all;
    all.topic = "#";
    all.name = "all";
    all.settings = settings;
    broker.expect<QueueInfo>(all);
    broker.consume("#/all", 0, 2);
    broker.produce("orders", {"a"});
    done_from(broker, 1);
    done_from(broker, 2);
    CHECK(log_of(broker, "orders/mail").size() == 2);
    CHECK(log_of(broker, "#/all").size() == 4);
}

TEST_CASE("deliveries to one worker in a row are one event, those to two are two") {
    Broker broker;
    create_topic(broker, "orders", logged());
    subscribe(broker, "orders", "mail", 1);
    broker.consume("orders/mail", 0, 2);
    broker.produce("orders", {"a", "b", "c", "d"});
    for (const std::uint64_t consumer : {1U, 2U}) {
        broker.tell(broker.fetch_of(2, 0, consumer));
    }
    const TimeMs now = broker.now();
    CHECK(log_of(broker, "orders/mail") ==
          std::vector<Told>{{now, active, 0, 2, "worker-1"}, {now, active, 2, 2, "worker-2"}});
}
