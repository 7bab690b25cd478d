// Events, and waiting for the end of a job, on the wire.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

TEST_CASE("a stream of events is asked for with its filters, and every field is bounded") {
    v1::ClientFrame frame;
    v1::StreamEvents& stream = *frame.mutable_stream_events();
    stream.set_stream_id(7);
    stream.set_queue("q");
    stream.set_from_seq(0);
    stream.add_types(v1::EVENT_COMPLETED);
    stream.add_types(v1::STALLED);
    stream.set_offset(5);
    stream.set_credit(10);
    const auto request = std::get<core::StreamEvents>(body_of(frame));
    CHECK(request.stream == 7);
    CHECK(request.from_seq == 0U);
    CHECK(request.types == (core::event_bit(core::EventType::completed) | core::event_bit(core::EventType::stalled)));
    CHECK(request.offset == 5U);
    CHECK(request.credit == 10);

    stream.set_credit(0);
    CHECK(fault_of(frame).field() == "stream_events.credit");
    stream.set_credit(core::limits::event_credit_max + 1);
    CHECK(fault_of(frame).limit() == core::limits::event_credit_max);
    stream.set_credit(1);
    stream.add_types(static_cast<v1::EventType>(200));
    CHECK(fault_of(frame).field() == "stream_events.types");
    stream.clear_types();
    stream.set_queue("a b");
    CHECK(fault_of(frame).field() == "stream_events.queue");
}

TEST_CASE("credit, closing, emitting, trimming and waiting are read") {
    v1::ClientFrame credit;
    credit.mutable_credit_events()->set_stream_id(7);
    credit.mutable_credit_events()->set_events(3);
    CHECK(std::get<core::CreditEvents>(body_of(credit)).events == 3);
    credit.mutable_credit_events()->set_events(0);
    CHECK(fault_of(credit).field() == "credit_events.events");

    v1::ClientFrame close;
    close.mutable_close_events()->set_stream_id(7);
    CHECK(std::get<core::CloseEvents>(body_of(close)).stream == 7);

    v1::ClientFrame emit;
    emit.mutable_emit_event()->set_queue("q");
    emit.mutable_emit_event()->set_name("deployed");
    emit.mutable_emit_event()->set_data(std::string(core::limits::event_data_bytes_max, 'd'));
    CHECK(std::get<core::EmitEvent>(body_of(emit)).name == "deployed");
    emit.mutable_emit_event()->mutable_data()->push_back('d');
    CHECK(fault_of(emit).field() == "emit_event.data");
    emit.mutable_emit_event()->clear_data();
    emit.mutable_emit_event()->clear_name();
    CHECK(fault_of(emit).field() == "emit_event.name");

    v1::ClientFrame trim;
    trim.mutable_trim_events()->set_queue("q");
    trim.mutable_trim_events()->set_keep(9);
    CHECK(std::get<core::TrimEvents>(body_of(trim)).keep == 9);

    v1::ClientFrame wait;
    wait.mutable_wait_job()->set_queue("q");
    wait.mutable_wait_job()->set_offset(4);
    wait.mutable_wait_job()->set_timeout_ms(1'000);
    CHECK(std::get<core::WaitJob>(body_of(wait)).timeout_ms == 1'000);
    wait.mutable_wait_job()->set_timeout_ms(UINT64_MAX);
    CHECK(fault_of(wait).field() == "wait_job.timeout_ms");
}

TEST_CASE("a batch of events and the end of a job are told whole") {
    core::EventBatch batch;
    batch.stream = 7;
    batch.next_seq = 14;
    batch.missed_first = 3;
    batch.missed_last = 11;
    batch.caught_up = true;
    const auto detail = std::make_shared<const core::EventDetail>(core::EventDetail{"name", "data"});
    batch.events.push_back({12, 500, {core::EventType::completed, 100, 200, nullptr}});
    batch.events.push_back({13, 500, {core::EventType::custom, 0, 0, detail}});
    Machine machine;
    encode_event_batch(batch, machine.out);
    encode_job_ended(
        core::RequestId{9},
        {core::JobOutcome::completed, "", std::make_shared<const core::JobResult>(core::JobResult{"text/plain", "42"})},
        machine.out);
    const auto said = machine.said();
    REQUIRE(said.size() == 2);
    const v1::EventBatch& told = said[0].event_batch();
    CHECK(said[0].request_id() == 0);
    CHECK(told.stream_id() == 7);
    CHECK(told.next_seq() == 14);
    CHECK(told.missed_first() == 3);
    CHECK(told.missed_last() == 11);
    CHECK(told.caught_up());
    CHECK(told.events(0).seq() == 12);
    CHECK(told.events(0).type() == v1::EVENT_COMPLETED);
    CHECK(told.events(0).first_offset() == 100);
    CHECK(told.events(0).count() == 200);
    CHECK(told.events(1).text() == "name");
    CHECK(told.events(1).data() == "data");
    CHECK(said[1].request_id() == 9);
    CHECK(said[1].job_ended().outcome() == v1::JobEnded::COMPLETED);
    CHECK(said[1].job_ended().result().value() == "42");
}

}  // namespace baton::session::test
