// Transactions on the wire: each part is read and bounded as it is when it comes alone.
#include "server/core/transaction.hpp"

#include "server/core/limits.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <variant>

namespace baton::session::test {

namespace {

v1::ClientFrame transaction_frame() {
    v1::ClientFrame frame;
    frame.set_request_id(2);
    v1::Transaction& transaction = *frame.mutable_transaction();
    *transaction.add_produces() = produce_frame(2, 3, 10).produce();
    v1::Settlement& settlement = *transaction.mutable_settle()->add_settlements();
    settlement.mutable_token()->set_batch(4);
    settlement.add_ranges()->set_count(1);
    settlement.mutable_ack();
    transaction.mutable_change()->set_queue("orders");
    transaction.mutable_change()->set_priority(7);
    v1::UpsertSchedule& schedule = *transaction.mutable_schedule();
    schedule.set_name("nightly");
    schedule.mutable_spec()->set_queue("reports");
    schedule.mutable_spec()->mutable_timing()->set_every_ms(1'000);
    schedule.mutable_spec()->mutable_entry()->set_payload("tick");
    return frame;
}

std::variant<std::shared_ptr<const core::Transaction>, std::string> read(const v1::ClientFrame& frame) {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    auto requests = machine.requests();
    if (!requests.empty()) {
        return std::get<core::RunTransaction>(requests[0].body).parts;
    }
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    return said[0].error().field();
}

/// A frame whose transaction has these bytes, whatever they say.
std::string frame_of(const std::string& transaction) {
    v1::ClientFrame frame;
    frame.set_request_id(2);
    std::string bytes = frame.SerializeAsString();
    bytes += "\xfa\x05";  // Field 95, with a length.
    for (std::size_t left = transaction.size();; left >>= 7) {
        bytes += static_cast<char>(left > 127 ? (left & 127) | 128 : left);
        if (left <= 127) {
            break;
        }
    }
    return bytes + transaction;
}

std::string refused(const v1::ClientFrame& frame) { return std::get<std::string>(read(frame)); }

}  // namespace

TEST_CASE("the parts of a transaction are read") {
    const auto parts = std::get<std::shared_ptr<const core::Transaction>>(read(transaction_frame()));
    REQUIRE(parts->produces.size() == 1);
    CHECK(parts->produces[0].entries.count == 3);
    REQUIRE(parts->settlements.size() == 1);
    CHECK(parts->settlements[0].token.batch == 4);
    CHECK(std::holds_alternative<core::Ack>(parts->settlements[0].action));
    CHECK(parts->change->priority == 7U);
    CHECK(parts->schedule->name == "nightly");
}

TEST_CASE("a transaction with a bad part is refused with the part's field") {
    v1::ClientFrame frame = transaction_frame();
    v1::Transaction& transaction = *frame.mutable_transaction();
    SECTION("the queue of a produce") {
        transaction.mutable_produces(0)->set_queue("");
        CHECK(refused(frame) == "produce.queue");
    }
    SECTION("a settlement without a range") {
        transaction.mutable_settle()->mutable_settlements(0)->clear_ranges();
        CHECK(refused(frame) == "settlements.ranges");
    }
    SECTION("a fetch") {
        transaction.mutable_settle()->mutable_fetch()->set_consumer_id(1);
        transaction.mutable_settle()->mutable_fetch()->set_max_messages(1);
        CHECK(refused(frame) == "transaction.settle.fetch");
    }
    SECTION("the delay of a change") {
        transaction.mutable_change()->set_delay_ms(static_cast<std::uint64_t>(core::limits::ten_years_ms) + 1);
        CHECK(refused(frame) == "change_job.delay_ms");
    }
    SECTION("the name of a schedule") {
        transaction.mutable_schedule()->mutable_spec()->set_queue("");
        CHECK(refused(frame) == "schedule.queue");
    }
    SECTION("a part that is not known") {
        transaction.GetReflection()->MutableUnknownFields(&transaction)->AddLengthDelimited(99, "of a newer client");
        CHECK(refused(frame) == "transaction");
    }
    SECTION("too many produces") {
        for (std::uint32_t i = 0; i < core::limits::transaction_produces_max; ++i) {
            *transaction.add_produces() = transaction.produces(0);
        }
        CHECK(refused(frame) == "transaction.produces");
    }
}

TEST_CASE("a part that is there twice is refused: the second would hide the first") {
    const v1::Transaction parts = transaction_frame().transaction();
    v1::Transaction one;
    std::string field;
    SECTION("settle") {
        *one.mutable_settle() = parts.settle();
        field = "transaction.settle";
    }
    SECTION("change") {
        *one.mutable_change() = parts.change();
        field = "transaction.change";
    }
    SECTION("schedule") {
        *one.mutable_schedule() = parts.schedule();
        field = "transaction.schedule";
    }
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame_of(parts.SerializeAsString() + one.SerializeAsString())));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].error().field() == field);
}

TEST_CASE("a transaction that is cut is refused") {
    const std::string whole = transaction_frame().transaction().SerializeAsString();
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
        Machine machine;
        machine.say_hello();
        machine.feed(framed(frame_of(whole.substr(0, cut))));
        INFO(cut);
        // What ends between two parts is a transaction of fewer parts.
        CHECK(machine.requests().size() + machine.said().size() == 1);
    }
}

}  // namespace baton::session::test
