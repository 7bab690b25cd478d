#include "server/core/limits.hpp"
#include "server/session/page_cursor.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

/// Decodes one frame; the request must be good.
template <typename Body>
Body decoded(v1::ClientFrame frame) {
    frame.set_request_id(2);
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    auto requests = machine.requests();
    REQUIRE(requests.size() == 1);
    REQUIRE(std::holds_alternative<Body>(requests[0].body));
    return std::get<Body>(std::move(requests[0].body));
}

}  // namespace

TEST_CASE("a namespace and an id come along") {
    v1::ClientFrame frame = produce_frame(9, 1, 1);
    frame.set_namespace_("tenant");
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    const auto requests = machine.requests();
    CHECK(requests.at(0).ns == "tenant");
    CHECK(requests.at(0).id == core::RequestId{9});
    CHECK(requests.at(0).connection == core::ConnectionId{5});

    frame.set_namespace_("no name");
    CHECK(fault_of(frame).field() == "namespace");
}

TEST_CASE("a settle carries every action") {
    v1::ClientFrame frame;
    v1::Settle& settle = *frame.mutable_settle();
    const auto add = [&settle] {
        v1::Settlement& added = *settle.add_settlements();
        added.mutable_token()->set_epoch(3);
        added.mutable_token()->set_queue_id(4);
        added.mutable_token()->set_batch(5);
        v1::OffsetRange& range = *added.add_ranges();
        range.set_first(100);
        range.set_count(7);
        return &added;
    };
    add()->mutable_ack();
    v1::FailAction& fail = *add()->mutable_fail();
    fail.set_reason("no such address");
    fail.set_terminal(true);
    fail.set_retry_after_ms(250);
    add()->mutable_release()->set_delay_ms(11);
    add()->mutable_extend()->set_lease_ms(2'000);
    add()->mutable_started();
    settle.mutable_fetch()->set_consumer_id(8);
    settle.mutable_fetch()->set_wait_ms(500);

    const auto body = decoded<core::Settle>(frame);
    REQUIRE(body.settlements.size() == 5);
    CHECK(body.settlements[0].token.epoch == 3);
    CHECK(body.settlements[0].token.queue == core::QueueId{4});
    CHECK(body.settlements[0].token.batch == 5);
    CHECK(body.settlements[0].ranges.at(0).first == 100);
    CHECK(body.settlements[0].ranges.at(0).count == 7);
    CHECK(std::holds_alternative<core::Ack>(body.settlements[0].action));
    const auto& failed = std::get<core::Fail>(body.settlements[1].action);
    CHECK(failed.reason == "no such address");
    CHECK(failed.terminal);
    CHECK(failed.retry_after_ms == 250);
    CHECK(std::get<core::Release>(body.settlements[2].action).delay_ms == 11);
    CHECK(std::get<core::Extend>(body.settlements[3].action).lease_ms == 2'000);
    CHECK(std::holds_alternative<core::Started>(body.settlements[4].action));
    REQUIRE(body.fetch);
    CHECK(body.fetch->consumer == core::ConsumerId{8});
    CHECK(body.fetch->max_messages == 1);
    CHECK(body.fetch->max_bytes == core::limits::credit_bytes_max);
    CHECK(body.fetch->wait_ms == 500);
}

TEST_CASE("an advance of the clock is bounded") {
    v1::ClientFrame frame;
    frame.mutable_advance_clock()->set_by_ms(7'200'000);
    CHECK(decoded<core::AdvanceClock>(frame).by_ms == 7'200'000);
    frame.mutable_advance_clock()->set_by_ms(UINT64_MAX);
    CHECK(fault_of(frame).field() == "advance_clock.by_ms");
    frame.mutable_show_clock();
    decoded<core::ShowClock>(frame);
}

TEST_CASE("limits and penalties are taken within their bounds") {
    v1::ClientFrame frame;
    v1::QueueSettings* settings = frame.mutable_update_queue()->mutable_settings();
    frame.mutable_update_queue()->set_name("q");
    settings->mutable_rate_limit()->set_permits(7);
    settings->mutable_rate_limit()->set_per_ms(60'000);
    settings->mutable_rate_limit()->set_burst(9);
    settings->set_max_in_flight(3);
    settings->set_paused_until_ms(-4);
    settings->set_pause_for_ms(5);
    const auto change = decoded<core::UpdateQueue>(frame).settings;
    CHECK(change.rate_limit == core::RateLimit{7, 60'000, 9});
    CHECK(change.max_in_flight == 3);
    CHECK(change.paused_until == -4);
    CHECK(change.pause_for_ms == 5);
    settings->set_pause_for_ms(UINT64_MAX);
    CHECK(fault_of(frame).field() == "settings.pause_for_ms");
    settings->mutable_rate_limit()->set_per_ms(UINT64_MAX);
    CHECK(fault_of(frame).field() == "settings.rate_limit.per_ms");

    frame.mutable_penalise()->set_queue("q");
    frame.mutable_penalise()->set_penalty_ms(30'000);
    CHECK(decoded<core::Penalise>(frame).penalty_ms == 30'000);
    frame.mutable_penalise()->set_penalty_ms(core::limits::ten_years_ms + 1);
    CHECK(fault_of(frame).field() == "penalise.penalty_ms");
    frame.mutable_penalise()->set_queue("no name");
    CHECK(fault_of(frame).field() == "penalise.queue");

    v1::Settlement& settlement = *frame.mutable_settle()->add_settlements();
    settlement.add_ranges()->set_count(1);
    settlement.mutable_penalise()->set_penalty_ms(5'000);
    CHECK(std::get<core::Release>(decoded<core::Settle>(frame).settlements.at(0).action).penalty_ms == 5'000);
    settlement.mutable_penalise()->set_penalty_ms(0);
    CHECK(fault_of(frame).field() == "settlements.penalise.penalty_ms");
}

TEST_CASE("a long reason is cut at a character") {
    v1::ClientFrame frame;
    v1::Settlement& settlement = *frame.mutable_settle()->add_settlements();
    settlement.add_ranges()->set_count(1);
    std::string reason(core::limits::reason_bytes_max - 1, 'x');
    settlement.mutable_fail()->set_reason(reason + "\u20AC and more");
    CHECK(std::get<core::Fail>(decoded<core::Settle>(frame).settlements.at(0).action).reason == reason);
}

TEST_CASE("bad settles are refused") {
    v1::ClientFrame frame;
    v1::Settle& settle = *frame.mutable_settle();
    CHECK(fault_of(frame).field() == "settle.settlements");
    settle.add_settlements()->mutable_ack();
    CHECK(fault_of(frame).field() == "settlements.ranges");
    settle.mutable_settlements(0)->add_ranges();
    CHECK(fault_of(frame).field() == "settlements.ranges.count");
    settle.mutable_settlements(0)->mutable_ranges(0)->set_count(1);
    settle.mutable_settlements(0)->clear_ack();
    CHECK(fault_of(frame).field() == "settlements.action");
    settle.mutable_settlements(0)->mutable_extend()->set_lease_ms(999);
    const auto error = fault_of(frame);
    CHECK(error.field() == "settlements.extend.lease_ms");
    CHECK(error.limit() == core::limits::lease_ms_min);
}

TEST_CASE("consumers are opened with bounded credit") {
    v1::ClientFrame frame;
    v1::OpenConsumer& open = *frame.mutable_open_consumer();
    open.set_consumer_id(3);
    open.set_queue("q");
    open.set_credit_messages(100);
    open.set_lease_ms(5'000);
    open.set_worker("w");
    open.set_redeclared(true);
    open.add_held_batches(7);
    open.add_held_batches(9);
    const auto body = decoded<core::OpenConsumer>(frame);
    CHECK(body.consumer == core::ConsumerId{3});
    CHECK(body.credit_messages == 100);
    CHECK(body.credit_bytes == core::limits::credit_bytes_max);
    CHECK(body.lease_ms == 5'000);
    CHECK(body.redeclared);
    CHECK(body.held_batches == std::vector<core::BatchNumber>{7, 9});

    open.set_credit_messages(core::limits::credit_messages_max + 1);
    const auto error = fault_of(frame);
    CHECK(error.field() == "open_consumer.credit_messages");
    CHECK(error.limit() == core::limits::credit_messages_max);
}

TEST_CASE("fetches are bounded") {
    v1::ClientFrame frame;
    frame.mutable_fetch()->set_wait_ms(core::limits::fetch_wait_ms_max + 1);
    const auto error = fault_of(frame);
    CHECK(error.field() == "fetch.wait_ms");
    CHECK(error.limit() == core::limits::fetch_wait_ms_max);
    frame.mutable_fetch()->set_wait_ms(0);
    frame.mutable_fetch()->set_lease_ms(0);
    CHECK(fault_of(frame).field() == "fetch.lease_ms");
}

TEST_CASE("queue settings keep what is absent absent") {
    v1::ClientFrame frame;
    v1::CreateQueue& create = *frame.mutable_create_queue();
    create.set_name("q");
    create.set_profile(v1::JOB);
    create.set_update(true);
    v1::QueueSettings& settings = *create.mutable_settings();
    settings.set_max_attempts(0);
    settings.set_dead_letter_queue("dead");
    settings.set_durability(v1::OS);
    settings.mutable_backoff()->set_kind(v1::Backoff::LIST);
    settings.mutable_backoff()->add_list_ms(10);
    const auto body = decoded<core::CreateQueue>(frame);
    CHECK(body.name == "q");
    CHECK(body.profile == core::Profile::job);
    CHECK(body.update);
    CHECK(body.settings.max_attempts == 0U);
    CHECK_FALSE(body.settings.lease_ms);
    CHECK(body.settings.dead_letter_queue == "dead");
    CHECK(body.settings.durability == core::Durability::os);
    REQUIRE(body.settings.backoff);
    CHECK(body.settings.backoff->kind == core::Backoff::Kind::list);
    CHECK(body.settings.backoff->list_ms == std::vector<std::int64_t>{10});

    settings.set_overflow(static_cast<v1::Overflow>(77));
    CHECK(fault_of(frame).field() == "settings.overflow");
}

TEST_CASE("a page cursor survives the round trip and nothing else is taken") {
    const auto read = read_cursor(write_cursor(PageCursor{-5, 0xFFFFFFFFFFFFFFFFULL}));
    REQUIRE(read);
    CHECK(read->at == -5);
    CHECK(read->offset == 0xFFFFFFFFFFFFFFFFULL);
    CHECK_FALSE(read_cursor("short"));

    v1::ClientFrame frame;
    frame.mutable_list_failed()->set_queue("q");
    CHECK(decoded<core::Peek>(frame).state == core::MessageState::failed);
    frame.mutable_list_failed()->set_cursor("short");
    CHECK(fault_of(frame).field() == "cursor");
}

TEST_CASE("messages are retried and redriven by name") {
    v1::ClientFrame retry;
    retry.mutable_retry_failed()->set_queue("q");
    retry.mutable_retry_failed()->add_offsets(4);
    retry.mutable_retry_failed()->set_keep_counters(true);
    const auto retried = decoded<core::RetryFailed>(retry);
    CHECK(retried.offsets == std::vector<core::Offset>{4});
    CHECK(retried.keep_counters);

    v1::ClientFrame redrive;
    redrive.mutable_redrive()->set_queue("dead");
    redrive.mutable_redrive()->set_max_messages(12);
    CHECK(decoded<core::Redrive>(redrive).max_messages == 12);
    redrive.mutable_redrive()->set_destination("a b");
    CHECK(fault_of(redrive).field() == "redrive.destination");
}

TEST_CASE("a cancel is answered by the session and passed on without an id") {
    v1::ClientFrame frame;
    frame.set_request_id(5);
    frame.mutable_cancel()->set_request_id(4);
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    const auto requests = machine.requests();
    CHECK(requests.at(0).id == core::RequestId{0});
    CHECK(std::get<core::CancelRequest>(requests.at(0).body).request == core::RequestId{4});
    CHECK(machine.said().at(0).has_done());
}

}  // namespace baton::session::test
