#include "client/settle_queue.hpp"

#include "baton/v1/wire.pb.h"

#include <catch2/catch.hpp>

using namespace baton;
using namespace baton::detail;

namespace {

using Ranges = std::vector<OffsetRange>;

DeliveredFramePtr delivery(std::uint64_t batch) {
    auto frame = std::make_shared<DeliveredFrame>();
    frame->token.batch = batch;
    return frame;
}

const SettleAction ack{.kind = SettleAction::Kind::ack};
const SettleAction release{.kind = SettleAction::Kind::release};

}  // namespace

TEST_CASE("acks one by one become one range") {
    SettleQueue queue;
    const auto frame = delivery(1);
    for (std::uint64_t offset = 50; offset < 1050; ++offset) {
        queue.add(frame, {{offset, 1}}, ack, {});
    }
    const auto taken = queue.take();
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].ranges == Ranges{{50, 1000}});
    CHECK(taken[0].calls == 1000);
    CHECK(queue.empty());
}

TEST_CASE("what names nothing is not added, so that nobody waits for its answer") {
    SettleQueue queue;
    CHECK_FALSE(queue.add(delivery(1), {}, release, {}));
    CHECK(queue.empty());
    CHECK(queue.add(delivery(1), {{7, 1}}, release, {}));
    CHECK(queue.add(delivery(1), {{8, 1}}, ack, {}));
}

TEST_CASE("acks out of order and interleaved over deliveries are gathered by delivery") {
    SettleQueue queue;
    const auto a = delivery(1), b = delivery(2);
    queue.add(a, {{3, 1}}, ack, {});
    queue.add(b, {{100, 1}}, ack, {});
    queue.add(a, {{1, 1}}, ack, {});
    queue.add(b, {{102, 1}}, ack, {});
    queue.add(a, {{2, 1}}, ack, {});
    const auto taken = queue.take();
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].ranges == Ranges{{1, 3}});
    CHECK(taken[1].ranges == Ranges{{100, 1}, {102, 1}});
}

TEST_CASE("a release with a penalty says how long, and ends the lease") {
    SettleQueue queue;
    const SettleAction penalise{.kind = SettleAction::Kind::penalise, .time_ms = 30'000};
    CHECK(penalise.ends_lease());
    queue.add(delivery(1), {{7, 1}}, penalise, {});
    v1::Settle settle;
    REQUIRE(settle.ParseFromString(encode_settlements(queue.take())));
    REQUIRE(settle.settlements_size() == 1);
    CHECK(settle.settlements(0).penalise().penalty_ms() == 30'000);
    CHECK(settle.settlements(0).ranges(0).first() == 7);
}

TEST_CASE("different actions are kept apart") {
    SettleQueue queue;
    const auto frame = delivery(1);
    SettleAction fail{.kind = SettleAction::Kind::fail, .reason = "a"};
    queue.add(frame, {{1, 1}}, ack, {});
    queue.add(frame, {{2, 1}}, release, {});
    queue.add(frame, {{3, 1}}, fail, {});
    fail.reason = "b";
    queue.add(frame, {{4, 1}}, fail, {});
    queue.add(frame, {{5, 1}}, fail, {});
    const auto taken = queue.take();
    REQUIRE(taken.size() == 4);
    CHECK(taken[3].ranges == Ranges{{4, 2}});
}

TEST_CASE("nothing to settle is nothing to send") {
    SettleQueue queue;
    queue.add(delivery(1), {}, ack, {});
    CHECK(queue.empty());
}

TEST_CASE("one request carries a bounded number of settlements") {
    SettleQueue queue;
    std::size_t total = 0;
    for (std::uint64_t batch = 0; batch < 2'500; ++batch) {
        queue.add(delivery(batch), {{batch, 1}}, ack, {});
    }
    while (!queue.empty()) {
        const auto taken = queue.take();
        CHECK(taken.size() <= 1'000);
        total += taken.size();
    }
    CHECK(total == 2'500);
}

TEST_CASE("ranges merge where they touch or overlap") {
    Ranges ranges{{10, 5}, {1, 2}, {3, 1}, {12, 10}, {40, 1}};
    merge_ranges(ranges);
    CHECK(ranges == Ranges{{1, 3}, {10, 12}, {40, 1}});
    Ranges none;
    merge_ranges(none);
    CHECK(none.empty());
}

TEST_CASE("a refusal is told for the part that was asked for") {
    CHECK(overlap(Ranges{{1, 5}, {10, 5}}, {4, 8}) == Ranges{{4, 2}, {10, 2}});
    CHECK(overlap(Ranges{{1, 5}}, {6, 1}).empty());
}

TEST_CASE("what is put back is taken again, in its order and before what came later") {
    SettleQueue queue;
    const auto a = delivery(1), b = delivery(2), c = delivery(3);
    queue.add(a, {{1, 1}}, ack, {});
    queue.add(b, {{2, 1}}, ack, {});
    auto taken = queue.take();
    queue.add(c, {{3, 1}}, ack, {});
    queue.put_back(std::move(taken));
    const auto again = queue.take();
    REQUIRE(again.size() == 3);
    CHECK(again[0].frame == a);
    CHECK(again[1].frame == b);
    CHECK(again[2].frame == c);
}
