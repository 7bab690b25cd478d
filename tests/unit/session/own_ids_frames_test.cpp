// Messages named by their own ids on the wire: in requests, in what was refused, and which message it was.
#include "server/core/limits.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

using OwnIdList = std::vector<std::string>;

/// What is refused of a request that names one message by its id.
template <typename Body, typename Message>
void check_one_id(v1::ClientFrame& frame, Message& message, const std::string& field) {
    message.set_id("");
    message.set_offset(7);
    CHECK(std::get<Body>(body_of(frame)).offset == 7);
    message.set_id("order 7");
    CHECK(fault_of(frame).field() == field);
    message.set_offset(0);
    message.set_id(std::string(core::limits::identity_bytes_max, 'x'));
    CHECK(std::get<Body>(body_of(frame)).id.size() == core::limits::identity_bytes_max);
    message.set_id(std::string(core::limits::identity_bytes_max + 1, 'x'));
    CHECK(fault_of(frame).field() == field);
    CHECK(fault_of(frame).limit() == core::limits::identity_bytes_max);
}

/// What is refused of a request that names many.
template <typename Message>
void check_many_ids(v1::ClientFrame& frame, Message& message, const std::string& field) {
    message.clear_ids();
    message.add_ids("order 7");
    message.add_ids("");
    CHECK(fault_of(frame).field() == field);
    message.set_ids(1, std::string(core::limits::identity_bytes_max + 1, 'x'));
    CHECK(fault_of(frame).field() == field);
    message.clear_ids();
    for (std::size_t i = 0; i <= core::limits::jobs_per_request_max; ++i) {
        message.add_ids("a");
    }
    CHECK(fault_of(frame).limit() == core::limits::jobs_per_request_max);
}

}  // namespace

TEST_CASE("a wait and a page of a log name a message by its own id") {
    v1::ClientFrame frame;
    v1::WaitJob& wait = *frame.mutable_wait_job();
    wait.set_queue("q");
    wait.set_id("order 7");
    wait.set_timeout_ms(500);
    const auto waits = std::get<core::WaitJob>(body_of(frame));
    CHECK(waits.id == "order 7");
    CHECK(waits.timeout_ms == 500);
    CHECK(waits.deadline == 0);
    check_one_id<core::WaitJob>(frame, wait, "wait_job.id");

    v1::ListLog& list = *frame.mutable_list_log();
    list.set_queue("q");
    list.set_id("order 7");
    CHECK(std::get<core::ListLog>(body_of(frame)).id == "order 7");
    check_one_id<core::ListLog>(frame, list, "list_log.id");
}

TEST_CASE("a cancel and a retry name messages by their own ids") {
    v1::ClientFrame frame;
    v1::CancelJobs& cancel = *frame.mutable_cancel_jobs();
    cancel.set_queue("q");
    cancel.add_ids("order 7");
    CHECK(std::get<core::CancelJobs>(body_of(frame)).own.ids == OwnIdList{"order 7"});
    cancel.add_offsets(3);
    CHECK(std::get<core::CancelJobs>(body_of(frame)).offsets == std::vector<core::Offset>{3});
    check_many_ids(frame, cancel, "cancel_jobs.ids");

    v1::RetryFailed& retry = *frame.mutable_retry_failed();
    retry.set_queue("q");
    retry.add_ids("order 7");
    retry.add_ids("order 8");
    CHECK(std::get<core::RetryFailed>(body_of(frame)).own.ids == OwnIdList{"order 7", "order 8"});
    check_many_ids(frame, retry, "retry_failed.ids");
}

TEST_CASE("what is no UTF-8 is no id") {
    const std::string body = "\x0a\x01q\xc2\x02\x02\xff\xfe";
    core::RequestBody out;
    CHECK(decode_cancel_jobs(body, out));
    CHECK(decode_retry_failed(body, out));
    CHECK(decode_wait_job(body, out));
    CHECK(decode_list_log(body, out));
}

TEST_CASE("who named a message by its id is told by it") {
    SendQueue out;
    core::JobsCancelled done;
    done.cancelled = {1};
    const core::Refusal none{core::RefusalCode::message_not_found, "none", "id"};
    done.refused_ids.emplace_back("order 7", none);
    encode_jobs_cancelled(core::RequestId{6}, std::move(done), out);
    encode_job_ended(core::RequestId{7}, {core::JobOutcome::timeout, "", nullptr, 9}, out);
    const auto frames = parse_frames(drain(out));
    const v1::JobsCancelled& answer = frames.at(0).jobs_cancelled();
    REQUIRE(answer.refusals_size() == 1);
    CHECK(answer.refusals(0).id() == "order 7");
    CHECK(answer.refusals(0).error().code() == v1::MESSAGE_NOT_FOUND);
    CHECK(answer.refusals(0).error().field() == "id");
    CHECK(frames.at(1).job_ended().offset() == 9);
}

}  // namespace baton::session::test
