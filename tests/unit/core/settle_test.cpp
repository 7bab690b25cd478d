#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

/// A queue `work` with these messages, all of them delivered to consumer 1.
std::vector<Delivered> deliver(Broker& broker, const std::vector<std::string>& payloads,
                               QueueSettingsChange settings = {}) {
    broker.create("work", std::move(settings));
    broker.produce("work", payloads);
    broker.consume("work");
    auto all = broker.take();
    REQUIRE(all.size() == payloads.size());
    return all;
}

Fail failure(bool terminal, std::optional<DurationMs> retry_after_ms = std::nullopt) {
    Fail fail;
    fail.reason = "no luck";
    fail.terminal = terminal;
    fail.retry_after_ms = retry_after_ms;
    return fail;
}

}  // namespace

TEST_CASE("an acked message is gone and counted, and a repeated ack says so") {
    Broker broker;
    const auto all = deliver(broker, {"a", "b"});
    broker.ack(all[0]);
    CHECK(broker.show("work").totals.acked == 1);
    CHECK(broker.show("work").leased == 1);
    CHECK(broker.settle_refused(all[0], Ack{}) == RefusalCode::already_settled);
    CHECK(broker.settle_refused(all[0], failure(false)) == RefusalCode::already_settled);
    CHECK(broker.show("work").totals.acked == 1);
}

TEST_CASE("one settle carries out what it may and refuses the rest by range") {
    Broker broker;
    const auto all = deliver(broker, {"a", "b", "c", "d"});
    broker.ack(all[1]);
    Settle settle;
    settle.settlements.push_back({all[0].token, {{0, 4}}, Ack{}});
    const auto settled = broker.expect<Settled>(settle);
    REQUIRE(settled.refused.size() == 1);
    CHECK(settled.refused[0].range.first == 1);
    CHECK(settled.refused[0].range.count == 1);
    CHECK(settled.refused[0].code == RefusalCode::already_settled);
    CHECK(broker.show("work").totals.acked == 4);
}

TEST_CASE("what a token never held is refused") {
    Broker broker;
    const auto all = deliver(broker, {"a"});
    Settle beyond;
    beyond.settlements.push_back({all[0].token, {{5, 2}}, Ack{}});
    const auto settled = broker.expect<Settled>(beyond);
    REQUIRE(settled.refused.size() == 1);
    CHECK(settled.refused[0].range.count == 2);
    CHECK(settled.refused[0].code == RefusalCode::token_unknown);

    Delivered forged = all[0];
    forged.token.batch += 1;
    CHECK(broker.settle_refused(forged, Ack{}) == RefusalCode::token_unknown);
    forged = all[0];
    forged.token.epoch += 1;
    CHECK(broker.settle_refused(forged, Ack{}) == RefusalCode::token_unknown);
    forged = all[0];
    forged.token.queue = QueueId{99};
    CHECK(broker.settle_refused(forged, Ack{}) == RefusalCode::queue_deleted);
    CHECK(broker.show("work").leased == 1);
}

TEST_CASE("a released message comes back at once to its place, and no failure is counted") {
    Broker broker;
    const auto all = deliver(broker, {"a", "b", "c"});
    broker.ack(all[2]);
    broker.produce("work", {"d"});
    REQUIRE(broker.take_one().payload == "d");
    broker.settle_ok(all[0], Release{});
    const Delivered again = broker.take_one();
    CHECK(again.payload == "a");
    CHECK(again.counters == Counters{2, 0, 0});
    CHECK(again.cause == Cause::released);
}

TEST_CASE("a release may be for later") {
    Broker broker;
    const auto all = deliver(broker, {"a"});
    broker.settle_ok(all[0], Release{700});
    CHECK(broker.show("work").delayed == 1);
    broker.advance(699);
    CHECK(broker.take().empty());
    broker.advance(1);
    CHECK(broker.take_one().counters == Counters{2, 0, 0});
}

TEST_CASE("an extend moves the deadline of what it names, and of nothing else") {
    Broker broker;
    QueueSettingsChange settings;
    settings.lease_ms = 1'000;
    const auto all = deliver(broker, {"a", "b"}, settings);
    broker.advance(900);
    broker.settle_ok(all[0], Extend{1'000});
    broker.advance(100);
    const Delivered lapsed = broker.take_one();
    CHECK(lapsed.payload == "b");
    CHECK(lapsed.cause == Cause::lease_expired);
    broker.ack(lapsed);
    broker.advance(899);
    CHECK(broker.take().empty());
    broker.advance(1);
    const Delivered late = broker.take_one();
    CHECK(late.payload == "a");
    // It had asked for more time: work had begun.
    CHECK(late.counters == Counters{2, 0, 1});
}

TEST_CASE("a terminal failure is not tried again") {
    Broker broker;
    const auto all = deliver(broker, {"a"});
    broker.settle_ok(all[0], failure(true));
    CHECK(broker.show("work").failed == 1);
    broker.advance(limits::ten_years_ms);
    CHECK(broker.take().empty());
}

TEST_CASE("a failed message comes back with its counters and its history") {
    Broker broker;
    const auto all = deliver(broker, {"a"});
    broker.settle_ok(all[0], failure(false, 250));
    broker.advance(250);
    const Delivered again = broker.take_one();
    CHECK(again.counters == Counters{2, 1, 0});
    CHECK(again.cause == Cause::failed);
    const auto leased = broker.peek("work", MessageState::leased).messages;
    REQUIRE(leased.size() == 1);
    REQUIRE(leased[0].attempts.size() == 1);
    CHECK(leased[0].attempts[0].reason == "no luck");
    CHECK(leased[0].attempts[0].worker == "worker-1");
}

TEST_CASE("settle and fetch in one request answer twice, the settle first") {
    Broker broker;
    broker.create("work");
    broker.produce("work", {"a", "b"});
    broker.consume("work", 0);
    const Delivered first = broker.fetch(1).at(0);
    Settle settle = Broker::settle_of(first, Ack{});
    settle.fetch = broker.fetch_of(1);
    const std::uint64_t id = broker.tell(settle);
    REQUIRE(broker.reply_to(id) != nullptr);
    CHECK(std::holds_alternative<Settled>(*broker.reply_to(id)));
    const Delivered next = broker.take_one();
    CHECK(next.payload == "b");
    CHECK(next.request == id);
}
