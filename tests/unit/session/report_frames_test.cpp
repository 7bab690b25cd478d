// What holders say of their jobs, and logs, on the wire.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

v1::ClientFrame report_frame() {
    v1::ClientFrame frame;
    frame.set_request_id(2);
    return frame;
}

template <typename Message>
void set_holder(Message& message) {
    message.mutable_token()->set_epoch(3);
    message.mutable_token()->set_queue_id(4);
    message.mutable_token()->set_batch(5);
    message.set_offset(6);
}

}  // namespace

TEST_CASE("progress comes with the token that holds its job, and is bounded") {
    v1::ClientFrame frame = report_frame();
    set_holder(*frame.mutable_set_progress());
    frame.mutable_set_progress()->set_value(std::string(core::limits::progress_bytes_max, 'p'));
    const auto set = std::get<core::SetProgress>(body_of(frame));
    CHECK(set.token.epoch == 3);
    CHECK(core::value(set.token.queue) == 4);
    CHECK(set.token.batch == 5);
    CHECK(set.offset == 6);
    CHECK(set.value.size() == core::limits::progress_bytes_max);
    frame.mutable_set_progress()->mutable_value()->push_back('p');
    const v1::Error refused = fault_of(frame);
    CHECK(refused.code() == v1::INVALID_ARGUMENT);
    CHECK(refused.field() == "set_progress.value");
    CHECK(refused.limit() == core::limits::progress_bytes_max);
}

TEST_CASE("lines of a log are bounded each, in number and together") {
    v1::ClientFrame frame = report_frame();
    v1::AppendLog& append = *frame.mutable_append_log();
    set_holder(append);
    CHECK(fault_of(frame).field() == "append_log.lines");
    append.add_lines("one");
    append.add_lines("");
    CHECK(std::get<core::AppendLog>(body_of(frame)).lines == std::vector<std::string>{"one", ""});
    append.set_lines(1, std::string(core::limits::log_line_bytes_max + 1, 'l'));
    CHECK(fault_of(frame).limit() == core::limits::log_line_bytes_max);
    append.clear_lines();
    for (int i = 0; i < 17; ++i) {
        append.add_lines(std::string(core::limits::log_line_bytes_max, 'l'));
    }
    CHECK(fault_of(frame).limit() == core::limits::log_bytes_max);
    append.clear_lines();
    for (std::uint32_t i = 0; i <= core::limits::log_lines_max; ++i) {
        append.add_lines("");
    }
    CHECK(fault_of(frame).limit() == core::limits::log_lines_max);
}

TEST_CASE("a log is cleared and listed by what the frames say") {
    v1::ClientFrame clear = report_frame();
    set_holder(*clear.mutable_clear_log());
    clear.mutable_clear_log()->set_keep(8);
    CHECK(std::get<core::ClearLog>(body_of(clear)).keep == 8);

    v1::ClientFrame frame = report_frame();
    v1::ListLog& list = *frame.mutable_list_log();
    CHECK(fault_of(frame).field() == "list_log.queue");
    list.set_queue("jobs");
    list.set_offset(9);
    const auto whole = std::get<core::ListLog>(body_of(frame));
    CHECK(whole.limit == 100);
    CHECK_FALSE(whole.from_line);
    list.set_from_line(7);
    list.set_newest_first(true);
    list.set_limit(core::limits::log_lines_max);
    const auto some = std::get<core::ListLog>(body_of(frame));
    CHECK(some.from_line == 7U);
    CHECK(some.newest_first);
    list.set_limit(core::limits::log_lines_max + 1);
    CHECK(fault_of(frame).field() == "list_log.limit");
}

TEST_CASE("new data is stored as it came, with a checksum, and checked as a produced entry is") {
    v1::ClientFrame frame = report_frame();
    set_holder(*frame.mutable_set_data());
    CHECK(fault_of(frame).field() == "set_data.entry");
    v1::Entry& entry = *frame.mutable_set_data()->mutable_entry();
    entry.set_payload("payload");
    entry.set_name("kind");
    const auto set = std::get<core::SetData>(body_of(frame));
    CHECK(set.offset == 6);
    CHECK(set.token.batch == 5);
    REQUIRE(set.entry.count == 1);
    CHECK(set.entry.bytes().substr(2) == entry.SerializeAsString());
    entry.set_name(std::string(core::limits::name_bytes_max + 1, 'n'));
    const v1::Error refused = fault_of(frame);
    CHECK(refused.field() == "set_data.entry.name");
    CHECK(refused.limit() == core::limits::name_bytes_max);
    entry.clear_name();
    for (std::uint32_t i = 0; i <= core::limits::headers_max; ++i) {
        entry.add_headers()->set_key("k");
    }
    CHECK(fault_of(frame).field() == "set_data.entry.headers");
}

TEST_CASE("bounds and pages of logs, and progress, are told") {
    Machine machine;
    SendQueue& out = machine.out;
    encode_log_bounds(core::RequestId{7}, {3, 12}, out);
    encode_log_page(core::RequestId{8}, {{{9, 1'000, "nine"}, {10, 2'000, "ten"}}, 40, 11}, out);
    core::MessageList list;
    core::StoredMessage& message = list.messages.emplace_back();
    message.progress = std::make_shared<const core::JobProgress>(core::JobProgress{5'000, ""});
    message.log_lines = 40;
    encode_message_list(core::RequestId{9}, list, out);
    const auto said = machine.said();
    REQUIRE(said.size() == 3);
    CHECK(said[0].log_bounds().lines() == 3);
    CHECK(said[0].log_bounds().next_line() == 12);
    REQUIRE(said[1].log_page().lines_size() == 2);
    CHECK(said[1].log_page().lines(1).number() == 10);
    CHECK(said[1].log_page().lines(1).at_ms() == 2'000);
    CHECK(said[1].log_page().lines(1).text() == "ten");
    CHECK(said[1].log_page().total() == 40);
    CHECK(said[1].log_page().next() == 11);
    const v1::StoredMessage& shown = said[2].message_list().messages(0);
    CHECK(shown.has_progress());
    CHECK(shown.progress_ms() == 5'000);
    CHECK(shown.log_lines() == 40);
}

}  // namespace baton::session::test
