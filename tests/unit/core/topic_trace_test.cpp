// What became of a message in each subscription.
#include "tests/unit/core/topic_builder.hpp"

#include <map>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::create_topic;
using tests::Delivered;
using tests::done_from;
using tests::kinds;
using tests::of_kind;
using tests::select;
using tests::subscribe;
using tests::topic_memories;

namespace {

MessageTrace trace_of(Broker& broker, Offset offset, const std::string& after = "", std::uint32_t limit = 100) {
    return broker.expect<MessageTrace>(TraceMessage{"orders", offset, after, limit});
}

std::map<std::string, TraceState> states_of(const MessageTrace& trace) {
    std::map<std::string, TraceState> states;
    for (const TraceRow& row : trace.rows) {
        states[row.subscription] = row.state;
    }
    return states;
}

TraceRow row_of(const MessageTrace& trace, const std::string& subscription) {
    for (const TraceRow& row : trace.rows) {
        if (row.subscription == subscription) {
            return row;
        }
    }
    FAIL("no row of " << subscription);
    return {};
}

QueueSettingsChange two_attempts() {
    QueueSettingsChange settings;
    settings.max_attempts = 2;
    settings.backoff = Backoff{Backoff::Kind::fixed, 60'000, 60'000, 0, {}};
    return settings;
}

}  // namespace

TEST_CASE("a trace tells how far each subscription of the topic has come, over a restart") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        subscribe(broker, "orders", "acks", 1);
        subscribe(broker, "orders", "fails", 2, StartNow{}, two_attempts());
        subscribe(broker, "orders", "holds", 3);
        subscribe(broker, "orders", "idle", 4);
        subscribe(broker, "orders", "rejects", 5);
        const TimeMs stored = broker.now();
        broker.produce("orders", {"a", "b"});
        subscribe(broker, "orders", "late", 6);
        done_from(broker, 1);
        broker.fail(broker.fetch(1, 2).at(0));
        const Delivered held = broker.fetch(1, 3).at(0);
        Fail no;
        no.terminal = true;
        broker.settle_ok(broker.fetch(1, 5).at(0), no);
        const std::map<std::string, TraceState> expected{
            {"orders/acks", TraceState::done},    {"orders/fails", TraceState::delayed},
            {"orders/holds", TraceState::leased}, {"orders/idle", TraceState::waiting},
            {"orders/late", TraceState::before},  {"orders/rejects", TraceState::failed}};
        const MessageTrace trace = trace_of(broker, 0);
        CHECK(trace.stored_at == stored);
        CHECK(states_of(trace) == expected);
        CHECK(row_of(trace, "orders/fails").counters.failures == 1);
        CHECK(row_of(trace, "orders/fails").at == stored + 60'000);
        CHECK(row_of(trace, "orders/holds").counters.deliveries == 1);
        CHECK(row_of(trace, "orders/holds").at == stored + held.lease_ms);
        broker.restart();
        std::map<std::string, TraceState> after = states_of(trace_of(broker, 0));
        CHECK(after == expected);
        CHECK(states_of(trace_of(broker, 1)).at("orders/fails") == TraceState::waiting);
    }
}

TEST_CASE("a trace tells of subscriptions that select") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        create_topic(broker, "other");
        select(broker, "#", "all", 1);
        select(broker, "orders", "blue", 2, of_kind("blue"));
        select(broker, "orders", "red", 3, of_kind("red"));
        broker.produce("other", {"x"});
        broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "red"}}));
        select(broker, "ord.*", "none", 4);  // It stands for no topic here.
        broker.fetch(1, 1);
        broker.fetch(1, 1);  // The other topic's first.
        CHECK(states_of(trace_of(broker, 0)) == std::map<std::string, TraceState>{{"#/all", TraceState::leased},
                                                                                  {"orders/blue", TraceState::filtered},
                                                                                  {"orders/red", TraceState::waiting}});
        CHECK(row_of(trace_of(broker, 0), "#/all").offset == 1);
        CHECK(row_of(trace_of(broker, 1), "#/all").offset == 2);
        broker.fail(broker.fetch(1, 3).at(0));
        const TraceRow again = row_of(trace_of(broker, 0), "orders/red");
        CHECK(again.state == TraceState::delayed);
        CHECK(again.counters.failures == 1);
        done_from(broker, 3);
        CHECK(row_of(trace_of(broker, 1), "orders/red").state == TraceState::done);
    }
}

TEST_CASE("what has failed in a subscription that selects is settled, one way or the other") {
    Broker broker;
    create_topic(broker, "orders");
    select(broker, "orders", "red", 1, of_kind("red"));
    broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "red"}}));
    Fail no;
    no.terminal = true;
    broker.settle_ok(broker.fetch(1, 1).at(0), no);
    done_from(broker, 1);
    CHECK(row_of(trace_of(broker, 0), "orders/red").state == TraceState::settled);
    CHECK(row_of(trace_of(broker, 1), "orders/red").state == TraceState::settled);
}

TEST_CASE("a trace comes in pages, by name") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        broker.produce("orders", {"a"});
        for (const char* name : {"c", "a", "b", "e", "d"}) {
            CreateSubscription create;
            create.topic = "orders";
            create.name = name;
            create.start = StartBeginning{};
            broker.expect<QueueInfo>(create);
        }
        std::vector<std::string> names;
        std::string after;
        do {
            const MessageTrace page = trace_of(broker, 0, after, 2);
            CHECK(page.rows.size() <= 2);
            for (const TraceRow& row : page.rows) {
                CHECK(row.state == TraceState::waiting);
                names.push_back(row.subscription);
            }
            after = page.next;
        } while (!after.empty());
        CHECK(names == std::vector<std::string>{"orders/a", "orders/b", "orders/c", "orders/d", "orders/e"});
    }
}

TEST_CASE("only what the topic has can be traced") {
    Broker broker;
    create_topic(broker, "orders");
    broker.produce("orders", {"a", "b"});
    broker.create("q");
    CHECK(trace_of(broker, 0).rows.empty());
    CHECK(broker.refusal(TraceMessage{"orders", 2}) == RefusalCode::message_not_found);
    CHECK(broker.refusal(TraceMessage{"nowhere", 0}) == RefusalCode::queue_not_found);
    CHECK(broker.refusal(TraceMessage{"q", 0}) == RefusalCode::wrong_kind);
    broker.expect<Counted>(TrimTopic{"orders", 1});
    broker.advance(1'000);
    CHECK(broker.refusal(TraceMessage{"orders", 0}) == RefusalCode::message_not_found);
}
