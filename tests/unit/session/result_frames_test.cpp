// Results, retention and the completed set on the wire.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/page_cursor.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

v1::ClientFrame ack_returning(const std::string& value, const std::string& content_type) {
    v1::ClientFrame frame;
    v1::Settlement& settlement = *frame.mutable_settle()->add_settlements();
    settlement.mutable_token()->set_batch(1);
    settlement.add_ranges()->set_count(1);
    settlement.mutable_ack()->mutable_result()->set_value(value);
    settlement.mutable_ack()->mutable_result()->set_content_type(content_type);
    return frame;
}

}  // namespace

TEST_CASE("an ack brings a result, and its size is bounded") {
    const auto settle = std::get<core::Settle>(body_of(ack_returning("42", "text/plain")));
    const auto& ack = std::get<core::Ack>(settle.settlements.at(0).action);
    REQUIRE(ack.result);
    CHECK(*ack.result == core::JobResult{"text/plain", "42"});

    const std::string largest(core::limits::result_bytes_max, 'r');
    CHECK(std::holds_alternative<core::Settle>(body_of(ack_returning(largest, ""))));
    const v1::Error large = fault_of(ack_returning(largest + "r", ""));
    CHECK(large.code() == v1::INVALID_ARGUMENT);
    CHECK(large.field() == "settlements.ack.result.value");
    CHECK(large.limit() == core::limits::result_bytes_max);
    const v1::Error type = fault_of(ack_returning("", std::string(256, 't')));
    CHECK(type.field() == "settlements.ack.result.content_type");
    CHECK(type.limit() == core::limits::content_type_bytes_max);
}

TEST_CASE("retention is read field by field") {
    v1::ClientFrame frame;
    frame.mutable_update_queue()->set_name("q");
    v1::QueueSettings& settings = *frame.mutable_update_queue()->mutable_settings();
    settings.set_keep_completed(false);
    settings.set_completed_payload_bytes(7);
    settings.mutable_completed_retention()->set_messages(5);
    settings.mutable_failed_retention()->set_age_ms(60'000);
    const auto change = std::get<core::UpdateQueue>(body_of(frame)).settings;
    CHECK(change.keep_completed == false);
    CHECK(change.completed_payload_bytes == 7U);
    CHECK(change.completed_retention.messages == 5U);
    CHECK_FALSE(change.completed_retention.age_ms);
    CHECK(change.failed_retention.age_ms == 60'000);
    settings.mutable_failed_retention()->set_age_ms(UINT64_MAX);
    CHECK(fault_of(frame).field() == "settings.failed_retention.age_ms");
}

TEST_CASE("the completed set is named in listings, retries and purges") {
    v1::ClientFrame peek;
    peek.mutable_peek()->set_queue("q");
    peek.mutable_peek()->set_state(v1::COMPLETED);
    CHECK(std::get<core::Peek>(body_of(peek)).state == core::MessageState::completed);
    v1::ClientFrame retry;
    retry.mutable_retry_failed()->set_queue("q");
    retry.mutable_retry_failed()->set_completed(true);
    CHECK(std::get<core::RetryFailed>(body_of(retry)).completed);
    v1::ClientFrame purge;
    purge.mutable_purge_queue()->set_name("q");
    purge.mutable_purge_queue()->set_completed(true);
    CHECK(std::get<core::PurgeQueue>(body_of(purge)).completed);
}

TEST_CASE("a completed message tells of its run, with and without its body") {
    core::MessageList list;
    list.queue = core::QueueId{3};
    core::StoredMessage message;
    message.offset = 9;
    message.state = core::MessageState::completed;
    message.at = 300;
    message.finished_seq = 4;
    message.completion = std::make_shared<const core::Completion>(core::Completion{
        200, "worker-1", std::make_shared<const core::JobResult>(core::JobResult{"text/plain", "42"})});
    list.messages.push_back(message);
    list.more = true;
    list.next_at = 4;
    list.next_offset = 9;
    Machine machine;
    encode_message_list(core::RequestId{5}, list, machine.out);
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    const v1::StoredMessage& told = said[0].message_list().messages(0);
    CHECK(told.state() == v1::COMPLETED);
    CHECK(told.at_ms() == 300);
    CHECK(told.started_ms() == 200);
    CHECK(told.worker() == "worker-1");
    CHECK(told.result().content_type() == "text/plain");
    CHECK(told.result().value() == "42");
    CHECK_FALSE(told.has_entry());
    CHECK(read_cursor(said[0].message_list().next())->offset == 9);
}

}  // namespace baton::session::test
