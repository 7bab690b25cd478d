// What holds a group back: strict order, concurrency, rate, pause and penalty, over restarts too.
#include "tests/unit/core/broker.hpp"

#include <algorithm>
#include <set>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;
using Payloads = std::vector<std::string>;

namespace {

EntryOptions in_group(const std::string& name) {
    EntryOptions options;
    options.group = name;
    return options;
}

QueueSettingsChange strict_groups(DurationMs backoff_ms = 1'000) {
    QueueSettingsChange settings;
    settings.group_order = GroupOrder::strict;
    settings.backoff = Backoff{Backoff::Kind::fixed, backoff_ms, backoff_ms, 0, {}};
    return settings;
}

Payloads fetched_sorted(Broker& broker, std::uint64_t consumer = 1) {
    Payloads payloads;
    for (const Delivered& one : broker.fetch(1'000, consumer)) {
        payloads.push_back(one.payload);
    }
    std::sort(payloads.begin(), payloads.end());
    return payloads;
}

GroupInfo ask_group(Broker& broker, RequestBody body) {
    const ReplyBody reply = broker.ask(std::move(body));
    INFO(tests::to_text(Effect(Reply{{}, {}, reply})));
    REQUIRE(std::holds_alternative<GroupInfoPtr>(reply));
    return *std::get<GroupInfoPtr>(reply);
}
GroupInfo shown_group(Broker& broker, const std::string& group) { return ask_group(broker, ShowGroup{"q", group}); }

SetGroup setting_of(const std::string& group) {
    SetGroup set;
    set.queue = "q";
    set.group = group;
    return set;
}

void start_again(Broker& broker) {
    broker.restart();
    broker.connect(2);
    broker.consume("q", 0, 2);
}

}  // namespace

TEST_CASE("in strict order one of a group is in flight, also while it waits to be tried again") {
    Broker broker;
    broker.create("q", strict_groups());
    broker.consume("q", 0);
    broker.produce("q", {"a1", "a2", "a3"}, in_group("a"));
    broker.produce("q", {"b1", "b2"}, in_group("b"));
    auto held = broker.fetch(10);
    REQUIRE(held.size() == 2);
    CHECK(fetched_sorted(broker).empty());
    const auto a = std::find_if(held.begin(), held.end(), [](const auto& one) { return one.payload == "a1"; });
    const auto b = std::find_if(held.begin(), held.end(), [](const auto& one) { return one.payload == "b1"; });
    REQUIRE((a != held.end() && b != held.end()));
    broker.fail(*a);
    broker.ack(*b);
    CHECK(fetched_sorted(broker) == Payloads{"b2"});
    CHECK(shown_group(broker, "a").hold == Hold::retry);
    CHECK(shown_group(broker, "a").retrying == 1);
    SECTION("and comes first when it is due") {
        broker.advance(999);
        CHECK(fetched_sorted(broker).empty());
        broker.advance(1);
        CHECK(fetched_sorted(broker) == Payloads{"a1"});
    }
    SECTION("after a restart too") {
        start_again(broker);
        CHECK(fetched_sorted(broker, 2).empty());
        broker.advance(1'000);
        CHECK(fetched_sorted(broker, 2) == Payloads{"a1"});
    }
    SECTION("and no longer when it is removed") {
        CHECK(broker.expect<Counted>(PurgeQueue{"q", false}).messages != 0);
        broker.produce("q", {"a4"}, in_group("a"));
        CHECK(fetched_sorted(broker) == Payloads{"a4"});
    }
}

TEST_CASE("a limit on a group in flight holds back that group only") {
    Broker broker;
    QueueSettingsChange settings;
    settings.group_max_in_flight = 2;
    broker.create("q", settings);
    broker.consume("q", 0);
    broker.produce("q", {"a1", "a2", "a3", "a4"}, in_group("a"));
    broker.produce("q", {"b1"}, in_group("b"));
    auto held = broker.fetch(100);
    REQUIRE(held.size() == 3);
    CHECK(shown_group(broker, "a").hold == Hold::in_flight);
    CHECK(shown_group(broker, "a").waiting == 2);
    CHECK(shown_group(broker, "a").in_flight == 2);
    SetGroup more = setting_of("a");
    more.max_in_flight = 3;
    CHECK(ask_group(broker, more).limits.max_in_flight == 3);
    CHECK(fetched_sorted(broker) == Payloads{"a3"});
    for (const Delivered& one : held) {
        broker.ack(one);
    }
    CHECK(fetched_sorted(broker) == Payloads{"a4"});
}

TEST_CASE("a group's rate is kept apart from the others', and over a restart") {
    Broker broker;
    QueueSettingsChange settings;
    settings.group_rate = RateLimit{2, 1'000, 0};
    broker.create("q", settings);
    broker.consume("q", 0);
    broker.produce("q", {"a1", "a2", "a3", "a4", "a5"}, in_group("a"));
    broker.produce("q", {"b1"}, in_group("b"));
    CHECK(fetched_sorted(broker) == Payloads{"a1", "a2", "b1"});
    CHECK(shown_group(broker, "a").hold == Hold::rate);
    CHECK(shown_group(broker, "a").held_until == broker.now() + 500);
    broker.advance(499);
    CHECK(fetched_sorted(broker).empty());
    broker.advance(1);
    CHECK(fetched_sorted(broker) == Payloads{"a3"});
    start_again(broker);
    CHECK(fetched_sorted(broker, 2).empty());
    broker.advance(500);
    CHECK(fetched_sorted(broker, 2) == Payloads{"a4"});
    broker.consume("q", 0, 3);
    broker.tell(broker.fetch_of(1, 20'000, 3));
    broker.advance(500);
    CHECK(broker.take_payloads() == Payloads{"a5"});
    // When every bucket is full again nothing is kept.
    broker.advance(60'000);
    CHECK(broker.driver().store().tables().groups.empty());
}

TEST_CASE("a group is paused, for good or for a time, before it exists and over a restart") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    SetGroup pause = setting_of("a");
    pause.paused = true;
    CHECK(ask_group(broker, pause).hold == Hold::paused);
    broker.produce("q", {"a1"}, in_group("a"));
    broker.produce("q", {"b1"}, in_group("b"));
    CHECK(fetched_sorted(broker) == Payloads{"b1"});
    start_again(broker);
    CHECK(shown_group(broker, "a").limits.paused);
    CHECK(fetched_sorted(broker, 2).empty());
    SetGroup later = setting_of("a");
    later.paused = false;
    later.pause_for_ms = 2'000;
    CHECK(ask_group(broker, later).hold == Hold::paused_until);
    CHECK(fetched_sorted(broker, 2).empty());
    start_again(broker);
    broker.tell(broker.fetch_of(1, 20'000, 2));
    broker.advance(1'999);
    CHECK(broker.take().empty());
    broker.advance(1);
    CHECK(broker.take_payloads() == Payloads{"a1"});
}

TEST_CASE("a worker says that its group is to be held back") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.produce("q", {"a1", "a2"}, in_group("a"));
    broker.produce("q", {"b1"}, in_group("b"));
    broker.produce("q", {"plain"});
    const auto plain = broker.fetch(1);
    REQUIRE(plain.size() == 1);
    broker.settle_ok(plain.front(), Release{0, 700, true});
    CHECK(fetched_sorted(broker).size() == 4);
    broker.advance(31'000);  // All come back.
    auto held = broker.fetch(4);
    REQUIRE(held.size() == 4);
    for (const Delivered& one : held) {
        if (one.payload.front() == 'a') {
            broker.settle_ok(one, Release{0, one.payload == "a1" ? 700 : 200, true});
        }
    }
    CHECK(shown_group(broker, "a").hold == Hold::penalty);
    CHECK(fetched_sorted(broker).empty());
    start_again(broker);
    broker.advance(699);
    CHECK(fetched_sorted(broker, 2).empty());
    broker.advance(1);
    CHECK(fetched_sorted(broker, 2) == Payloads{"a1", "a2"});
}

TEST_CASE("a penalty of a group is set and ended by request") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.expect<QueueInfo>(Penalise{"q", 5'000, "a"});
    broker.produce("q", {"a1"}, in_group("a"));
    broker.produce("q", {"b1"}, in_group("b"));
    CHECK(fetched_sorted(broker) == Payloads{"b1"});
    broker.expect<QueueInfo>(Penalise{"q", 0, "a"});
    CHECK(fetched_sorted(broker) == Payloads{"a1"});
    const auto refused = broker.expect<Refusal>(Penalise{"q", 1, std::string(256, 'x')});
    CHECK(refused.field == "penalise.group");
}

TEST_CASE("groups are listed page by page, those without messages too") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    std::set<std::string> names;
    for (int i = 0; i < 25; ++i) {
        const std::string name = "g" + std::to_string(i);
        broker.produce("q", {"x", "y"}, in_group(name));
        names.insert(name);
    }
    SetGroup pause = setting_of("empty");
    pause.paused = true;
    ask_group(broker, pause);
    names.insert("empty");
    CHECK(broker.fetch(5).size() == 5);
    std::set<std::string> listed;
    std::uint64_t waiting = 0, in_flight = 0;
    ListGroups list{"q", {}, 7};
    while (true) {
        const auto page = broker.expect<GroupList>(list);
        CHECK(page.groups.size() <= 7);
        for (const GroupInfo& one : page.groups) {
            CHECK(listed.insert(one.name).second);
            waiting += one.waiting;
            in_flight += one.in_flight;
        }
        if (!page.next) {
            break;
        }
        list.after = page.next;
    }
    CHECK(listed == names);
    CHECK(waiting == 45);
    CHECK(in_flight == 5);
}

TEST_CASE("what is asked of groups is checked, and nothing is stored of what is refused") {
    Broker broker;
    broker.create("q");
    const auto field_of = [&](RequestBody body) { return broker.expect<Refusal>(std::move(body)).field; };
    CHECK(field_of(ShowGroup{"q", ""}) == "show_group.group");
    CHECK(field_of(setting_of("")) == "set_group.group");
    CHECK(field_of(setting_of(std::string(256, 'x'))) == "set_group.group");
    SetGroup bad = setting_of("a");
    bad.rate = RateLimit{5, 0, 0};
    CHECK(field_of(bad) == "set_group.rate.per_ms");
    bad = setting_of("a");
    bad.max_messages = 5;
    CHECK(field_of(bad) == "set_group.max_messages");
    bad = setting_of("a");
    bad.paused_until = -1;
    CHECK(field_of(bad) == "set_group.paused_until_ms");
    bad = setting_of("a");
    bad.pause_for_ms = limits::ten_years_ms + 1;
    CHECK(field_of(bad) == "set_group.pause_for_ms");
    QueueSettingsChange rate;
    rate.group_rate = RateLimit{0, 5, 0};
    CHECK(field_of(UpdateQueue{"q", rate}) == "settings.group_rate.permits");
    QueueSettingsChange dead;
    dead.group_overflow = GroupOverflow::dead_letter_oldest;
    CHECK(field_of(UpdateQueue{"q", dead}) == "settings.group_overflow");
    EntryOptions later = in_group("a");
    later.delay_ms = 1'000;
    broker.produce("q", {"x"}, later);
    QueueSettingsChange order;
    order.group_order = GroupOrder::strict;
    CHECK(field_of(UpdateQueue{"q", order}) == "settings.group_order");
    QueueSettingsChange length;
    length.group_max_messages = 5;
    CHECK(field_of(UpdateQueue{"q", length}) == "settings.group_max_messages");
    CHECK(broker.driver().store().tables().groups.empty());
}

TEST_CASE("a group's own settings go back to the queue's rules") {
    Broker broker;
    QueueSettingsChange settings;
    settings.group_max_in_flight = 1;
    broker.create("q", settings);
    broker.consume("q", 0);
    SetGroup wide = setting_of("a");
    wide.max_in_flight = 0;
    wide.rate = RateLimit{100, 1'000, 0};
    ask_group(broker, wide);
    broker.produce("q", {"a1", "a2", "a3"}, in_group("a"));
    const auto held = broker.fetch(2);
    REQUIRE(held.size() == 2);
    SetGroup reset = setting_of("a");
    reset.reset = true;
    const GroupInfo info = ask_group(broker, reset);
    CHECK(info.limits == GroupLimits{});
    CHECK(info.hold == Hold::in_flight);
    for (const Delivered& one : held) {
        broker.ack(one);
    }
    CHECK(fetched_sorted(broker) == Payloads{"a3"});
}
