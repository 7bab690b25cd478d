// What is seen of a queue from outside, on the wire.
#include "server/core/limits.hpp"
#include "server/core/monitor_limits.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/page_cursor.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <utility>
#include <vector>

namespace baton::session::test {

TEST_CASE("a listing of consumers is read, with where it goes on") {
    v1::ClientFrame frame;
    v1::ListConsumers& list = *frame.mutable_list_consumers();
    list.set_queue("q");
    auto read = std::get<core::ListConsumers>(body_of(frame));
    CHECK(read.queue == "q");
    CHECK(read.limit == 100);
    CHECK_FALSE(read.after);
    const core::ConsumerPlace place{core::SessionId{UINT64_MAX - 1}, core::ConsumerId{7}};
    list.set_cursor(write_consumer_cursor(place));
    list.set_limit(1'000);
    read = std::get<core::ListConsumers>(body_of(frame));
    CHECK(read.after == place);
    CHECK(read.limit == 1'000);
}

TEST_CASE("a bad listing of consumers is refused with its field") {
    v1::ClientFrame frame;
    v1::ListConsumers& list = *frame.mutable_list_consumers();
    list.set_queue("no queue");
    CHECK(fault_of(frame).field() == "list_consumers.queue");
    list.set_queue("q");
    list.set_limit(1'001);
    CHECK(fault_of(frame).field() == "list_consumers.limit");
    CHECK(fault_of(frame).limit() == 1'000);
    list.set_limit(1);
    list.set_cursor("short");
    CHECK(fault_of(frame).field() == "list_consumers.cursor");
}

TEST_CASE("a list of consumers is said with everything that is known of each") {
    core::ConsumerList list;
    core::ConsumerInfo one;
    one.place = {core::SessionId{11}, core::ConsumerId{2}};
    one.worker = "worker";
    one.client = "mailer/1";
    one.connection = core::ConnectionId{4};
    one.session_ends_at = 5;
    one.declared_at = 6;
    one.credit_messages = 7;
    one.credit_bytes = 8;
    one.in_flight_messages = 9;
    one.in_flight_bytes = 10;
    one.waiting_fetches = 12;
    one.lease_ms = 13;
    list.consumers.push_back(one);
    list.next = one.place;
    list.now = 99;
    SendQueue out;
    encode_consumer_list(core::RequestId{8}, list, out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].request_id() == 8);
    const v1::ConsumerList& said = frames[0].consumer_list();
    CHECK(said.now_ms() == 99);
    CHECK(read_consumer_cursor(said.next()) == one.place);
    REQUIRE(said.consumers_size() == 1);
    const v1::ConsumerInfo& consumer = said.consumers(0);
    CHECK(consumer.worker() == "worker");
    CHECK(consumer.client() == "mailer/1");
    CHECK(consumer.session_id() == 11);
    CHECK(consumer.consumer_id() == 2);
    CHECK(consumer.connection() == 4);
    CHECK(consumer.session_ends_ms() == 5);
    CHECK(consumer.declared_ms() == 6);
    CHECK(consumer.credit_messages() == 7);
    CHECK(consumer.credit_bytes() == 8);
    CHECK(consumer.in_flight_messages() == 9);
    CHECK(consumer.in_flight_bytes() == 10);
    CHECK(consumer.waiting_fetches() == 12);
    CHECK(consumer.lease_ms() == 13);
}

TEST_CASE("priorities to be counted are read, and each is bounded, as is their number") {
    v1::ClientFrame frame;
    v1::CountPriorities& count = *frame.mutable_count_priorities();
    CHECK(fault_of(frame).field() == "count_priorities.queue");
    count.set_queue("q");
    CHECK(fault_of(frame).field() == "count_priorities.priorities");
    count.add_priorities(5);
    count.add_priorities(0);
    count.add_priorities(core::limits::priority_max);
    const auto read = std::get<core::CountPriorities>(body_of(frame));
    CHECK(read.queue == "q");
    CHECK(read.priorities == std::vector<std::uint32_t>{5, 0, core::limits::priority_max});
    count.add_priorities(core::limits::priority_max + 1);
    CHECK(fault_of(frame).limit() == core::limits::priority_max);
    count.clear_priorities();
    for (std::uint32_t i = 0; i < core::limits::priorities_per_request_max; ++i) {
        count.add_priorities(i);
    }
    CHECK(std::get<core::CountPriorities>(body_of(frame)).priorities.size() == 100);
    count.add_priorities(100);
    CHECK(fault_of(frame).field() == "count_priorities.priorities");
    CHECK(fault_of(frame).limit() == 100);
}

TEST_CASE("counts by priority are said in their order") {
    SendQueue out;
    encode_priority_counts(core::RequestId{8}, core::PriorityCounts{{3, 0, UINT64_MAX}}, out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    const auto& ready = frames[0].priority_counts().ready();
    CHECK(std::vector<std::uint64_t>(ready.begin(), ready.end()) == std::vector<std::uint64_t>{3, 0, UINT64_MAX});
}

TEST_CASE("a request for metrics is read, and bounded") {
    v1::ClientFrame frame;
    v1::ShowMetrics& show = *frame.mutable_show_metrics();
    CHECK(fault_of(frame).field() == "show_metrics.queue");
    show.set_queue("q");
    auto read = std::get<core::ShowMetrics>(body_of(frame));
    CHECK(read.minutes == 60);
    CHECK(read.skip == 0);
    show.set_minutes(1'440);
    show.set_skip(1'439);
    read = std::get<core::ShowMetrics>(body_of(frame));
    CHECK(read.minutes == 1'440);
    CHECK(read.skip == 1'439);
    show.set_skip(1'440);
    CHECK(fault_of(frame).field() == "show_metrics.skip");
    CHECK(fault_of(frame).limit() == 1'439);
    show.set_skip(0);
    show.set_minutes(1'441);
    CHECK(fault_of(frame).field() == "show_metrics.minutes");
    CHECK(fault_of(frame).limit() == 1'440);
}

TEST_CASE("metrics are said minute by minute, with their totals") {
    SendQueue out;
    encode_job_metrics(core::RequestId{8}, core::JobMetrics{60'000, {1, 0, 2}, {0, 3, 4}, 5, 6}, out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    const v1::JobMetrics& said = frames[0].job_metrics();
    CHECK(said.newest_ms() == 60'000);
    CHECK(std::vector<std::uint64_t>(said.completed().begin(), said.completed().end()) ==
          std::vector<std::uint64_t>{1, 0, 2});
    CHECK(std::vector<std::uint64_t>(said.failed().begin(), said.failed().end()) ==
          std::vector<std::uint64_t>{0, 3, 4});
    CHECK(said.completed_total() == 5);
    CHECK(said.failed_total() == 6);
}

}  // namespace baton::session::test
