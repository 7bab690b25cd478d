#include "client/request_table.hpp"

#include "client/sequence_window.hpp"

#include <catch2/catch.hpp>

using namespace baton;
using namespace baton::detail;

namespace {

const TimePoint start{};

PendingRequest request(std::uint64_t id, bool repeatable = true, TimePoint deadline = TimePoint::max()) {
    PendingRequest out;
    out.id = id;
    out.frame = std::make_shared<OutFrame>(OutFrame{std::to_string(id), {}});
    out.repeatable = repeatable;
    out.deadline = deadline;
    return out;
}

std::string sent(RequestTable& table, std::size_t in_flight_max) {
    std::string out;
    for (const auto& frame : table.take_sendable(in_flight_max)) {
        out += frame->head;
    }
    return out;
}

}  // namespace

TEST_CASE("requests leave in the order of their ids and within the bound") {
    RequestTable table;
    for (const std::uint64_t id : {2U, 1U, 3U, 4U}) {
        table.add(request(id));
    }
    CHECK(sent(table, 2) == "12");
    CHECK(sent(table, 2).empty());
    table.remove(1);
    CHECK(sent(table, 2) == "3");
    CHECK(table.in_flight() == 2);
}

TEST_CASE("after a lost connection the unanswered go again and the unrepeatable are given up") {
    RequestTable table;
    table.add(request(1));
    table.add(request(2, false));
    table.add(request(3));
    table.add(request(4, false));
    CHECK(sent(table, 3) == "123");

    const auto given_up = table.connection_lost();

    REQUIRE(given_up.size() == 1);
    CHECK(given_up[0].id == 2);
    CHECK(table.find(1)->repeated);
    CHECK(sent(table, 10) == "134");
    CHECK_FALSE(table.find(4)->repeated);
}

TEST_CASE("what is past its deadline is taken out, sent or not") {
    using namespace std::chrono_literals;
    RequestTable table;
    table.add(request(1, true, start + 10ms));
    table.add(request(2, true, start + 20ms));
    table.add(request(3));
    CHECK(sent(table, 1) == "1");
    CHECK(table.take_expired(start + 9ms).empty());
    CHECK(table.take_expired(start + 10ms).at(0).id == 1);
    CHECK(table.in_flight() == 0);
    CHECK(table.take_expired(start + 30ms).at(0).id == 2);
    CHECK(table.size() == 1);
}

TEST_CASE("sequences are acked through the first that is unanswered") {
    SequenceWindow window;
    CHECK(window.next() == 1);
    CHECK(window.next() == 2);
    CHECK(window.next() == 3);
    window.answer(2);
    CHECK(window.acked_through() == 0);
    window.answer(1);
    CHECK(window.acked_through() == 2);
    CHECK(window.next() == 4);
    CHECK(window.last() == 4);
}

TEST_CASE("the window of open sequences has a bound") {
    SequenceWindow window;
    for (std::uint64_t i = 0; i < SequenceWindow::open_max; ++i) {
        REQUIRE(window.has_room());
        window.next();
    }
    CHECK_FALSE(window.has_room());
    window.answer(2);
    CHECK_FALSE(window.has_room());
    window.answer(1);
    CHECK(window.has_room());
}
