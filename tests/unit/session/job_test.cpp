// Jobs on the wire: requests by id, priorities in options, listings and deliveries.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/page_cursor.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

std::string refused_field(v1::ClientFrame frame) {
    frame.set_request_id(2);
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    CHECK(machine.inputs.empty());
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    return said[0].error().field();
}

v1::ClientFrame produce_with(const v1::EntryOptions& options) {
    v1::ClientFrame frame = produce_frame(2, 1, 10);
    *frame.mutable_produce()->mutable_defaults() = options;
    return frame;
}

}  // namespace

TEST_CASE("priority and lifo of an entry are read, and the priority is bounded") {
    v1::EntryOptions options;
    options.set_priority(7);
    options.set_lifo(true);
    const auto produce = std::get<core::Produce>(body_of(produce_with(options)));
    CHECK(produce.defaults.priority == 7U);
    CHECK(produce.defaults.lifo == true);
    options.set_priority(core::limits::priority_max + 1);
    CHECK(refused_field(produce_with(options)) == "options.priority");
}

TEST_CASE("jobs are named by queue and offset") {
    v1::ClientFrame show;
    show.mutable_show_job()->set_queue("q");
    show.mutable_show_job()->set_offset(12);
    CHECK(std::get<core::ShowJob>(body_of(show)).offset == 12);
    show.mutable_show_job()->set_id("order-7");
    CHECK(refused_field(show) == "show_job.id");
    show.mutable_show_job()->clear_id();
    show.mutable_show_job()->set_queue("");
    CHECK(refused_field(show) == "show_job.queue");

    v1::ClientFrame promote;
    promote.mutable_promote_job()->set_queue("q");
    promote.mutable_promote_job()->set_offset(3);
    CHECK(std::get<core::PromoteJob>(body_of(promote)).offset == 3);
    promote.mutable_promote_job()->set_queue("a b");
    CHECK(refused_field(promote) == "promote_job.queue");

    v1::ClientFrame all;
    all.mutable_promote_all()->set_queue("q");
    CHECK(std::get<core::PromoteAll>(body_of(all)).queue == "q");
    all.mutable_promote_all()->set_queue("no name");
    CHECK(refused_field(all) == "promote_all.queue");
}

TEST_CASE("a change carries only the fields that are given") {
    v1::ClientFrame frame;
    frame.mutable_change_job()->set_queue("q");
    frame.mutable_change_job()->set_offset(4);
    frame.mutable_change_job()->set_priority(0);
    auto change = std::get<core::ChangeJob>(body_of(frame));
    CHECK(change.priority == 0U);
    CHECK_FALSE(change.lifo);
    CHECK_FALSE(change.delay_ms);
    CHECK_FALSE(change.due_at);
    frame.mutable_change_job()->set_lifo(false);
    frame.mutable_change_job()->set_due_ms(99);
    change = std::get<core::ChangeJob>(body_of(frame));
    CHECK(change.lifo == false);
    CHECK(change.due_at == 99);
    frame.mutable_change_job()->set_delay_ms(UINT64_MAX);
    CHECK(refused_field(frame) == "change_job.delay_ms");
    frame.mutable_change_job()->set_queue("");
    CHECK(refused_field(frame) == "change_job.queue");
}

TEST_CASE("a removal names 1 to 1,000 messages") {
    v1::ClientFrame frame;
    frame.mutable_remove_jobs()->set_queue("q");
    CHECK(refused_field(frame) == "remove_jobs.offsets");
    frame.mutable_remove_jobs()->add_offsets(5);
    frame.mutable_remove_jobs()->add_offsets(6);
    CHECK(std::get<core::RemoveJobs>(body_of(frame)).offsets == std::vector<core::Offset>{5, 6});
    frame.mutable_remove_jobs()->mutable_offsets()->Resize(1'001, 0);
    CHECK(refused_field(frame) == "remove_jobs.offsets");
    frame.mutable_remove_jobs()->set_queue("");
    CHECK(refused_field(frame) == "remove_jobs.queue");
}

TEST_CASE("a listing of prioritized messages goes on behind a place with a rank") {
    v1::ClientFrame frame;
    frame.mutable_peek()->set_queue("q");
    frame.mutable_peek()->set_state(v1::PRIORITIZED);
    frame.mutable_peek()->set_cursor(write_cursor({-7, 3, 12}));
    const auto peek = std::get<core::Peek>(body_of(frame));
    CHECK(peek.state == core::MessageState::prioritized);
    CHECK(peek.from_rank == 12);
    CHECK(peek.from_at == -7);
    CHECK(peek.from_offset == 3);
    CHECK(write_cursor({5, 3, 0}).size() == 16);
    frame.mutable_peek()->set_cursor(std::string(23, 'x'));
    CHECK(refused_field(frame) == "cursor");
}

TEST_CASE("what was removed and what was not reads back") {
    SendQueue out;
    core::JobsRemoved removed;
    removed.removed = 2;
    removed.refused.emplace_back(9, core::Refusal{core::RefusalCode::wrong_message_state, "leased", "offset"});
    encode_jobs_removed(core::RequestId{4}, std::move(removed), out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].request_id() == 4);
    const v1::JobsRemoved& said = frames[0].jobs_removed();
    CHECK(said.removed() == 2);
    REQUIRE(said.refusals_size() == 1);
    CHECK(said.refusals(0).offset() == 9);
    CHECK(said.refusals(0).error().code() == v1::WRONG_MESSAGE_STATE);
}

TEST_CASE("a shown message says its priority and its times") {
    core::MessageList list;
    core::StoredMessage message;
    message.state = core::MessageState::prioritized;
    message.priority = 6;
    message.lifo = true;
    message.ready_at = 100;
    message.expires_at = 200;
    message.lease_ms = 1'500;
    list.messages.push_back(message);
    SendQueue out;
    encode_message_list(core::RequestId{1}, list, out);
    const v1::ServerFrame frame = parse_frames(drain(out)).at(0);
    const v1::StoredMessage& shown = frame.message_list().messages(0);
    CHECK(shown.state() == v1::PRIORITIZED);
    CHECK(shown.priority() == 6);
    CHECK(shown.lifo());
    CHECK(shown.ready_ms() == 100);
    CHECK(shown.expires_ms() == 200);
    CHECK(shown.lease_ms() == 1'500);
}

}  // namespace baton::session::test
