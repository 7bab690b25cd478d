// Requests about topics and subscriptions, as they come in.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

namespace baton::session::test {

TEST_CASE("topics are made and changed with what they keep") {
    v1::ClientFrame frame;
    v1::CreateTopic& create = *frame.mutable_create_topic();
    create.set_name("order.created");
    create.mutable_topic_settings()->mutable_retention()->set_messages(7);
    create.mutable_topic_settings()->set_interest(true);
    create.mutable_settings()->set_max_messages(9);
    create.set_update(true);
    const auto made = std::get<core::CreateTopic>(body_of(frame));
    CHECK(made.name == "order.created");
    CHECK(made.topic.retention.messages == 7);
    CHECK_FALSE(made.topic.retention.age_ms);
    CHECK(made.topic.interest == true);
    CHECK(made.settings.max_messages == 9);
    CHECK(made.update);
    create.mutable_topic_settings()->mutable_retention()->set_age_ms(UINT64_MAX);
    CHECK(fault_of(frame).field() == "topic_settings.retention.age_ms");
    create.mutable_topic_settings()->clear_retention();
    create.mutable_topic_settings()->set_compact(true);
    create.mutable_topic_settings()->set_tombstone_ms(7);
    create.mutable_topic_settings()->set_delivery_log(true);
    CHECK(std::get<core::CreateTopic>(body_of(frame)).topic.delivery_log == true);
    CHECK(std::get<core::CreateTopic>(body_of(frame)).topic.compact == true);
    CHECK(std::get<core::CreateTopic>(body_of(frame)).topic.tombstone_ms == 7);
    create.mutable_topic_settings()->set_tombstone_ms(UINT64_MAX);
    CHECK(fault_of(frame).field() == "topic_settings.tombstone_ms");
    create.set_name("a/b");
    CHECK(fault_of(frame).field() == "create_topic.name");
    frame.mutable_update_topic()->set_name("");
    CHECK(fault_of(frame).field() == "update_topic.name");
    frame.mutable_update_topic()->set_name("t");
    CHECK(std::get<core::UpdateTopic>(body_of(frame)).name == "t");
    frame.mutable_delete_topic()->set_name("no name");
    CHECK(fault_of(frame).field() == "delete_topic.name");
    frame.mutable_trim_topic()->set_name("t");
    frame.mutable_trim_topic()->set_below_offset(17);
    CHECK(std::get<core::TrimTopic>(body_of(frame)).below == 17);
    frame.mutable_trim_topic()->set_before_ms(5);
    CHECK(fault_of(frame).field() == "trim_topic.below_offset");
    frame.mutable_trim_topic()->clear_below_offset();
    CHECK(std::get<core::TrimTopic>(body_of(frame)).before == 5);
    frame.mutable_trim_topic()->set_before_ms(-1);
    CHECK(fault_of(frame).field() == "trim_topic.before_ms");
    frame.mutable_trace_message()->set_topic("t");
    frame.mutable_trace_message()->set_offset(17);
    CHECK(std::get<core::TraceMessage>(body_of(frame)).offset == 17);
    CHECK(std::get<core::TraceMessage>(body_of(frame)).limit == 100);
    frame.mutable_trace_message()->set_limit(core::limits::page_messages_max + 1);
    CHECK(fault_of(frame).field() == "trace_message.limit");
    frame.mutable_trace_message()->set_topic("");
    CHECK(fault_of(frame).field() == "trace_message.topic");
    frame.mutable_list_topics()->set_limit(core::limits::page_messages_max + 1);
    CHECK(fault_of(frame).field() == "list_topics.limit");
    frame.mutable_list_topics()->set_limit(0);
    CHECK(std::get<core::ListTopics>(body_of(frame)).limit == 100);
}

TEST_CASE("a subscription begins and goes on by offset, by time, at either end") {
    v1::ClientFrame frame;
    v1::CreateSubscription& create = *frame.mutable_create_subscription();
    create.set_topic("t");
    create.set_name("s");
    create.set_hold_unacked(true);
    CHECK(std::holds_alternative<core::StartNow>(std::get<core::CreateSubscription>(body_of(frame)).start));
    create.mutable_start()->set_beginning(true);
    const auto made = std::get<core::CreateSubscription>(body_of(frame));
    CHECK(std::holds_alternative<core::StartBeginning>(made.start));
    CHECK(made.hold == true);
    create.mutable_start()->set_last(true);
    CHECK(std::holds_alternative<core::StartLast>(std::get<core::CreateSubscription>(body_of(frame)).start));
    create.mutable_start()->set_last_per_key(true);
    CHECK(std::holds_alternative<core::StartLastPerKey>(std::get<core::CreateSubscription>(body_of(frame)).start));
    create.mutable_start()->set_time_ms(-1);
    CHECK(fault_of(frame).field() == "create_subscription.start.time_ms");
    create.clear_start();
    create.set_name("a/b");
    CHECK(fault_of(frame).field() == "create_subscription.name");
    create.set_topic("");
    CHECK(fault_of(frame).field() == "create_subscription.topic");

    v1::SeekSubscription& seek = *frame.mutable_seek_subscription();
    seek.set_topic("t");
    seek.set_name("s");
    CHECK(fault_of(frame).field() == "seek_subscription.start");
    seek.set_dry_run(true);
    seek.set_drop_failed(true);
    seek.mutable_start()->set_offset(17);
    const auto moved = std::get<core::SeekSubscription>(body_of(frame));
    CHECK(std::get<core::StartOffset>(moved.start).offset == 17);
    CHECK(moved.dry_run);
    CHECK(moved.drop_failed);
    seek.mutable_start()->set_time_ms(5);
    CHECK(std::get<core::StartTime>(std::get<core::SeekSubscription>(body_of(frame)).start).at == 5);
    seek.set_name("");
    CHECK(fault_of(frame).field() == "seek_subscription.name");
    frame.mutable_list_subscriptions()->set_topic("no name");
    CHECK(fault_of(frame).field() == "list_subscriptions.topic");
    frame.mutable_list_subscriptions()->set_topic("t");
    frame.mutable_list_subscriptions()->set_after(std::string(256, 'x'));
    CHECK(fault_of(frame).field() == "list_subscriptions.after");
}

TEST_CASE("a subscription is named as a queue in every request but one that makes a queue") {
    v1::ClientFrame frame;
    frame.mutable_show_queue()->set_name("t/s");
    CHECK(std::get<core::ShowQueue>(body_of(frame)).name == "t/s");
    for (const char* name : {"t/", "/s", "t/s/x", "/"}) {
        frame.mutable_show_queue()->set_name(name);
        CHECK(fault_of(frame).field() == "show_queue.name");
    }
}

TEST_CASE("what a topic or a subscription is, is told") {
    Machine machine;
    core::QueueInfo info;
    info.name = "t";
    info.kind = core::QueueKind::topic;
    info.keeps = {{5, 6, 7}, true};
    info.first = 3;
    info.end = 9;
    info.subscriptions = 2;
    encode_queue_info(core::RequestId{4}, info, machine.out);
    info = {};
    info.kind = core::QueueKind::subscription;
    info.topic = "t";
    info.holds = true;
    encode_queue_info(core::RequestId{5}, info, machine.out);
    const auto said = machine.said();
    REQUIRE(said.size() == 2);
    CHECK(said[0].queue_info().kind() == v1::TOPIC);
    CHECK(said[0].queue_info().topic_settings().retention().messages() == 5);
    CHECK(said[0].queue_info().topic_settings().interest());
    CHECK(said[0].queue_info().first_offset() == 3);
    CHECK(said[0].queue_info().end_offset() == 9);
    CHECK(said[0].queue_info().subscriptions() == 2);
    CHECK(said[1].queue_info().topic() == "t");
    CHECK(said[1].queue_info().hold_unacked());
    CHECK_FALSE(said[1].queue_info().has_topic_settings());
}

}  // namespace baton::session::test
