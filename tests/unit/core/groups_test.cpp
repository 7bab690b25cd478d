// Groups: they take turns, each keeps the order of its messages, and every way back keeps group and place.
#include "tests/unit/core/broker.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;
using Payloads = std::vector<std::string>;

namespace {

EntryOptions of_group(const std::string& name) {
    EntryOptions options;
    options.group = name;
    return options;
}

Payloads group_payloads(Broker& broker, std::uint32_t count = 1'000) {
    Payloads payloads;
    for (const Delivered& one : broker.fetch(count)) {
        payloads.push_back(one.payload);
    }
    return payloads;
}

/// The first letters: in these tests the names of groups.
std::string letters(const Payloads& payloads) {
    std::string text;
    for (const std::string& payload : payloads) {
        text += payload.front();
    }
    return text;
}

QueueSettingsChange retry_at_once() {
    QueueSettingsChange settings;
    settings.backoff = Backoff{Backoff::Kind::fixed, 0, 0, 0, {}};
    return settings;
}

GroupInfo show_group(Broker& broker, const std::string& group) {
    const ReplyBody reply = broker.ask(ShowGroup{"q", group});
    REQUIRE(std::holds_alternative<GroupInfoPtr>(reply));
    return *std::get<GroupInfoPtr>(reply);
}

}  // namespace

TEST_CASE("the id of a group is made of its name for ever") {
    const GroupId id = group_id_of("customer-1");
    CHECK(id == group_id_of("customer-1"));
    CHECK(id != group_id_of("customer-2"));
    CHECK(group_id_of(std::string("a\0b", 3)) != group_id_of("a"));
    CHECK(group_id_of("") != GroupId{});
    CHECK(make_group("") == nullptr);
    // SipHash-2-4-128 with this key; on disk.
    CHECK(group_id_of("customer-1").high == group_id_of(std::string("customer") + "-1").high);
}

TEST_CASE("groups take turns, whatever one of them has waiting") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.produce("q", {"a1", "a2", "a3", "a4", "a5", "a6"}, of_group("a"));
    broker.produce("q", {"b1", "b2"}, of_group("b"));
    broker.produce("q", {"c1", "c2", "c3"}, of_group("c"));
    const Payloads got = group_payloads(broker);
    REQUIRE(got.size() == 11);
    const std::string order = letters(got);
    CHECK(std::set<char>(order.begin(), order.begin() + 3).size() == 3);
    CHECK(std::set<char>(order.begin() + 3, order.begin() + 6).size() == 3);
    CHECK(order.substr(8) == "aaa");
    std::map<char, std::string> by_group;
    for (const std::string& payload : got) {
        by_group[payload[0]] += payload[1];
    }
    CHECK(by_group['a'] == "123456");
    CHECK(by_group['b'] == "12");
    CHECK(by_group['c'] == "123");
}

TEST_CASE("what has no group goes first, and the counts tell the two apart") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.produce("q", {"a"}, of_group("a"));
    broker.produce("q", {"plain"});
    broker.produce("q", {"b"}, of_group("b"));
    const QueueInfo info = broker.show("q");
    CHECK(info.waiting == 1);
    CHECK(info.grouped == 2);
    CHECK(info.groups == 2);
    CHECK(info.groups_known);
    CHECK(group_payloads(broker).front() == "plain");
    CHECK(broker.show("q").grouped == 0);
    CHECK(broker.show("q").leased == 3);
}

TEST_CASE("within a group priority decides, then time") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    EntryOptions low = of_group("a");
    low.priority = 9;
    broker.produce("q", {"low"}, low);
    broker.produce("q", {"first", "second"}, of_group("a"));
    EntryOptions front = of_group("a");
    front.lifo = true;
    broker.produce("q", {"front"}, front);
    EntryOptions later = of_group("a");
    later.delay_ms = 100;
    broker.produce("q", {"later"}, later);
    CHECK(broker.show("q").delayed == 1);
    broker.advance(100);
    CHECK(broker.show("q").grouped == 5);
    CHECK(group_payloads(broker) == Payloads{"front", "first", "second", "later", "low"});
}

TEST_CASE("a consumer that settles one by one is served group by group") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    for (const char* name : {"a", "b", "c"}) {
        broker.produce("q", {std::string(name) + "1", std::string(name) + "2", std::string(name) + "3"},
                       of_group(name));
    }
    std::string order;
    for (int i = 0; i < 9; ++i) {
        const auto one = broker.fetch(1);
        REQUIRE(one.size() == 1);
        order += one.front().payload.front();
        broker.ack(one.front());
    }
    CHECK(order.substr(0, 3) == order.substr(3, 3));
    CHECK(order.substr(0, 3) == order.substr(6, 3));
    CHECK(std::set<char>(order.begin(), order.end()).size() == 3);
}

TEST_CASE("every way back keeps group and place") {
    Broker broker;
    broker.create("q", retry_at_once());
    broker.consume("q", 0);
    broker.produce("q", {"first"}, of_group("a"));
    broker.advance(1);
    broker.produce("q", {"second", "third"}, of_group("a"));
    const auto held = broker.fetch(1);
    REQUIRE(held.size() == 1);
    const std::string way = GENERATE("fail", "release", "lease", "restart", "delayed release", "failed set", "penalty");
    INFO(way);
    if (way == "fail") {
        broker.fail(held.front());
    } else if (way == "release") {
        broker.settle_ok(held.front(), Release{0});
    } else if (way == "delayed release") {
        broker.settle_ok(held.front(), Release{500});
        broker.advance(500);
    } else if (way == "penalty") {
        broker.settle_ok(held.front(), Release{0, 500, true});
        broker.advance(500);
    } else if (way == "lease") {
        broker.advance(31'000);
    } else if (way == "restart") {
        broker.restart();
        broker.connect(2);
        broker.advance(31'000);
        broker.consume("q", 0, 2);
    } else {
        broker.settle_ok(held.front(), Fail{"for good", true, {}});
        broker.expect<Counted>(RetryFailed{"q", {}, false});
    }
    const auto again = broker.fetch(100, way == "restart" ? 2 : 1);
    REQUIRE(again.size() == 3);
    CHECK(again[0].payload == "first");
    CHECK(again[1].payload == "second");
    CHECK(again[2].payload == "third");
    CHECK(show_group(broker, "a").in_flight == 3);
    for (const Delivered& one : again) {
        broker.ack(one);
    }
    CHECK(broker.show("q").leased == 0);
    CHECK(show_group(broker, "a").in_flight == 0);
    CHECK(show_group(broker, "a").waiting == 0);
}

TEST_CASE("a dead-letter queue remembers the group, and a redrive gives it back") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings = retry_at_once();
    settings.dead_letter_queue = "dead";
    broker.create("q", settings);
    broker.consume("q", 0);
    broker.produce("q", {"one"}, of_group("a"));
    const auto held = broker.fetch(1);
    REQUIRE(held.size() == 1);
    broker.settle_ok(held.front(), Fail{"for good", true, {}});
    CHECK(broker.show("dead").waiting == 1);
    const auto dead = broker.peek("dead", MessageState::waiting);
    REQUIRE(dead.messages.size() == 1);
    REQUIRE(dead.messages.front().origin);
    CHECK(dead.messages.front().origin->group == "a");
    broker.expect<Counted>(Redrive{"dead", "", 0, false});
    CHECK(broker.show("q").grouped == 1);
    CHECK(show_group(broker, "a").waiting == 1);
}

TEST_CASE("groups are found again after a restart without reading them all") {
    Broker broker;
    broker.create("q");
    std::set<std::string> sent;
    for (int g = 0; g < 3'000; ++g) {
        const std::string name = "group-" + std::to_string(g);
        broker.produce("q", {name + "/1", name + "/2"}, of_group(name));
        sent.insert({name + "/1", name + "/2"});
    }
    broker.restart();
    broker.connect(2);
    broker.consume("q", 0, 2);
    CHECK(broker.show("q").grouped == 6'000);
    std::vector<std::string> order;
    while (order.size() < 6'000) {
        const auto some = broker.fetch(500, 2);
        REQUIRE(!some.empty());
        Settle acks;
        for (const Delivered& one : some) {
            order.push_back(one.payload);
            acks.settlements.push_back({one.token, {{one.offset, 1}}, Ack{}});
        }
        broker.expect<Settled>(acks);
    }
    CHECK(std::set<std::string>(order.begin(), order.end()) == sent);
    // Each group once, before any comes again.
    CHECK(std::all_of(order.begin(), order.begin() + 3'000,
                      [](const std::string& payload) { return payload.back() == '1'; }));
    CHECK(broker.show("q").grouped == 0);
}

TEST_CASE("one group with more messages than memory holds is served in order") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    for (int i = 0; i < 20; ++i) {
        Payloads batch;
        for (int j = 0; j < 100; ++j) {
            batch.push_back(std::to_string(100'000 + i * 100 + j));
        }
        broker.produce("q", batch, of_group("big"));
        broker.produce("q", {"small"}, of_group("small"));
    }
    std::uint64_t next = 100'000, small = 0;
    while (next < 102'000) {
        const auto some = broker.fetch(37);
        REQUIRE(!some.empty());
        for (const Delivered& one : some) {
            if (one.payload == "small") {
                ++small;
            } else {
                CHECK(one.payload == std::to_string(next++));
            }
            broker.ack(one);
        }
    }
    CHECK(small == 20);
    CHECK(broker.show("q").grouped == 0);
}

TEST_CASE("a grouped message is found, changed, listed and removed by its id") {
    Broker broker;
    broker.expect<QueueInfo>(CreateQueue{"q", Profile::job, {}, false});
    broker.consume("q", 0);
    const Offset first = broker.produce("q", {"one", "two", "three"}, of_group("a")).first;
    broker.produce("q", {"other"}, of_group("b"));
    const auto shown = broker.expect<MessageList>(ShowJob{"q", first + 1});
    REQUIRE(shown.messages.size() == 1);
    CHECK(shown.messages.front().state == MessageState::grouped);
    REQUIRE(shown.messages.front().group);
    CHECK(shown.messages.front().group->name == "a");
    ChangeJob change;
    change.queue = "q";
    change.offset = first + 2;
    change.lifo = true;
    broker.expect<Done>(change);
    CHECK(broker.expect<JobsRemoved>(RemoveJobs{"q", {first}, 0, {}}).removed == 1);
    Peek look;
    look.queue = "q";
    look.state = MessageState::grouped;
    look.group = "a";
    const auto listed = broker.expect<MessageList>(look);
    REQUIRE(listed.messages.size() == 2);
    CHECK_FALSE(listed.more);
    CHECK(listed.messages.front().offset == first + 2);
    CHECK(broker.peek("q", MessageState::grouped).messages.size() == 3);
    CHECK(broker.show("q").grouped == 3);
}

TEST_CASE("purge takes what waits in groups and leaves what is leased") {
    Broker broker;
    broker.create("q", retry_at_once());
    broker.consume("q", 0);
    broker.produce("q", {"a1", "a2"}, of_group("a"));
    broker.produce("q", {"b1", "b2"}, of_group("b"));
    const auto held = broker.fetch(1);
    REQUIRE(held.size() == 1);
    CHECK(broker.expect<Counted>(PurgeQueue{"q", false}).messages == 3);
    CHECK(broker.show("q").grouped == 0);
    CHECK(broker.show("q").leased == 1);
    broker.fail(held.front());
    CHECK(group_payloads(broker) == Payloads{held.front().payload});
    broker.restart();
    CHECK(broker.show("q").leased == 1);
}

TEST_CASE("a grouped message that was not settled in time is gone") {
    Broker broker;
    broker.create("q");
    EntryOptions options = of_group("a");
    options.ttl_ms = 50;
    broker.produce("q", {"short"}, options);
    broker.produce("q", {"long"}, of_group("a"));
    broker.advance(50);
    broker.consume("q", 0);
    CHECK(group_payloads(broker) == Payloads{"long"});
    CHECK(broker.show("q").totals.expired == 1);
}

TEST_CASE("the name of a group has at most 255 bytes") {
    Broker broker;
    broker.create("q");
    const auto refused = broker.expect<Refusal>(Broker::batch("q", {"x"}, of_group(std::string(256, 'g'))));
    CHECK(refused.code == RefusalCode::invalid_argument);
    CHECK(refused.field == "options.group");
    CHECK(refused.limit == 255);
    CHECK(broker.show("q").totals.produced == 0);
    broker.produce("q", {"x"}, of_group(std::string(255, 'g')));
    broker.produce("q", {"y"}, of_group(""));
    CHECK(broker.show("q").grouped == 1);
    CHECK(broker.show("q").waiting == 1);
}
