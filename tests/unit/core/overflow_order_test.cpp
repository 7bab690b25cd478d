// A full queue at awkward moments: right after a restart, behind others that wait, beside what it may not drop.
#include "server/core/schedule_spec.hpp"
#include "tests/unit/core/broker.hpp"

#include <string>
#include <vector>

using namespace baton::core;
using baton::tests::Broker;
using Texts = std::vector<std::string>;

namespace {

QueueSettingsChange room_for(std::uint64_t messages, Overflow policy) {
    QueueSettingsChange change;
    change.max_messages = messages;
    change.overflow = policy;
    return change;
}

EntryOptions ranked(std::uint32_t priority, bool lifo = false) {
    EntryOptions options;
    options.priority = priority;
    options.lifo = lifo;
    return options;
}

/// Three prioritized messages in one batch, of which two are done: its record on disk still names all three.
void leave_old_lease_record(Broker& broker) {
    broker.consume("mail", 3);
    broker.expect<Done>(SetCredit{ConsumerId{1}, 0, 0});
    broker.produce("mail", {"a", "b", "c"}, ranked(1));
    broker.expect<Done>(SetCredit{ConsumerId{1}, 3, 0});
    const auto batch = broker.take();
    REQUIRE(batch.size() == 3);
    broker.ack(batch[0]);
    broker.ack(batch[1]);
}

/// Applies the request before a single read of the restart is answered.
template <typename T>
T first_after_crash(Broker& broker, RequestBody body) {
    broker.driver().crash(0, true);
    return broker.expect<T>(std::move(body));
}

}  // namespace

TEST_CASE("a lease record that names messages which are done fills no queue after a restart") {
    Broker broker;
    broker.create("mail", room_for(3, Overflow::reject));
    leave_old_lease_record(broker);
    first_after_crash<Produced>(broker, Broker::batch("mail", {"d", "e", "f"}));
    REQUIRE(broker.show("mail").waiting == 3);
    REQUIRE(broker.show("mail").leased == 1);
    REQUIRE(broker.refusal(Broker::batch("mail", {"g"})) == RefusalCode::queue_full);
}

TEST_CASE("such a record makes a queue that drops its oldest drop nothing") {
    Broker broker;
    broker.create("mail", room_for(4, Overflow::drop_oldest));
    leave_old_lease_record(broker);
    broker.expect<Done>(SetCredit{ConsumerId{1}, 0, 0});
    broker.produce("mail", {"d", "e"});
    first_after_crash<Produced>(broker, Broker::batch("mail", {"f"}));
    REQUIRE(broker.show("mail").totals.dropped == 0);
    REQUIRE(broker.show("mail").waiting == 3);
}

TEST_CASE("the count of waiting messages is never less than none while leases are being read") {
    Broker broker;
    broker.create("mail");
    leave_old_lease_record(broker);
    const auto info = first_after_crash<QueueInfo>(broker, ShowQueue{"mail"});
    REQUIRE(info.waiting == 0);
    REQUIRE(info.leased == 1);
}

TEST_CASE("a produce that may not wait any more does not go before those that do") {
    Broker broker;
    QueueSettingsChange settings = room_for(3, Overflow::block);
    settings.max_message_bytes = limits::message_bytes_max;
    settings.block_timeout_ms = 10'000;
    broker.create("mail", settings);
    broker.produce("mail", {"one", "two"});
    const std::string large(limits::message_bytes_max / 2, 'x');
    for (int i = 0; i < 7; ++i) {
        broker.tell(Broker::batch("mail", {large, "y"}));
    }
    // There is room for the one, but what waits before it would be second.
    const std::string rest(limits::message_bytes_max / 2, 'z');
    REQUIRE(broker.refusal(Broker::batch("mail", {rest})) == RefusalCode::queue_full);
    REQUIRE(broker.show("mail").waiting == 2);
}

TEST_CASE("a blocked produce that fits at the very end of its time is stored") {
    Broker broker;
    QueueSettingsChange settings = room_for(1, Overflow::block);
    settings.block_timeout_ms = 3'000;
    broker.create("mail", settings);
    broker.produce("mail", {"one"});
    const auto waiting = broker.tell(Broker::batch("mail", {"two"}));
    broker.driver().advance(3'000);
    // Room and the end of its time come in the same round.
    QueueSettingsChange roomy;
    roomy.max_messages = 2;
    broker.update("mail", roomy);
    const ReplyBody* reply = broker.reply_to(waiting);
    REQUIRE(reply != nullptr);
    REQUIRE(std::holds_alternative<Produced>(*reply));
}

TEST_CASE("what was put in front without a priority is dropped after all others") {
    Broker broker;
    broker.create("mail", room_for(3, Overflow::drop_oldest));
    broker.produce("mail", {"plain"});
    broker.produce("mail", {"front"}, ranked(0, true));
    broker.produce("mail", {"low"}, ranked(9));
    broker.produce("mail", {"next"});
    broker.produce("mail", {"last"});
    broker.consume("mail");
    REQUIRE(broker.take_payloads() == Texts{"front", "next", "last"});
}

TEST_CASE("nothing is dropped for a produce that delayed messages leave no room for") {
    Broker broker;
    broker.create("mail", room_for(3, Overflow::drop_oldest));
    EntryOptions later;
    later.delay_ms = 60'000;
    broker.produce("mail", {"later", "later still"}, later);
    broker.produce("mail", {"now"});
    REQUIRE(broker.refusal(Broker::batch("mail", {"a", "b"})) == RefusalCode::queue_full);
    REQUIRE(broker.show("mail").totals.dropped == 0);
    REQUIRE(broker.show("mail").waiting == 1);
}

TEST_CASE("a schedule's message that is ready to be stored lets no produce go before one that waits for a read") {
    Broker broker;
    broker.create("mail", room_for(2, Overflow::drop_oldest));
    ScheduleSpec spec;
    spec.queue = "mail";
    spec.timing.every_ms = 1'000;
    spec.entry = baton::tests::make_entries(Texts{"tick"});
    broker.expect<ScheduleInfo>(UpsertSchedule{"s", std::make_shared<const ScheduleSpec>(spec), {}});
    broker.produce("mail", {"a", "b"}, ranked(1));
    auto& driver = broker.driver();
    driver.crash(0, true);
    driver.advance(1'000);
    driver.apply({ConnectionId{1}, RequestId{901}, "", Broker::batch("mail", {"first"}, ranked(1))});
    driver.tick();
    driver.seal();
    driver.finish_commit();
    // The last backward read of the lane is the schedule's.
    std::size_t scheduled = driver.reads();
    for (std::size_t i = 0; i < driver.reads(); ++i) {
        const auto* lane = std::get_if<ReadLane>(&driver.read(i).what);
        scheduled = lane != nullptr && lane->backwards ? i : scheduled;
    }
    REQUIRE(scheduled < driver.reads());
    driver.answer_read(scheduled);
    const auto second = broker.expect<Produced>(Broker::batch("mail", {"second"}, ranked(1)));
    const ReplyBody* first = broker.reply_to(901);
    REQUIRE(first != nullptr);
    REQUIRE(std::get<Produced>(*first).first < second.first);
}

TEST_CASE("a produce that waited for room goes before those that came later and wait for a read") {
    Broker broker;
    QueueSettingsChange settings = room_for(1, Overflow::block);
    settings.block_timeout_ms = 60'000;
    broker.create("mail", settings);
    broker.produce("mail", {"fills it"});
    auto& driver = broker.driver();
    const auto apply = [&](std::uint64_t id, RequestBody body) {
        driver.apply({ConnectionId{1}, RequestId{id}, "", std::move(body)});
    };
    apply(901, Broker::batch("mail", {"waits for room"}));
    EntryOptions named;
    named.id = "x";
    apply(902, Broker::batch("mail", {"waits for its name"}, named));
    apply(903, Broker::batch("mail", {"waits behind that"}));
    apply(904, UpdateQueue{"mail", room_for(10, Overflow::block)});
    broker.show("mail");
    Offset next = 1;
    for (const std::uint64_t id : {901, 902, 903}) {
        const ReplyBody* reply = broker.reply_to(id);
        REQUIRE(reply != nullptr);
        REQUIRE(std::holds_alternative<Produced>(*reply));
        CHECK(std::get<Produced>(*reply).first == next++);
    }
}
