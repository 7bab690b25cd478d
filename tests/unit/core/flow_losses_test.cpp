// Every way in which a child can be lost, with every policy, as the last child and not as the last: no parent waits for
// what will never come.
#include "server/core/limits.hpp"
#include "tests/unit/core/flow_builder.hpp"

#include <string>

using namespace baton;
using namespace baton::core;
using tests::add_flow;
using tests::Broker;
using tests::children_of;
using tests::create_jobs;
using tests::fail_for_good;
using tests::flow_node;

namespace {

enum class Loss { fail, remove, expire, retention, dead_letter, cancel, drop, purge, queue_deleted };
constexpr Loss losses[] = {Loss::fail,   Loss::remove, Loss::expire, Loss::retention,    Loss::dead_letter,
                           Loss::cancel, Loss::drop,   Loss::purge,  Loss::queue_deleted};
enum class Then { waiting, ready, failed };

/// The queue of the child that is lost, so that nothing else happens there.
QueueSettingsChange victim_settings(Loss loss) {
    QueueSettingsChange settings;
    if (loss == Loss::retention) {
        settings.failed_retention.age_ms = 1'000;
    } else if (loss == Loss::dead_letter) {
        settings.dead_letter_queue = "dead";
    } else if (loss == Loss::drop) {
        settings.max_messages = 1;
        settings.overflow = Overflow::drop_oldest;
    }
    return settings;
}

void lose(Broker& broker, Loss loss) {
    switch (loss) {
        case Loss::fail:
        case Loss::dead_letter:
            fail_for_good(broker, broker.fetch(1, 2).front());
            return;
        case Loss::retention:
            fail_for_good(broker, broker.fetch(1, 2).front());
            broker.advance(2'000);
            CHECK(broker.show("victims").failed == 0);
            return;
        case Loss::remove:
            broker.expect<JobsRemoved>(RemoveJobs{"victims", {0}});
            return;
        case Loss::expire:
            broker.advance(60'000);
            return;
        case Loss::cancel:
            broker.expect<JobsCancelled>(CancelJobs{"victims", {0}, 0, {}});
            return;
        case Loss::drop:
            broker.produce("victims", {"newer"});
            return;
        case Loss::purge:
            broker.expect<Counted>(PurgeQueue{"victims", false, false});
            return;
        case Loss::queue_deleted:
            broker.expect<Done>(DeleteQueue{"victims"});
            return;
    }
}

Then expected(FailurePolicy policy, Loss loss, bool last) {
    switch (policy) {
        case FailurePolicy::inherit:
        case FailurePolicy::fail_parent:
            return Then::failed;
        case FailurePolicy::continue_parent:
            return Then::ready;
        case FailurePolicy::ignore:
        case FailurePolicy::remove:
            return last ? Then::ready : Then::waiting;
        case FailurePolicy::wait:
            return last && loss != Loss::fail ? Then::ready : Then::waiting;
    }
    return Then::waiting;
}

Then parent_now(Broker& broker) {
    const QueueInfo info = broker.show("parents");
    CHECK(info.waiting_children + info.waiting + info.failed == 1);
    return info.waiting_children != 0 ? Then::waiting : info.waiting != 0 ? Then::ready : Then::failed;
}

void try_one(FailurePolicy policy, Loss loss, bool last, std::size_t in_memory) {
    INFO("policy " << static_cast<int>(policy) << " loss " << static_cast<int>(loss) << (last ? " last" : " not last")
                   << " in memory " << in_memory);
    CoreOptions options;
    options.flows_in_memory_max = in_memory;
    Broker broker(options);
    broker.create("dead");
    create_jobs(broker, {"parents"});
    broker.expect<QueueInfo>(CreateQueue{"victims", Profile::job, victim_settings(loss), false});
    broker.consume("victims", 0, 2);
    broker.expect<QueueInfo>(CreateQueue{"others", Profile::job, {}, false});
    broker.consume("others", 0, 3);
    EntryOptions short_lived;
    if (loss == Loss::expire) {
        short_lived.ttl_ms = 30'000;
    }
    add_flow(broker,
             {flow_node("parents"), flow_node("victims", {0}, policy, short_lived), flow_node("others", {0}, policy)});
    if (last) {
        broker.ack(broker.fetch(1, 3).front());
    }
    lose(broker, loss);
    CHECK(parent_now(broker) == expected(policy, loss, last));
    if (!last) {
        broker.ack(broker.fetch(1, 3).front());
        CHECK(parent_now(broker) == expected(policy, loss, true));
    }
}

}  // namespace

TEST_CASE("a parent learns of a lost child whatever took it") {
    for (const std::size_t in_memory : {100, 0}) {
        for (int policy = 0; policy <= 5; ++policy) {
            for (const Loss loss : losses) {
                for (const bool last : {false, true}) {
                    try_one(static_cast<FailurePolicy>(policy), loss, last, in_memory);
                }
            }
        }
    }
}

TEST_CASE("a purge leaves parents alone whose children are held or were added behind it") {
    for (const std::size_t in_memory : {100, 0}) {
        CoreOptions options;
        options.flows_in_memory_max = in_memory;
        Broker broker(options);
        create_jobs(broker, {"parents", "pages"});
        add_flow(broker, {flow_node("parents"), flow_node("pages", {0})});
        add_flow(broker, {flow_node("parents"), flow_node("pages", {0})});
        EntryOptions delayed;
        delayed.delay_ms = 1'000;
        add_flow(broker, {flow_node("parents"), flow_node("pages", {0}, FailurePolicy::inherit, delayed)});
        const auto held = broker.fetch(1, 2);
        broker.expect<Counted>(PurgeQueue{"pages", false, false});
        add_flow(broker, {flow_node("parents"), flow_node("pages", {0})});
        CHECK(broker.show("parents").failed == 2);
        CHECK(broker.show("parents").waiting_children == 2);
        broker.ack(held.front());
        CHECK(broker.show("parents").waiting == 1);
        CHECK(broker.peek("parents", MessageState::failed).messages.front().attempts.back().reason ==
              "child 1 of pages was removed: purged");
    }
}

TEST_CASE("a purge notes which parents it may have taken, since their flows can outlive it") {
    Broker broker;
    create_jobs(broker, {"parents", "pages"});
    add_flow(broker, {flow_node("parents"), flow_node("pages", {0})});
    add_flow(broker, {flow_node("parents"), flow_node("pages", {0})});
    broker.expect<Counted>(PurgeQueue{"parents", false, false});
    add_flow(broker, {flow_node("parents"), flow_node("pages", {0})});
    for (const auto& [key, queue] : broker.driver().store().tables().queues) {
        const Offset below = broker.driver().store().tables().states.at(key).flows.purged_below;
        CHECK(below == (queue.name == "parents" ? 2U : 0U));
    }
}

TEST_CASE("a purge of the failed set lets parents go that wait for a retry") {
    Broker broker;
    create_jobs(broker, {"parents", "pages"});
    add_flow(broker, {flow_node("parents"), flow_node("pages", {0}, FailurePolicy::wait)});
    fail_for_good(broker, broker.fetch(1, 2).front());
    broker.expect<Counted>(PurgeQueue{"pages", false, false});
    CHECK(broker.show("parents").waiting_children == 1);
    broker.expect<Counted>(PurgeQueue{"pages", true, false});
    CHECK(broker.show("parents").waiting == 1);
    CHECK(children_of(broker, "parents", 0).children[0].child.state == ChildState::removed);
}

TEST_CASE("children that were lost are looked for after a restart too") {
    Broker broker;
    create_jobs(broker, {"parents", "pages"});
    for (int i = 0; i < 5; ++i) {
        add_flow(broker, {flow_node("parents"), flow_node("pages", {0}, FailurePolicy::ignore)});
    }
    // Stopped as soon as the deletion is on disk, before any flow has heard of it.
    Request request;
    request.connection = ConnectionId{1};
    request.id = RequestId{9'999};
    request.body = DeleteQueue{"pages"};
    broker.driver().apply(std::move(request));
    broker.driver().seal();
    broker.restart();
    broker.connect(2);
    CHECK(broker.show("parents").waiting == 5);
    const tests::Tables& tables = broker.driver().store().tables();
    CHECK(tables.shard->lost_children.empty());
    CHECK(tables.flow_members.empty());
}
