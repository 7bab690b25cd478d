#include "server/session/encode/encode.hpp"

#include "server/session/page_cursor.hpp"
#include "server/session/session_limits.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>

namespace baton::session::test {

namespace {

/// A run of entries as a produce would have stored it.
core::EntryRun stored_run(int count, std::size_t bytes) {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(produce_frame(2, count, bytes)));
    return std::get<core::Produce>(machine.requests().at(0).body).entries;
}

v1::ServerFrame only_frame(SendQueue& out) {
    auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    return frames[0];
}

core::Deliver sample_delivery(std::size_t bytes) {
    core::Deliver delivery;
    delivery.connection = core::ConnectionId{5};
    delivery.request = core::RequestId{300};
    delivery.consumer = core::ConsumerId{9};
    delivery.token = core::Token{2, core::QueueId{7}, 1'000'000};
    delivery.lease_ms = 30'000;
    delivery.runs.push_back({500, 1'700'000'000'000, stored_run(4, bytes)});
    delivery.runs.push_back({900, 1'700'000'000'001, stored_run(3, bytes).slice(1, 2)});
    return delivery;
}

}  // namespace

TEST_CASE("a run of a subscription that selects says its topic") {
    core::Deliver delivery = sample_delivery(10);
    delivery.runs[1].topic = "order.created";
    delivery.runs[1].topic_offset = 300;
    SendQueue out;
    encode_delivery(delivery, out);
    const v1::ServerFrame frame = only_frame(out);
    REQUIRE(frame.delivery().runs_size() == 2);
    CHECK(frame.delivery().runs(0).topic().empty());
    CHECK(frame.delivery().runs(1).topic() == "order.created");
    CHECK(frame.delivery().runs(1).topic_offset() == 300);
    CHECK(frame.delivery().runs(1).entries_size() == 2);
}

TEST_CASE("a delivery reads back with the generated code") {
    const std::size_t bytes = GENERATE(0U, 10U, limits::slice_bytes_min, 20'000U);
    core::Deliver delivery = sample_delivery(bytes);
    core::Deliver::Detail detail;
    detail.offset = 501;
    detail.counters = core::Counters{3, 1, 1};
    detail.cause = core::Cause::lease_expired;
    detail.lease_ms = 1'000;
    auto origin = std::make_shared<core::Origin>();
    origin->queue = "orders";
    origin->reason = core::EndReason::rejected;
    origin->attempts.push_back({5, 0, "w", {}, "broken", {}});
    detail.origin = origin;
    delivery.details.push_back(detail);

    SendQueue out;
    encode_delivery(delivery, out);
    const v1::ServerFrame frame = only_frame(out);
    CHECK(frame.request_id() == 300);
    const v1::Delivery& read = frame.delivery();
    CHECK(read.consumer_id() == 9);
    CHECK(read.token().epoch() == 2);
    CHECK(read.token().queue_id() == 7);
    CHECK(read.token().batch() == 1'000'000);
    CHECK(read.lease_ms() == 30'000);
    REQUIRE(read.runs_size() == 2);
    CHECK(read.runs(0).first_offset() == 500);
    CHECK(read.runs(0).stored_ms() == 1'700'000'000'000);
    REQUIRE(read.runs(0).entries_size() == 4);
    CHECK(read.runs(0).entries(1).payload() == std::string(bytes, 'b'));
    REQUIRE(read.runs(1).entries_size() == 2);
    CHECK(read.runs(1).entries(0).payload() == std::string(bytes, 'b'));
    REQUIRE(read.details_size() == 1);
    CHECK(read.details(0).offset() == 501);
    CHECK(read.details(0).deliveries() == 3);
    CHECK(read.details(0).cause() == v1::CAUSE_LEASE_EXPIRED);
    CHECK(read.details(0).lease_ms() == 1'000);
    CHECK(read.details(0).origin().queue() == "orders");
    CHECK(read.details(0).origin().reason() == "rejected");
    CHECK(read.details(0).origin().attempts(0).reason() == "broken");
}

TEST_CASE("a delivery without messages answers a fetch that found none") {
    core::Deliver delivery;
    delivery.request = core::RequestId{4};
    SendQueue out;
    encode_delivery(delivery, out);
    CHECK(only_frame(out).delivery().runs_size() == 0);
}

TEST_CASE("large runs are sent from where they lie and kept until written") {
    SendQueue out;
    const char* stored = nullptr;
    std::weak_ptr<const void> owner;
    {
        const core::Deliver delivery = sample_delivery(20'000);
        stored = delivery.runs[0].entries.bytes().data();
        owner = delivery.runs[0].entries.buffer.owner;
        encode_delivery(delivery, out);
    }
    std::vector<std::string_view> slices;
    slices.reserve(64);
    out.front(slices);
    REQUIRE(slices.size() == 4);
    CHECK(slices[1].data() == stored);
    CHECK_FALSE(owner.expired());
    drain(out);
    CHECK(owner.expired());
}

TEST_CASE("a message list carries the stored bytes and where to go on") {
    core::MessageList list;
    list.queue = core::QueueId{7};
    core::StoredMessage message;
    message.offset = 12;
    message.state = core::MessageState::failed;
    message.stored_at = 100;
    message.at = 200;
    message.counters = core::Counters{4, 3, 1};
    message.reason = core::EndReason::attempts_exhausted;
    message.attempts.push_back({150, 100, "worker", {}, "no route", {}});
    message.body = stored_run(1, 50);
    list.messages.push_back(message);
    message.offset = 13;
    message.body = stored_run(1, 5'000);
    list.messages.push_back(message);
    list.more = true;
    list.next_at = 200;
    list.next_offset = 14;

    SendQueue out;
    encode_message_list(core::RequestId{6}, list, out);
    const v1::ServerFrame frame = only_frame(out);
    CHECK(frame.request_id() == 6);
    REQUIRE(frame.message_list().messages_size() == 2);
    const v1::StoredMessage& read = frame.message_list().messages(0);
    CHECK(read.queue_id() == 7);
    CHECK(read.offset() == 12);
    CHECK(read.state() == v1::FAILED);
    CHECK(read.deliveries() == 4);
    CHECK(read.reason() == "attempts_exhausted");
    CHECK(read.attempts(0).worker() == "worker");
    CHECK(read.entry().payload() == std::string(50, 'a'));
    CHECK(frame.message_list().messages(1).entry().payload() == std::string(5'000, 'a'));
    const auto next = read_cursor(frame.message_list().next());
    REQUIRE(next);
    CHECK(next->at == 200);
    CHECK(next->offset == 14);
}

TEST_CASE("replies read back with the generated code") {
    SendQueue out;
    core::Produced produced{core::QueueId{3}, 1000, 5, true, core::Durability::os, {}};
    produced.refused.emplace_back(2, core::Refusal{core::RefusalCode::message_too_large, "too large", "entries", 10});
    encode_produced(core::RequestId{1}, std::move(produced), out);
    core::Settled settled;
    settled.refused.push_back({1, {50, 2}, core::RefusalCode::lease_superseded});
    encode_settled(core::RequestId{2}, settled, out);
    encode_counted(core::RequestId{3}, core::Counted{8, 1}, out);
    encode_clock(core::RequestId{4}, core::ClockShown{1'000, true}, out);
    encode_blocked(true, "full", out);
    encode_consumer_closed({core::ConnectionId{}, core::ConsumerId{6}, "deleted"}, out);

    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 6);
    CHECK(frames[0].produced().first_offset() == 1000);
    CHECK(frames[0].produced().duplicate());
    CHECK(frames[0].produced().durability() == v1::OS);
    CHECK(frames[0].produced().queue_id() == 3);
    CHECK(frames[0].produced().refusals(0).index() == 2);
    CHECK(frames[0].produced().refusals(0).error().code() == v1::MESSAGE_TOO_LARGE);
    CHECK(frames[0].produced().refusals(0).error().limit() == 10);
    CHECK(frames[1].settled().refusals(0).settlement() == 1);
    CHECK(frames[1].settled().refusals(0).range().first() == 50);
    CHECK(frames[1].settled().refusals(0).code() == v1::LEASE_SUPERSEDED);
    CHECK_FALSE(frames[1].settled().refusals(0).message().empty());
    CHECK(frames[2].counted().messages() == 8);
    CHECK(frames[3].clock().now_ms() == 1'000);
    CHECK(frames[3].clock().is_virtual());
    CHECK(frames[4].notice().kind() == v1::Notice::BLOCKED);
    CHECK(frames[5].notice().consumer_id() == 6);
}

TEST_CASE("queues read back with the generated code") {
    core::QueueInfo info;
    info.name = "q";
    info.id = core::QueueId{4};
    info.profile = core::Profile::job;
    info.settings = core::default_settings(core::Profile::job);
    info.waiting = 10;
    info.totals.acked = 99;
    info.settings.rate_limit = {5, 1'000, 6};
    info.settings.max_in_flight = 4;
    info.hold = core::Hold::rate;
    info.held_until = 123;
    SendQueue out;
    encode_queue_list(core::RequestId{1}, core::QueueList{{info, info}, "q"}, out);
    const v1::ServerFrame frame = only_frame(out);
    REQUIRE(frame.queue_list().queues_size() == 2);
    const v1::QueueInfo& read = frame.queue_list().queues(1);
    CHECK(read.profile() == v1::JOB);
    CHECK(read.settings().max_attempts() == info.settings.max_attempts);
    CHECK(read.settings().durability() == v1::SYNC);
    CHECK(read.settings().backoff().base_ms() == static_cast<std::uint64_t>(info.settings.backoff.base_ms));
    CHECK(read.waiting() == 10);
    CHECK(read.acked_total() == 99);
    CHECK(read.settings().rate_limit().permits() == 5);
    CHECK(read.settings().rate_limit().burst() == 6);
    CHECK(read.settings().max_in_flight() == 4);
    CHECK(read.hold() == v1::HOLD_RATE);
    CHECK(read.held_until_ms() == 123);
    CHECK(frame.queue_list().next() == "q");
}

TEST_CASE("the refusal codes of the core are those of the registry") {
    CHECK(static_cast<int>(core::RefusalCode::invalid_argument) == v1::INVALID_ARGUMENT);
    CHECK(static_cast<int>(core::RefusalCode::sequence_gap) == v1::SEQUENCE_GAP);
    CHECK(static_cast<int>(core::RefusalCode::busy) == v1::BUSY);
    CHECK(static_cast<int>(core::RefusalCode::clock_not_virtual) == v1::CLOCK_NOT_VIRTUAL);
    CHECK(static_cast<int>(core::RefusalCode::storage_full) == v1::STORAGE_FULL);
    CHECK(static_cast<int>(core::RefusalCode::already_settled) == v1::ALREADY_SETTLED);
    CHECK(static_cast<int>(core::RefusalCode::token_unknown) == v1::TOKEN_UNKNOWN);
    CHECK(static_cast<int>(core::RefusalCode::shutting_down) == v1::SHUTTING_DOWN);
    CHECK(static_cast<int>(WireCode::malformed_frame) == v1::MALFORMED_FRAME);
    CHECK(static_cast<int>(WireCode::unknown_request) == v1::UNKNOWN_REQUEST);
    CHECK(static_cast<int>(WireCode::backup_failed) == v1::BACKUP_FAILED);
}

}  // namespace baton::session::test
