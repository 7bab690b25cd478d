// A group's maximum: exact, refused or made room for, and what a full queue does to groups.
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;
using Payloads = std::vector<std::string>;

namespace {

EntryOptions joining_group(const std::string& name, std::uint32_t level = 0) {
    EntryOptions options;
    options.group = name;
    if (level != 0) {
        options.priority = level;
    }
    return options;
}

QueueSettingsChange at_most(std::uint64_t messages, GroupOverflow overflow = GroupOverflow::reject) {
    QueueSettingsChange settings;
    settings.group_max_messages = messages;
    settings.group_overflow = overflow;
    settings.backoff = Backoff{Backoff::Kind::fixed, 1'000, 1'000, 0, {}};
    return settings;
}

Payloads all_of(Broker& broker, std::uint64_t consumer = 1) {
    Payloads payloads;
    for (const Delivered& one : broker.fetch(1'000, consumer)) {
        payloads.push_back(one.payload);
    }
    return payloads;
}

}  // namespace

TEST_CASE("a group takes as many messages as it may have, delayed ones counted and leased ones not") {
    Broker broker;
    broker.create("q", at_most(3));
    broker.consume("q", 0);
    EntryOptions later = joining_group("a");
    later.delay_ms = 1'000;
    broker.produce("q", {"later"}, later);
    broker.produce("q", {"a1", "a2"}, joining_group("a"));
    const auto refused = broker.expect<Refusal>(Broker::batch("q", {"a3"}, joining_group("a")));
    CHECK(refused.code == RefusalCode::group_full);
    CHECK(refused.limit == 3);
    CHECK(refused.retryable);
    broker.produce("q", {"b1", "b2", "b3"}, joining_group("b"));
    broker.produce("q", {"plain", "plain"});
    const auto held = broker.fetch(4);  // The first of each group among them.
    REQUIRE(held.size() == 4);
    broker.produce("q", {"a3"}, joining_group("a"));
    CHECK(broker.refusal(Broker::batch("q", {"a4", "a5"}, joining_group("a"))) == RefusalCode::group_full);
    const ReplyBody shown = broker.ask(ShowGroup{"q", "a"});
    CHECK(std::get<GroupInfoPtr>(shown)->messages == 4);
    broker.restart();
    broker.connect(2);
    broker.produce("q", {"b4"}, joining_group("b"));
    CHECK(broker.refusal(Broker::batch("q", {"b5"}, joining_group("b"))) == RefusalCode::group_full);
    CHECK(broker.refusal(Broker::batch("q", {"a5"}, joining_group("a"))) == RefusalCode::group_full);
}

TEST_CASE("one batch counts against the limit as a whole, or item by item") {
    Broker broker;
    broker.create("q", at_most(2));
    Produce produce = Broker::batch("q", {"a1", "b1", "a2", "a3", "b2"});
    for (std::uint32_t i = 0; i < 5; ++i) {
        produce.options.emplace_back(i, joining_group(i == 1 || i == 4 ? "b" : "a"));
    }
    CHECK(broker.refusal(produce) == RefusalCode::group_full);
    CHECK(broker.show("q").grouped == 0);
    produce.per_item = true;
    const auto produced = broker.expect<Produced>(produce);
    CHECK(produced.count == 4);
    REQUIRE(produced.refused.size() == 1);
    CHECK(produced.refused.front().first == 3);
    CHECK(produced.refused.front().second.code == RefusalCode::group_full);
}

TEST_CASE("a group's own limit goes before the queue's") {
    Broker broker;
    broker.create("q", at_most(1));
    SetGroup wide;
    wide.queue = "q";
    wide.group = "a";
    wide.max_messages = 3;
    broker.ask(wide);
    broker.produce("q", {"1", "2", "3"}, joining_group("a"));
    CHECK(broker.refusal(Broker::batch("q", {"4"}, joining_group("a"))) == RefusalCode::group_full);
    CHECK(broker.refusal(Broker::batch("q", {"1", "2"}, joining_group("b"))) == RefusalCode::group_full);
}

TEST_CASE("a full group drops its oldest, or its last of the lowest priority") {
    Broker broker;
    broker.create("q", at_most(3, GroupOverflow::drop_oldest));
    broker.consume("q", 0);
    SECTION("without priorities") {
        broker.produce("q", {"1", "2", "3"}, joining_group("a"));
        broker.produce("q", {"4", "5"}, joining_group("a"));
        CHECK(all_of(broker) == Payloads{"3", "4", "5"});
        CHECK(broker.show("q").totals.dropped == 2);
    }
    SECTION("with priorities") {
        broker.produce("q", {"urgent"}, joining_group("a", 1));
        broker.produce("q", {"low 1", "low 2"}, joining_group("a", 7));
        broker.produce("q", {"none"}, joining_group("a"));
        CHECK(all_of(broker) == Payloads{"none", "urgent", "low 1"});
    }
    SECTION("and takes no batch that is larger than the limit") {
        CHECK(broker.refusal(Broker::batch("q", {"1", "2", "3", "4"}, joining_group("a"))) == RefusalCode::group_full);
    }
}

TEST_CASE("what a full group drops is read when it is not in memory") {
    Broker broker;
    broker.create("q", at_most(500, GroupOverflow::drop_oldest));
    for (int i = 0; i < 5; ++i) {
        broker.produce("q", Payloads(100, std::to_string(i)), joining_group("a"));
    }
    broker.restart();
    broker.connect(2);
    broker.produce("q", Payloads(100, "5"), joining_group("a"));
    broker.consume("q", 0, 2);
    Payloads left;
    for (Payloads some = all_of(broker, 2); !some.empty(); some = all_of(broker, 2)) {
        left.insert(left.end(), some.begin(), some.end());
    }
    CHECK(left.size() == 500);
    CHECK(left.front() == "1");
    CHECK(left.back() == "5");
}

TEST_CASE("a full group's oldest go to the dead-letter queue when so set") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings = at_most(1, GroupOverflow::dead_letter_oldest);
    settings.dead_letter_queue = "dead";
    broker.create("q", settings);
    broker.produce("q", {"old"}, joining_group("a"));
    broker.produce("q", {"new"}, joining_group("a"));
    CHECK(broker.show("q").grouped == 1);
    const auto dead = broker.peek("dead", MessageState::waiting);
    REQUIRE(dead.messages.size() == 1);
    CHECK(dead.messages.front().origin->reason == EndReason::overflow);
}

TEST_CASE("a full queue drops of its groups first") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_messages = 4;
    settings.overflow = Overflow::drop_oldest;
    broker.create("q", settings);
    broker.consume("q", 0);
    broker.produce("q", {"plain"});
    broker.produce("q", {"a1", "a2"}, joining_group("a"));
    broker.produce("q", {"b1"}, joining_group("b"));
    broker.produce("q", {"more", "and more"});
    const QueueInfo info = broker.show("q");
    CHECK(info.waiting == 3);
    CHECK(info.grouped == 1);
    CHECK(info.totals.dropped == 2);
}
