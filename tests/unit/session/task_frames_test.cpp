// Listings by a filter, and background tasks, on the wire.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/page_cursor.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

v1::ClientFrame task_frame() {
    v1::ClientFrame frame;
    frame.set_request_id(2);
    return frame;
}

}  // namespace

TEST_CASE("a listing takes its filter and goes on where a page said") {
    v1::ClientFrame frame = task_frame();
    v1::ListJobs& list = *frame.mutable_list_jobs();
    list.set_queue("jobs");
    CHECK(std::get<core::ListJobs>(body_of(frame)).limit == 10);
    v1::JobFilter& filter = *list.mutable_filter();
    filter.add_states(v1::FAILED);
    filter.add_states(v1::DELAYED);
    filter.set_name("mail.*");
    filter.set_error_class("net.*");
    filter.set_id_prefix("3-1");
    filter.set_stored_from_ms(1);
    filter.set_stored_before_ms(2);
    filter.set_ended_from_ms(3);
    filter.set_ended_before_ms(4);
    filter.add_headers()->set_key("k");
    filter.mutable_headers(0)->set_value("v");
    list.set_cursor(write_listing_cursor({core::MessageState::failed, {5, 6, 7, {8, 9}}}));
    list.set_limit(1'000);
    const auto taken = std::get<core::ListJobs>(body_of(frame));
    core::JobFilter wanted;
    wanted.states = core::state_bit(core::MessageState::failed) | core::state_bit(core::MessageState::delayed);
    wanted.name = "mail.*";
    wanted.error_class = "net.*";
    wanted.id_prefix = "3-1";
    wanted.stored_from = 1;
    wanted.stored_before = 2;
    wanted.ended_from = 3;
    wanted.ended_before = 4;
    wanted.headers = {{"k", "v"}};
    CHECK(*taken.filter == wanted);
    CHECK(taken.from_state == core::MessageState::failed);
    CHECK(taken.from_at == 5);
    CHECK(taken.from_offset == 6);
    CHECK(taken.from_rank == 7);
    CHECK(taken.from_group == core::GroupId{8, 9});
    CHECK(taken.limit == 1'000);
}

TEST_CASE("a listing is refused with the field that is wrong") {
    v1::ClientFrame frame = task_frame();
    v1::ListJobs& list = *frame.mutable_list_jobs();
    CHECK(fault_of(frame).field() == "list_jobs.queue");
    list.set_queue("jobs");
    list.set_limit(1'001);
    CHECK(fault_of(frame).field() == "list_jobs.limit");
    list.clear_limit();
    for (const std::string& cursor : {std::string(1, '\0'), std::string(1, '\x63'), std::string("\x01y")}) {
        list.set_cursor(cursor);
        CHECK(fault_of(frame).field() == "list_jobs.cursor");
    }
    list.clear_cursor();
    list.mutable_filter()->set_name(std::string(256, 'n'));
    CHECK(fault_of(frame).field() == "list_jobs.filter.name");
    list.mutable_filter()->clear_name();
    list.mutable_filter()->set_stored_from_ms(-1);
    CHECK(fault_of(frame).code() == v1::INVALID_ARGUMENT);
    list.mutable_filter()->clear_stored_from_ms();
    list.mutable_filter()->add_states(static_cast<v1::MessageState>(77));
    CHECK(fault_of(frame).field() == "list_jobs.filter.states");
    list.mutable_filter()->clear_states();
    for (std::uint32_t i = 0; i <= core::limits::filter_headers_max; ++i) {
        list.mutable_filter()->add_headers()->set_key("k");
    }
    CHECK(fault_of(frame).limit() == core::limits::filter_headers_max);
}

TEST_CASE("a task is started, listed, shown and cancelled by what the frames say") {
    v1::ClientFrame frame = task_frame();
    v1::StartTask& start = *frame.mutable_start_task();
    start.set_queue("jobs");
    CHECK(fault_of(frame).field() == "start_task.kind");
    start.set_kind(v1::StartTask::RETRY);
    start.mutable_filter()->set_name("mail");
    start.set_grace_ms(1'000);
    start.set_limit(7);
    start.set_rate(8);
    start.set_dry_run(true);
    start.set_keep_counters(true);
    start.set_force(true);
    const auto spec = std::get<core::StartTask>(body_of(frame)).spec;
    CHECK(spec.kind == core::TaskKind::retry);
    CHECK(spec.queue == "jobs");
    CHECK(spec.filter->name == "mail");
    CHECK(spec.grace_ms == 1'000);
    CHECK(spec.limit == 7);
    CHECK(spec.rate == 8);
    CHECK((spec.dry_run && spec.keep_counters && spec.force));
    start.set_grace_ms(UINT64_MAX);
    CHECK(fault_of(frame).field() == "start_task.grace_ms");

    v1::ClientFrame list = task_frame();
    list.mutable_list_tasks()->set_after(5);
    CHECK(std::get<core::ListTasks>(body_of(list)).after == 5);
    CHECK(std::get<core::ListTasks>(body_of(list)).limit == 100);
    list.mutable_list_tasks()->set_limit(1'001);
    CHECK(fault_of(list).field() == "list_tasks.limit");
    v1::ClientFrame show = task_frame();
    show.mutable_show_task()->set_task_id(9);
    CHECK(core::value(std::get<core::ShowTask>(body_of(show)).id) == 9);
    v1::ClientFrame cancel = task_frame();
    cancel.mutable_cancel_task()->set_task_id(9);
    CHECK(core::value(std::get<core::CancelTask>(body_of(cancel)).id) == 9);
}

TEST_CASE("tasks, and where a listing goes on, are told whole") {
    core::TaskSpec spec;
    spec.kind = core::TaskKind::clean;
    spec.queue = "jobs";
    spec.limit = 7;
    spec.rate = 8;
    spec.dry_run = true;
    core::TaskInfo task;
    task.id = core::TaskId{3};
    task.created_at = 1'000;
    task.progress.state = core::TaskState::failed;
    task.progress.scanned = 10;
    task.progress.matched = 9;
    task.progress.done = 5;
    task.progress.skipped = 4;
    task.progress.ended_at = 2'000;
    task.progress.error = "gone";
    task.spec = std::make_shared<const core::TaskSpec>(spec);
    Machine machine;
    encode_task_info(core::RequestId{7}, task, machine.out);
    encode_task_list(core::RequestId{8}, {{task}, 3}, machine.out);
    core::MessageList list;
    list.more = true;
    list.next_state = core::MessageState::delayed;
    list.next_at = 11;
    list.next_offset = 12;
    encode_message_list(core::RequestId{9}, list, machine.out);
    const auto said = machine.said();
    REQUIRE(said.size() == 3);
    const v1::TaskInfo& told = said[0].task_info();
    CHECK(told.task_id() == 3);
    CHECK(told.kind() == v1::StartTask::CLEAN);
    CHECK(told.queue() == "jobs");
    CHECK(told.state() == v1::TaskInfo::FAILED);
    CHECK(told.created_ms() == 1'000);
    CHECK(told.ended_ms() == 2'000);
    CHECK(told.error() == "gone");
    CHECK(told.scanned() == 10);
    CHECK(told.matched() == 9);
    CHECK(told.done() == 5);
    CHECK(told.skipped() == 4);
    CHECK(told.dry_run());
    CHECK(told.limit() == 7);
    CHECK(told.rate() == 8);
    CHECK(said[1].task_list().tasks_size() == 1);
    CHECK(said[1].task_list().next() == 3);
    const auto cursor = read_listing_cursor(said[2].message_list().next());
    REQUIRE(cursor);
    CHECK(cursor->state == core::MessageState::delayed);
    CHECK(cursor->page.at == 11);
    CHECK(cursor->page.offset == 12);
}

}  // namespace baton::session::test
