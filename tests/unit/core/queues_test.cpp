#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;

namespace {

QueueSettingsChange attempts(std::uint32_t most) {
    QueueSettingsChange change;
    change.max_attempts = most;
    return change;
}

}  // namespace

TEST_CASE("creating the same queue again changes nothing") {
    Broker broker;
    const QueueInfo first = broker.create("mail", attempts(7));

    const QueueInfo again = broker.create("mail", attempts(7));

    REQUIRE(again.id == first.id);
    REQUIRE(again.settings == first.settings);
}

TEST_CASE("creating a queue that exists with other settings is refused unless it may update") {
    Broker broker;
    const QueueInfo first = broker.create("mail", attempts(7));

    REQUIRE(broker.refusal(CreateQueue{"mail", Profile::message, attempts(8), false}) == RefusalCode::queue_exists);
    REQUIRE(broker.show("mail").settings.max_attempts == 7);

    const auto updated = broker.expect<QueueInfo>(CreateQueue{"mail", Profile::message, attempts(8), true});
    REQUIRE(updated.id == first.id);
    REQUIRE(updated.settings.max_attempts == 8);
}

TEST_CASE("a profile decides the attempts unless they are given") {
    Broker broker;
    const auto job = broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, {}, false});

    REQUIRE(job.settings.max_attempts == 3);
    REQUIRE(broker.create("messages").settings.max_attempts == 20);
}

TEST_CASE("an update leaves what it does not name") {
    Broker broker;
    broker.create("mail", attempts(7));
    QueueSettingsChange change;
    change.lease_ms = 5'000;

    broker.update("mail", change);

    REQUIRE(broker.show("mail").settings.max_attempts == 7);
    REQUIRE(broker.show("mail").settings.lease_ms == 5'000);
}

TEST_CASE("names have 1 to 255 bytes of letters, digits, dot, underscore and hyphen") {
    Broker broker;
    broker.create(std::string(255, 'a'));
    broker.create("A-z_0.9");

    for (const std::string& name : {std::string(), std::string(256, 'a'), std::string("a b"), std::string("a/b"),
                                    std::string("\xC3\xA4"), std::string("a\0b", 3)}) {
        REQUIRE(broker.refusal(CreateQueue{name, Profile::message, {}, false}) == RefusalCode::invalid_argument);
    }
}

TEST_CASE("settings beyond their limits are refused and name the field") {
    Broker broker;
    const auto field_of = [&](const QueueSettingsChange& change) {
        return broker.expect<Refusal>(CreateQueue{"q", Profile::message, change, false}).field;
    };
    QueueSettingsChange change;
    change.lease_ms = limits::lease_ms_min - 1;
    REQUIRE(field_of(change) == "settings.lease_ms");
    change.lease_ms = limits::lease_ms_max + 1;
    REQUIRE(field_of(change) == "settings.lease_ms");
    REQUIRE(field_of(attempts(0)) == "settings.max_attempts");
    REQUIRE(field_of(attempts(65'536)) == "settings.max_attempts");
    QueueSettingsChange size;
    size.max_message_bytes = limits::message_bytes_max + 1;
    REQUIRE(field_of(size) == "settings.max_message_bytes");
    QueueSettingsChange list;
    list.backoff = Backoff{Backoff::Kind::list, 0, 1'000, 0, {}};
    REQUIRE(field_of(list) == "settings.backoff.list_ms");
    QueueSettingsChange jitter;
    jitter.backoff = Backoff{Backoff::Kind::fixed, 0, 1'000, 1'001, {}};
    REQUIRE(field_of(jitter) == "settings.backoff.jitter_permille");
}

TEST_CASE("a dead-letter target must exist, is not the queue itself, and cannot be deleted while it is used") {
    Broker broker;
    QueueSettingsChange change;
    change.dead_letter_queue = "dead";
    REQUIRE(broker.refusal(CreateQueue{"mail", Profile::message, change, false}) ==
            RefusalCode::dead_letter_target_missing);

    broker.create("dead");
    broker.create("mail", change);

    REQUIRE(broker.refusal(UpdateQueue{"dead", change}) == RefusalCode::invalid_argument);
    REQUIRE(broker.refusal(DeleteQueue{"dead"}) == RefusalCode::queue_in_use);
    broker.expect<Done>(DeleteQueue{"mail"});
    broker.expect<Done>(DeleteQueue{"dead"});
}

TEST_CASE("a list is in order of names, by prefix, page by page") {
    Broker broker;
    for (const char* name : {"b-2", "a-1", "b-1", "b-3", "c-1"}) {
        broker.create(name);
    }

    const auto first = broker.expect<QueueList>(ListQueues{"b-", "", 2});
    REQUIRE(first.queues.size() == 2);
    REQUIRE(first.queues[0].name == "b-1");
    REQUIRE(first.next == "b-2");

    const auto second = broker.expect<QueueList>(ListQueues{"b-", first.next, 2});
    REQUIRE(second.queues.size() == 1);
    REQUIRE(second.queues[0].name == "b-3");
    REQUIRE(second.next.empty());
}

TEST_CASE("a deleted queue is gone at once; one made anew under its name is another and empty") {
    Broker broker;
    const QueueInfo before = broker.create("mail");
    broker.produce("mail", {"one", "two"});
    broker.consume("mail", 1);
    const auto held = broker.take_one();

    broker.expect<Done>(DeleteQueue{"mail"});

    REQUIRE(broker.take_closed().size() == 1);
    REQUIRE(broker.settle_refused(held, Ack{}) == RefusalCode::queue_deleted);
    REQUIRE(broker.refusal(ShowQueue{"mail"}) == RefusalCode::queue_not_found);
    const QueueInfo after = broker.create("mail");
    REQUIRE(after.id != before.id);
    REQUIRE(after.waiting == 0);
}

TEST_CASE("queues and their settings are there after a restart, and ids are not used again") {
    Broker broker;
    const QueueInfo kept = broker.create("kept", attempts(9));
    const QueueInfo gone = broker.create("gone");
    broker.expect<Done>(DeleteQueue{"gone"});

    broker.restart();
    broker.connect(2);

    REQUIRE(broker.show("kept").id == kept.id);
    REQUIRE(broker.show("kept").settings.max_attempts == 9);
    REQUIRE(value(broker.create("new").id) > value(gone.id));
}

TEST_CASE("a purge takes what waits and what is delayed and leaves what is leased") {
    Broker broker;
    broker.create("mail");
    broker.produce("mail", {"one", "two", "three"});
    EntryOptions later;
    later.delay_ms = 60'000;
    broker.produce("mail", {"late"}, later);
    broker.consume("mail", 1);
    const auto held = broker.take_one();

    REQUIRE(broker.expect<Counted>(PurgeQueue{"mail", false}).messages == 3);

    const QueueInfo info = broker.show("mail");
    REQUIRE(info.waiting == 0);
    REQUIRE(info.delayed == 0);
    REQUIRE(info.leased == 1);
    REQUIRE(info.totals.purged == 3);
    broker.ack(held);
    broker.advance(120'000);
    REQUIRE(broker.take().empty());
}

TEST_CASE("a purge takes the failed set only when asked") {
    Broker broker;
    broker.create("mail", attempts(1));
    broker.produce("mail", {"one"});
    broker.consume("mail");
    broker.fail(broker.take_one());
    REQUIRE(broker.show("mail").failed == 1);

    broker.expect<Counted>(PurgeQueue{"mail", false});
    REQUIRE(broker.show("mail").failed == 1);

    broker.expect<Counted>(PurgeQueue{"mail", true});
    REQUIRE(broker.show("mail").failed == 0);
    REQUIRE(broker.peek("mail", MessageState::failed).messages.empty());
}

TEST_CASE("a paused queue takes messages and delivers none until it goes on") {
    Broker broker;
    broker.create("mail");
    broker.consume("mail");
    QueueSettingsChange pause;
    pause.paused = true;
    broker.update("mail", pause);

    broker.produce("mail", {"one"});
    REQUIRE(broker.take().empty());

    pause.paused = false;
    broker.update("mail", pause);
    REQUIRE(broker.take_one().payload == "one");
}
