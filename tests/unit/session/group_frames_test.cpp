// Groups on the wire: in the options of entries, in requests about them, and in what is told.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/page_cursor.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <utility>

namespace baton::session::test {

namespace {

std::string group_fault(v1::ClientFrame frame) {
    frame.set_request_id(2);
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    CHECK(machine.inputs.empty());
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    return said[0].error().field();
}

v1::ClientFrame grouped_produce(const std::string& group) {
    v1::ClientFrame frame = produce_frame(2, 1, 10);
    frame.mutable_produce()->mutable_defaults()->set_group(group);
    return frame;
}

}  // namespace

TEST_CASE("the group of an entry is read and bounded") {
    CHECK(std::get<core::Produce>(body_of(grouped_produce("customer"))).defaults.group == "customer");
    CHECK(std::get<core::Produce>(body_of(grouped_produce(std::string(255, 'x')))).defaults.group->size() == 255);
    CHECK(group_fault(grouped_produce(std::string(256, 'x'))) == "options.group");
}

TEST_CASE("a group is set with the fields that are given") {
    v1::ClientFrame frame;
    v1::SetGroup& set = *frame.mutable_set_group();
    set.set_queue("q");
    set.set_group("g");
    auto plain = std::get<core::SetGroup>(body_of(frame));
    CHECK_FALSE((plain.rate || plain.max_in_flight || plain.max_messages || plain.paused || plain.paused_until ||
                 plain.pause_for_ms || plain.reset));
    set.mutable_rate()->set_permits(5);
    set.mutable_rate()->set_per_ms(1'000);
    set.set_max_in_flight(2);
    set.set_max_messages(9);
    set.set_paused(true);
    set.set_pause_for_ms(70);
    set.set_reset(true);
    const auto full = std::get<core::SetGroup>(body_of(frame));
    CHECK(full.queue == "q");
    CHECK(full.group == "g");
    CHECK(full.rate == core::RateLimit{5, 1'000, 0});
    CHECK(full.max_in_flight == 2U);
    CHECK(full.max_messages == 9U);
    CHECK(full.paused == true);
    CHECK(full.pause_for_ms == 70);
    CHECK(full.reset);
}

TEST_CASE("every field of a request about groups is checked") {
    v1::ClientFrame frame;
    v1::SetGroup& set = *frame.mutable_set_group();
    set.set_group("g");
    CHECK(group_fault(frame) == "set_group.queue");
    set.set_queue("q");
    set.set_group("");
    CHECK(group_fault(frame) == "set_group.group");
    set.set_group(std::string(256, 'x'));
    CHECK(group_fault(frame) == "set_group.group");
    set.set_group("g");
    set.mutable_rate()->set_per_ms(UINT64_MAX);
    CHECK(group_fault(frame) == "set_group.rate.per_ms");
    set.clear_rate();
    set.set_pause_for_ms(core::limits::ten_years_ms + 1);
    CHECK(group_fault(frame) == "set_group.pause_for_ms");

    v1::ClientFrame show;
    show.mutable_show_group()->set_queue("q");
    CHECK(group_fault(show) == "show_group.group");
    show.mutable_show_group()->set_group("g");
    CHECK(std::get<core::ShowGroup>(body_of(show)).group == "g");

    v1::ClientFrame list;
    list.mutable_list_groups()->set_queue("q");
    CHECK(std::get<core::ListGroups>(body_of(list)).limit == 100);
    list.mutable_list_groups()->set_limit(1'001);
    CHECK(group_fault(list) == "list_groups.limit");
    list.mutable_list_groups()->set_limit(5);
    list.mutable_list_groups()->set_cursor("short");
    CHECK(group_fault(list) == "list_groups.cursor");
    list.mutable_list_groups()->set_cursor(write_group_cursor({7, 9}));
    CHECK(std::get<core::ListGroups>(body_of(list)).after == core::GroupId{7, 9});

    v1::ClientFrame penalty;
    penalty.mutable_penalise()->set_queue("q");
    penalty.mutable_penalise()->set_group(std::string(256, 'x'));
    CHECK(group_fault(penalty) == "penalise.group");
    penalty.mutable_penalise()->set_group("g");
    CHECK(std::get<core::Penalise>(body_of(penalty)).group == "g");
}

TEST_CASE("rules for groups are settings of a queue") {
    v1::ClientFrame frame;
    frame.mutable_update_queue()->set_name("q");
    v1::QueueSettings& settings = *frame.mutable_update_queue()->mutable_settings();
    settings.mutable_group_rate()->set_permits(3);
    settings.mutable_group_rate()->set_per_ms(10);
    settings.set_group_max_in_flight(4);
    settings.set_group_order(v1::STRICT);
    settings.set_group_max_messages(6);
    settings.set_group_overflow(v1::GROUP_DROP_OLDEST);
    const auto change = std::get<core::UpdateQueue>(body_of(frame)).settings;
    CHECK(change.group_rate == core::RateLimit{3, 10, 0});
    CHECK(change.group_max_in_flight == 4U);
    CHECK(change.group_order == core::GroupOrder::strict);
    CHECK(change.group_max_messages == 6U);
    CHECK(change.group_overflow == core::GroupOverflow::drop_oldest);
    settings.set_group_order(static_cast<v1::GroupOrder>(7));
    CHECK(group_fault(frame) == "settings.group_order");
    settings.set_group_order(v1::NONE);
    settings.set_group_overflow(static_cast<v1::GroupOverflow>(7));
    CHECK(group_fault(frame) == "settings.group_overflow");
    settings.clear_group_overflow();
    settings.mutable_group_rate()->set_per_ms(UINT64_MAX);
    CHECK(group_fault(frame) == "settings.group_rate.per_ms");
}

TEST_CASE("a page of grouped messages goes on in its group") {
    const PageCursor cursor{-5, 7, 3, {1, 2}};
    const auto read = read_cursor(write_cursor(cursor));
    REQUIRE(read);
    CHECK(read->at == -5);
    CHECK(read->offset == 7);
    CHECK(read->rank == 3);
    CHECK(read->group == core::GroupId{1, 2});
    v1::ClientFrame frame;
    frame.mutable_peek()->set_queue("q");
    frame.mutable_peek()->set_group("g");
    CHECK(group_fault(frame) == "peek.group");
    frame.mutable_peek()->set_state(v1::GROUPED);
    frame.mutable_peek()->set_cursor(write_cursor(cursor));
    const auto peek = std::get<core::Peek>(body_of(frame));
    CHECK(peek.group == "g");
    CHECK(peek.from_group == core::GroupId{1, 2});
}

TEST_CASE("a group is told with all that is known of it") {
    core::GroupInfo info;
    info.name = "g";
    info.waiting = 1'000;
    info.waiting_more = true;
    info.in_flight = 2;
    info.messages = 12;
    info.limits.max_in_flight = 5;
    info.limits.paused_until = 99;
    info.hold = core::Hold::retry;
    SendQueue queue;
    encode_group_list(core::RequestId{4}, {{info}, core::GroupId{1, 2}}, queue);
    const auto said = parse_frames(drain(queue));
    REQUIRE(said.size() == 1);
    const v1::GroupList& list = said.front().group_list();
    REQUIRE(list.groups_size() == 1);
    CHECK(list.groups(0).name() == "g");
    CHECK(list.groups(0).waiting_more());
    CHECK(list.groups(0).messages() == 12);
    CHECK(list.groups(0).max_in_flight() == 5);
    CHECK_FALSE(list.groups(0).has_rate());
    CHECK(list.groups(0).hold() == v1::HOLD_RETRY);
    CHECK(read_group_cursor(list.next()) == core::GroupId{1, 2});
}

}  // namespace baton::session::test
