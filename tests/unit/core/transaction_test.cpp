// Transactions: settles, produces, a change and a schedule, all or nothing.
#include "server/core/transaction.hpp"

#include "server/core/schedule_spec.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

RunTransaction run(Transaction parts) { return {std::make_shared<const Transaction>(std::move(parts))}; }

Settlement settlement_of(const Delivered& message, SettleAction action = Ack{}) {
    return {message.token, {{message.offset, 1}}, std::move(action)};
}

Produce numbered(Produce produce, std::uint64_t sequence) {
    produce.producer = 77;
    produce.producer_created_at = 1'700'000'000'000;
    produce.sequence = sequence;
    return produce;
}

std::shared_ptr<const ScheduleSpec> hourly(const std::string& queue) {
    ScheduleSpec spec;
    spec.queue = queue;
    spec.timing.every_ms = 3'600'000;
    spec.timing.start_at = 1'700'000'000'000 + 1'000'000;
    spec.entry = tests::make_entries({"tick"});
    return std::make_shared<const ScheduleSpec>(std::move(spec));
}

TransactionDone done(Broker& broker, Transaction parts) {
    return *broker.expect<TransactionDonePtr>(run(std::move(parts)));
}

/// Queue `in` with one leased message, and two queues to produce to.
struct Step {
    Step() {
        broker.create("in");
        broker.create("out");
        broker.create("audit");
        broker.consume("in", 0);
        broker.produce("in", {"order", "later"});
        held = broker.fetch(1).front();
    }
    void check_untouched() {
        CHECK(broker.show("in").leased == 1);
        CHECK(broker.show("in").waiting == 1);
        CHECK(broker.show("out").waiting == 0);
        CHECK(broker.show("audit").waiting == 0);
    }
    Transaction passing_on() const {
        Transaction parts;
        parts.settlements.push_back(settlement_of(held));
        parts.produces.push_back(Broker::batch("out", {"invoice", "parcel"}));
        parts.produces.push_back(Broker::batch("audit", {"seen"}));
        return parts;
    }
    Broker broker;
    Delivered held;
};

}  // namespace

TEST_CASE("a message is acked and others are stored in two queues") {
    Step step;
    const TransactionDone result = done(step.broker, step.passing_on());
    CHECK_FALSE(result.repeated);
    REQUIRE(result.produced.size() == 2);
    CHECK(result.produced[0].count == 2);
    CHECK(result.produced[1].first == 0);
    CHECK(step.broker.show("in").leased == 0);
    CHECK(step.broker.show("in").totals.acked == 1);
    CHECK(step.broker.show("out").waiting == 2);
    CHECK(step.broker.show("audit").waiting == 1);
}

TEST_CASE("nothing is done when one part cannot be") {
    Step step;
    Transaction parts = step.passing_on();
    RefusalCode expected = RefusalCode::invalid_argument;
    SECTION("a queue is not there") {
        parts.produces[1].queue = "nowhere";
        expected = RefusalCode::queue_not_found;
    }
    SECTION("a queue is full") {
        QueueSettingsChange one;
        one.max_messages = 1;
        step.broker.update("out", one);
        expected = RefusalCode::queue_full;
    }
    SECTION("a message is too large for its queue") {
        QueueSettingsChange small;
        small.max_message_bytes = 1'024;
        step.broker.update("audit", small);
        parts.produces[1] = Broker::batch("audit", {std::string(2'000, 'x')});
        expected = RefusalCode::message_too_large;
    }
    SECTION("the lease is over") {
        step.broker.advance(31'000);
        const Delivered again = step.broker.fetch(1).front();
        REQUIRE(again.offset == step.held.offset);
        expected = RefusalCode::lease_superseded;
    }
    SECTION("the changed message is leased") {
        parts.change = ChangeJob{"in", step.held.offset};
        parts.change->priority = 4;
        expected = RefusalCode::wrong_message_state;
    }
    SECTION("the schedule's queue is not there") {
        parts.schedule = UpsertSchedule{"tick", hourly("nowhere"), {}};
        expected = RefusalCode::queue_not_found;
    }
    SECTION("the schedule's zone is not there") {
        ScheduleSpec spec = *hourly("out");
        spec.timing = {};
        spec.timing.cron = "0 5 * * *";
        spec.timing.zone = "Mars/Olympus";
        parts.schedule = UpsertSchedule{"tick", std::make_shared<const ScheduleSpec>(spec), {}};
    }
    CHECK(step.broker.refusal(run(parts)) == expected);
    step.check_untouched();
}

TEST_CASE("a transaction that contradicts itself is refused") {
    Step step;
    Transaction parts = step.passing_on();
    SECTION("a queue is named twice") { parts.produces[1].queue = "out"; }
    SECTION("a produce is per item") { parts.produces[1].per_item = true; }
    SECTION("a message is settled twice") { parts.settlements.push_back(settlement_of(step.held)); }
    SECTION("there is no part") { parts = {}; }
    CHECK(step.broker.refusal(run(parts)) == RefusalCode::invalid_argument);
    step.check_untouched();
}

TEST_CASE("a message that was settled or given back cannot be part of a transaction") {
    Step step;
    SECTION("settled") {
        step.broker.settle_ok(step.held, Ack{});
        CHECK(step.broker.refusal(run(step.passing_on())) == RefusalCode::already_settled);
    }
    SECTION("given back: its ack alone would still be taken") {
        step.broker.settle_ok(step.held, Release{});
        CHECK(step.broker.refusal(run(step.passing_on())) == RefusalCode::lease_expired);
        CHECK(step.broker.show("in").waiting == 2);
    }
    CHECK(step.broker.show("out").waiting == 0);
}

TEST_CASE("a repeated transaction is answered and not done again") {
    Step step;
    Transaction parts = step.passing_on();
    SECTION("known by its produces, also after a restart") {
        parts.produces[0] = numbered(parts.produces[0], 1);
        parts.produces[1] = numbered(parts.produces[1], 1);
        CHECK_FALSE(done(step.broker, parts).repeated);
        SECTION("at once") {}
        SECTION("after a restart") {
            step.broker.restart();
            step.broker.connect(2);
        }
        const TransactionDone again = done(step.broker, parts);
        CHECK(again.repeated);
        REQUIRE(again.produced.size() == 2);
        CHECK(again.produced[0].count == 2);
        CHECK(step.broker.show("out").waiting == 2);
        CHECK(step.broker.show("audit").waiting == 1);
    }
    SECTION("known by its settles when it produces nothing") {
        parts.produces.clear();
        parts.schedule = UpsertSchedule{"tick", hourly("out"), {}};
        CHECK(done(step.broker, parts).schedule->generation == 1);
        CHECK(done(step.broker, parts).repeated);
    }
    SECTION("a sequence of another produce is no repeat") {
        parts.produces[0] = numbered(parts.produces[0], 1);
        parts.produces[1] = numbered(parts.produces[1], 2);
        step.broker.expect<Produced>(numbered(Broker::batch("out", {"alone"}), 1));
        CHECK(step.broker.refusal(run(parts)) == RefusalCode::invalid_argument);
        CHECK(step.broker.show("audit").waiting == 0);
    }
    SECTION("a refused one consumed nothing") {
        parts.produces[0] = numbered(parts.produces[0], 1);
        parts.produces[1] = numbered(parts.produces[1], 1);
        Transaction wrong = parts;
        wrong.produces[1].queue = "nowhere";
        CHECK(step.broker.refusal(run(wrong)) == RefusalCode::queue_not_found);
        CHECK_FALSE(done(step.broker, parts).repeated);
    }
}

TEST_CASE("a message is changed and a schedule is made together with the rest") {
    Step step;
    Transaction parts = step.passing_on();
    parts.change = ChangeJob{"in", 1};
    parts.change->delay_ms = 5'000;
    ScheduleSpec spec = *hourly("audit");
    SECTION("by interval") {}
    SECTION("in a zone that must be read first") {
        spec.timing = {};
        spec.timing.cron = "0 5 * * *";
        spec.timing.zone = "Europe/Berlin";
    }
    parts.schedule = UpsertSchedule{"tick", std::make_shared<const ScheduleSpec>(spec), {}};
    const TransactionDone result = done(step.broker, parts);
    REQUIRE(result.schedule);
    CHECK(result.schedule->progress.next_at > step.broker.now());
    CHECK(step.broker.show("in").delayed == 1);
    CHECK(step.broker.show("in").waiting == 0);
    CHECK(step.broker.expect<ScheduleInfo>(ShowSchedule{"tick"}).generation == 1);
    step.broker.advance(5'000);
    CHECK(step.broker.fetch(1).front().payload == "later");
}

TEST_CASE("a failure and a release are parts like an ack") {
    Step step;
    const Delivered second = step.broker.fetch(1).front();
    Transaction parts;
    Fail fail;
    fail.terminal = true;
    fail.reason = "broken";
    parts.settlements = {settlement_of(step.held, fail), settlement_of(second, Release{1'000})};
    parts.produces.push_back(Broker::batch("out", {"complaint"}));
    done(step.broker, parts);
    CHECK(step.broker.show("in").failed == 1);
    CHECK(step.broker.show("in").delayed == 1);
    CHECK(step.broker.show("out").waiting == 1);
}

TEST_CASE("names in a transaction's produce are looked up before anything is done") {
    Step step;
    Transaction parts = step.passing_on();
    parts.produces[0].defaults.id = "order 7";
    parts.produces[0] = Broker::batch("out", {"invoice"}, parts.produces[0].defaults);
    CHECK(done(step.broker, parts).produced[0].count == 1);
    const Delivered next = step.broker.fetch(1).front();
    parts.settlements = {settlement_of(next)};
    const TransactionDone second = done(step.broker, parts);
    CHECK(second.produced[0].count == 0);
    REQUIRE(second.produced[0].outcomes.size() == 1);
    CHECK(second.produced[0].outcomes[0].kind == ItemOutcome::Kind::duplicate);
    CHECK(step.broker.show("in").leased == 0);
}

TEST_CASE("producers that wait for room are not passed by a transaction") {
    Step step;
    QueueSettingsChange blocking;
    blocking.max_messages = 1;
    blocking.overflow = Overflow::block;
    step.broker.update("out", blocking);
    step.broker.produce("out", {"first"});
    const std::uint64_t waiting = step.broker.tell(Broker::batch("out", {"second"}));
    CHECK(step.broker.reply_to(waiting) == nullptr);
    CHECK(step.broker.refusal(run(step.passing_on())) == RefusalCode::queue_full);
    CHECK(step.broker.show("in").leased == 1);
}

TEST_CASE("nothing is dropped in one queue for a transaction that another refuses") {
    Step step;
    QueueSettingsChange dropping, one;
    dropping.max_messages = 2;
    dropping.overflow = Overflow::drop_oldest;
    step.broker.update("out", dropping);
    step.broker.produce("out", {"first", "second"});
    Transaction parts = step.passing_on();
    SECTION("for it is full") {
        one.max_messages = 1;
        step.broker.update("audit", one);
        step.broker.produce("audit", {"full"});
        CHECK(step.broker.refusal(run(parts)) == RefusalCode::queue_full);
    }
    SECTION("for an option of its own is wrong") {
        parts.produces[1].defaults.priority = limits::priority_max + 1;
        CHECK(step.broker.refusal(run(parts)) == RefusalCode::invalid_argument);
    }
    CHECK(step.broker.show("out").totals.dropped == 0);
    CHECK(step.broker.show("out").waiting == 2);
    CHECK(step.broker.show("in").leased == 1);
}

TEST_CASE("all produces of a transaction have a sequence, or none") {
    Step step;
    Transaction parts = step.passing_on();
    parts.produces[0] = numbered(parts.produces[0], 1);
    CHECK(step.broker.refusal(run(parts)) == RefusalCode::invalid_argument);
    step.check_untouched();
}

TEST_CASE("the body of a changed message is kept beside names that are only looked up") {
    Step step;
    EntryOptions held_back;
    held_back.id = "x";
    held_back.delay_ms = 60'000;
    step.broker.produce("out", {"the body"}, held_back);
    step.broker.restart();
    step.broker.connect(2);
    Transaction parts;
    parts.change = ChangeJob{"out", 0};
    parts.change->id = "x";
    parts.change->delay_ms = 0;
    parts.produces.push_back(Broker::batch("out", {"ignored"}, held_back));
    CHECK(done(step.broker, parts).produced[0].count == 0);
    step.broker.consume("out");
    CHECK(step.broker.take_payloads() == std::vector<std::string>{"the body"});
}
