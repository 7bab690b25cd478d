#include "baton/batch.hpp"
#include "baton/v1/wire.pb.h"
#include "client/delivered_frame.hpp"
#include "client/receive_buffer.hpp"

#include <catch2/catch.hpp>

using namespace baton;
using namespace baton::detail;

namespace {

v1::Delivery sample_delivery() {
    v1::Delivery delivery;
    delivery.set_consumer_id(8);
    delivery.mutable_token()->set_epoch(2);
    delivery.mutable_token()->set_queue_id(6);
    delivery.mutable_token()->set_batch(11);
    delivery.set_lease_ms(30'000);
    for (const std::uint64_t first : {100U, 205U}) {
        v1::Run& run = *delivery.add_runs();
        run.set_first_offset(first);
        run.set_stored_ms(static_cast<std::int64_t>(first) * 10);
        for (std::uint64_t i = 0; i < 5; ++i) {
            v1::Entry& entry = *run.add_entries();
            entry.set_payload("p" + std::to_string(first + i));
            entry.set_name(i == 2 ? "named" : "");
        }
        v1::Header& header = *run.mutable_entries(3)->add_headers();
        header.set_key("k");
        header.set_value("v");
    }
    v1::DeliveryDetail& detail = *delivery.add_details();
    detail.set_offset(206);
    detail.set_deliveries(4);
    detail.set_failures(2);
    detail.set_lease_losses(1);
    detail.set_cause(v1::CAUSE_LEASE_EXPIRED);
    detail.set_lease_ms(5'000);
    detail.mutable_origin()->set_queue("source");
    return delivery;
}

std::shared_ptr<DeliveredFrame> read(const std::string& bytes) {
    ReceiveBuffer buffer;
    return read_delivery(bytes, buffer);
}

}  // namespace

TEST_CASE("a message says its topic: its run's, else that of its subscription, else none") {
    v1::Delivery delivery = sample_delivery();
    delivery.mutable_runs(1)->set_topic("order.paid");
    delivery.mutable_runs(1)->set_topic_offset(30);
    const auto frame = read(delivery.SerializeAsString());
    REQUIRE(frame != nullptr);
    const Batch batch(nullptr, frame, 0, 10);
    CHECK(batch[0].topic().empty());
    CHECK(batch[0].topic_offset() == 0);
    CHECK(batch[7].topic() == "order.paid");
    CHECK(batch[7].topic_offset() == 32);
    frame->topic = "order.created";
    CHECK(batch[0].topic() == "order.created");
    CHECK(batch[1].topic_offset() == 101);
    CHECK(batch[5].topic() == "order.paid");
}

TEST_CASE("a delivery written by the generated code is read in place") {
    const auto frame = read(sample_delivery().SerializeAsString());
    REQUIRE(frame != nullptr);
    CHECK(frame->consumer_id == 8);
    CHECK(frame->token.batch == 11);
    REQUIRE(frame->count() == 10);
    const Batch batch(nullptr, frame, 0, 10);

    CHECK(batch[0].payload() == "p100");
    CHECK(batch[4].id().to_string() == "6-104");
    CHECK(batch[5].id().to_string() == "6-205");
    CHECK(batch[9].payload() == "p209");
    CHECK(batch[5].stored_ms() == 2050);
    CHECK(batch[2].name() == "named");
    CHECK(batch[2].payload() == "p102");
    CHECK(batch[3].header("k") == "v");
    CHECK_FALSE(batch[3].header("missing"));
    CHECK(batch[0].deliveries() == 1);
    CHECK(batch[0].origin() == nullptr);
    CHECK(batch[6].deliveries() == 4);
    CHECK(batch[6].failures() == 2);
    CHECK(batch[6].lease_losses() == 1);
    CHECK(batch[6].cause() == Cause::lease_expired);
    CHECK(batch[6].lease() == std::chrono::milliseconds{5'000});
    CHECK(batch[6].origin()->queue == "source");
    CHECK(frame->lease_min() == std::chrono::milliseconds{5'000});
}

TEST_CASE("a delivery that is cut anywhere is refused or a shorter one, and never read beyond its end") {
    const std::string whole = sample_delivery().SerializeAsString();
    for (std::size_t n = 0; n < whole.size(); ++n) {
        const std::string cut = whole.substr(0, n);
        v1::Delivery generated;
        const auto frame = read(cut);
        CAPTURE(n);
        CHECK((frame != nullptr) == generated.ParseFromString(cut));
    }
}

TEST_CASE("settling marks each message once") {
    const auto frame = read(sample_delivery().SerializeAsString());
    CHECK(frame->settle(3, 4) == std::vector<OffsetRange>{{103, 2}, {205, 2}});
    CHECK(frame->settle(4, 4) == std::vector<OffsetRange>{{207, 1}});
    CHECK(frame->settle(4, 4).empty());
    CHECK(frame->unsettled(0, 10) == std::vector<OffsetRange>{{100, 3}, {208, 2}});
    CHECK(frame->settle(0, 10) == std::vector<OffsetRange>{{100, 3}, {208, 2}});
    CHECK(frame->settled_count == 10);
    CHECK(frame->unsettled(0, 10).empty());
}

TEST_CASE("settling a whole delivery is one range a run") {
    const auto frame = read(sample_delivery().SerializeAsString());
    CHECK(frame->settle(0, 10) == std::vector<OffsetRange>{{100, 5}, {205, 5}});
    CHECK(frame->settle(0, 10).empty());
}
