// Messages given up by their ids: in every state, with and without a holder, and over a restart.
#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;
using Offsets = std::vector<Offset>;

namespace {

JobsCancelled cancel(Broker& broker, Offsets offsets, DurationMs grace_ms = 5'000) {
    CancelJobs request;
    request.queue = "q";
    request.offsets = std::move(offsets);
    request.grace_ms = grace_ms;
    return broker.expect<JobsCancelled>(request);
}

void create_jobs_queue(Broker& broker, QueueSettingsChange settings = {}) {
    broker.expect<QueueInfo>(CreateQueue{"q", Profile::job, std::move(settings), false});
}

void check_empty(Broker& broker, std::uint64_t cancelled) {
    const QueueInfo info = broker.show("q");
    CHECK(info.waiting + info.prioritized + info.delayed + info.leased + info.failed == 0);
    CHECK(info.live_bytes == 0);
    CHECK(info.totals.cancelled == cancelled);
}

}  // namespace

TEST_CASE("what waits is gone at once, in every lane; what is unknown or failed is refused") {
    Broker broker;
    create_jobs_queue(broker);
    broker.produce("q", {"waits"});
    EntryOptions options;
    options.priority = 3;
    broker.produce("q", {"ranked"}, options);
    options = {};
    options.delay_ms = 60'000;
    broker.produce("q", {"late"}, options);
    broker.produce("q", {"fails"});
    broker.consume("q", 0);
    const auto both = broker.fetch(2);
    Fail fail;
    fail.terminal = true;
    broker.settle_ok(both.at(0), Release{0});
    broker.settle_ok(both.at(1), fail);
    const JobsCancelled done = cancel(broker, {0, 1, 2, 3, 77});
    CHECK(done.cancelled == Offsets{0, 1, 2});
    CHECK(done.cancelling.empty());
    REQUIRE(done.refused.size() == 2);
    CHECK(done.refused[0].second.code == RefusalCode::message_not_found);
    CHECK(done.refused[1].first == 3);
    CHECK(done.refused[1].second.code == RefusalCode::wrong_message_state);
    CHECK(broker.fetch(10).empty());
    CHECK(broker.show("q").failed == 1);
    CHECK(broker.show("q").totals.cancelled == 3);
    CHECK(broker.settle_refused(both.at(0), Ack{}) == RefusalCode::job_cancelled);
    broker.restart();
    broker.connect(2);
    CHECK(broker.show("q").totals.cancelled == 3);
    CHECK(broker.show("q").waiting + broker.show("q").delayed == 0);
}

TEST_CASE("a holder is told, and its ack within the grace still counts") {
    Broker broker;
    create_jobs_queue(broker);
    broker.produce("q", {"a", "b", "c"});
    broker.consume("q");
    const auto held = broker.take();
    REQUIRE(held.size() == 3);
    const JobsCancelled done = cancel(broker, {1}, 2'000);
    CHECK(done.cancelling == Offsets{1});
    const auto told = broker.take_revoked();
    REQUIRE(told.size() == 1);
    CHECK(value(told[0].connection) == 1);
    CHECK(told[0].token.batch == held[1].token.batch);
    CHECK(told[0].ranges.at(0).first == 1);
    CHECK(told[0].reason == RevokeReason::cancelled);
    CHECK(told[0].grace_ms == 2'000);
    const StoredMessage shown = broker.expect<MessageList>(ShowJob{"q", 1}).messages.at(0);
    CHECK(shown.state == MessageState::leased);
    CHECK(shown.cancelling);
    CHECK(shown.at == broker.now() + 2'000);
    broker.advance(1'999);
    broker.ack(held[1]);
    CHECK(broker.show("q").totals.acked == 1);
    broker.ack(held[0]);
    broker.ack(held[2]);
    check_empty(broker, 0);
}

TEST_CASE("any other end of the lease makes it gone") {
    Broker broker;
    QueueSettingsChange settings;
    settings.dead_letter_queue = "dead";
    broker.create("dead");
    create_jobs_queue(broker, settings);
    EntryOptions options;
    options.priority = GENERATE(0, 5);
    broker.produce("q", {"a"}, options);
    broker.consume("q");
    const Delivered held = broker.take_one();
    CHECK(cancel(broker, {0}).cancelling == Offsets{0});
    SECTION("a failure") {
        broker.fail(held);
        check_empty(broker, 1);
    }
    SECTION("a release") {
        broker.settle_ok(held, Release{1'000});
        check_empty(broker, 1);
    }
    SECTION("the end of the grace, which no extend moves") {
        broker.settle_ok(held, Extend{60'000});
        broker.advance(4'999);
        CHECK(broker.show("q").leased == 1);
        broker.advance(1);
        check_empty(broker, 1);
        CHECK(broker.settle_refused(held, Ack{}) == RefusalCode::job_cancelled);
    }
    SECTION("the loss of its consumer") {
        broker.expect<Done>(CloseConsumer{ConsumerId{1}});
        check_empty(broker, 1);
    }
    SECTION("the end of the lease itself") {
        broker.expect<QueueInfo>(UpdateQueue{"q", {}});
        CHECK(cancel(broker, {0}, 600'000).cancelling == Offsets{0});
        broker.advance(5'000);
        check_empty(broker, 1);
    }
    SECTION("a second cancel without grace") {
        CHECK(cancel(broker, {0}, 0).cancelled == Offsets{0});
        check_empty(broker, 1);
        CHECK(broker.settle_refused(held, Ack{}) == RefusalCode::job_cancelled);
    }
    broker.advance(100'000);
    CHECK(broker.take().empty());
    CHECK(broker.show("dead").waiting == 0);
}

TEST_CASE("a restart forgets no cancel, and the holder hears of it again") {
    Broker broker;
    create_jobs_queue(broker);
    EntryOptions options;
    options.priority = GENERATE(0, 5);
    broker.produce("q", {"a"}, options);
    broker.consume("q");
    const Delivered held = broker.take_one();
    CHECK(cancel(broker, {0}, 4'000).cancelling == Offsets{0});
    broker.take_revoked();
    broker.restart();
    SECTION("nobody comes back") {
        broker.advance(10'000);
        broker.connect(2);
        check_empty(broker, 1);
    }
    SECTION("the holder comes back") {
        broker.advance(1'000);
        broker.connect(2, 5'000, 1'001);
        OpenConsumer open;
        open.consumer = ConsumerId{1};
        open.queue = "q";
        open.credit_messages = 10;
        open.redeclared = true;
        open.held_batches = {held.token.batch};
        broker.expect<Done>(open);
        const auto told = broker.take_revoked();
        REQUIRE(told.size() == 1);
        CHECK(told[0].grace_ms == 3'000);
        SECTION("and acks") {
            broker.ack(held);
            CHECK(broker.show("q").totals.acked == 1);
        }
        SECTION("and is silent") {
            broker.advance(3'000);
            check_empty(broker, 1);
        }
    }
    CHECK(broker.take().empty());
}

TEST_CASE("what may have been delivered before a restart is gone at once") {
    Broker broker;
    create_jobs_queue(broker);
    EntryOptions options;
    options.delay_ms = GENERATE(0, 10);
    broker.produce("q", {"a"}, options);
    broker.advance(10);
    broker.consume("q");
    const Delivered held = broker.take_one();
    broker.restart();
    broker.connect(2);
    CHECK(cancel(broker, {0}).cancelled == Offsets{0});
    CHECK(broker.settle_refused(held, Ack{}) == RefusalCode::job_cancelled);
    broker.consume("q");
    broker.advance(limits::restart_grace_ms);
    CHECK(broker.take().empty());
    check_empty(broker, 1);
}

TEST_CASE("a cancel is bounded, and needs a queue that finds its messages") {
    Broker broker;
    broker.create("q");
    CancelJobs request;
    request.queue = "nowhere";
    request.offsets = {1};
    CHECK(broker.refusal(request) == RefusalCode::queue_not_found);
    request.queue = "q";
    request.offsets.clear();
    CHECK(broker.expect<Refusal>(request).field == "cancel_jobs.offsets");
    request.offsets.resize(1'001);
    CHECK(broker.expect<Refusal>(request).field == "cancel_jobs.offsets");
    request.offsets = {0};
    request.grace_ms = limits::cancel_grace_ms_max + 1;
    CHECK(broker.expect<Refusal>(request).field == "cancel_jobs.grace_ms");
    EntryOptions options;
    options.delay_ms = 1'000;
    broker.produce("q", {"late"}, options);
    CHECK(cancel(broker, {0}).refused.at(0).second.code == RefusalCode::wrong_profile);
    broker.produce("q", {"plain"});
    CHECK(cancel(broker, {1}).cancelled == Offsets{1});
}
