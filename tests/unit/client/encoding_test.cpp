// The hand-written encoders against the generated code.
#include "baton/encoded_batch.hpp"
#include "baton/v1/wire.pb.h"
#include "client/message_options.hpp"
#include "client/out_frame.hpp"
#include "client/produce_encoder.hpp"
#include "client/settle_queue.hpp"
#include "proto/frame_reader.hpp"

#include <catch2/catch.hpp>

using namespace baton;
using namespace baton::detail;
using namespace std::chrono_literals;

namespace {

std::vector<Message> sample_messages() {
    Message plain{"hello", "", {}, {}};
    Message full{std::string(300, 'x'), "mail", {{"to", "a@b"}, {"blob", std::string("\0\xff", 2)}}, {}};
    full.options.delay = 1500ms;
    full.options.ttl = 1h;
    Message due{"", "later", {}, {}};
    due.options.due_ms = 1'700'000'000'000;
    due.options.lease = 90s;
    return {plain, full, due, Message{}, Message{std::string(70'000, 'y'), "", {{"k", ""}}, {}}};
}

v1::ClientFrame parsed(const OutFrame& frame) {
    const std::string bytes = frame.head + frame.body;
    const auto view = proto::next_frame(bytes, 1U << 30);
    REQUIRE(view.status == proto::FrameStatus::complete);
    REQUIRE(view.consumed == bytes.size());
    v1::ClientFrame out;
    REQUIRE(out.ParseFromArray(view.frame.data(), static_cast<int>(view.frame.size())));
    return out;
}

void check_options(const v1::EntryOptions& got, const MessageOptions& want) {
    CHECK(got.has_delay_ms() == want.delay.has_value());
    CHECK(got.has_due_ms() == want.due_ms.has_value());
    CHECK(got.has_ttl_ms() == want.ttl.has_value());
    CHECK(got.has_lease_ms() == want.lease.has_value());
    CHECK(got.delay_ms() == static_cast<std::uint64_t>(want.delay.value_or(0ms).count()));
    CHECK(got.due_ms() == want.due_ms.value_or(0));
    CHECK(got.ttl_ms() == static_cast<std::uint64_t>(want.ttl.value_or(0ms).count()));
    CHECK(got.lease_ms() == static_cast<std::uint64_t>(want.lease.value_or(0ms).count()));
}

}  // namespace

TEST_CASE("a produce encoded by hand reads back through the generated code") {
    const auto messages = sample_messages();
    EncodedBatch batch;
    for (const Message& message : messages) {
        batch.add(message);
    }
    std::string defaults;
    put_message_options(defaults, {.ttl = 5s});
    const std::string head =
        encode_produce_head({"orders", 0x1122334455667788, 1'700'000'000'123, 42, 40, defaults, batch.options(), true});
    const auto frame = make_frame(9, "tenant", 6, head, std::move(batch.entries()));

    const v1::ClientFrame got = parsed(*frame);

    CHECK(got.request_id() == 9);
    CHECK(got.namespace_() == "tenant");
    REQUIRE(got.has_produce());
    const v1::Produce& produce = got.produce();
    CHECK(produce.queue() == "orders");
    CHECK(produce.producer_id() == 0x1122334455667788);
    CHECK(produce.producer_created_ms() == 1'700'000'000'123);
    CHECK(produce.sequence() == 42);
    CHECK(produce.acked_through() == 40);
    CHECK(produce.defaults().ttl_ms() == 5000);
    CHECK(produce.per_item());
    REQUIRE(produce.entries_size() == static_cast<int>(messages.size()));
    REQUIRE(produce.options_size() == 2);
    CHECK(produce.options(0).index() == 1);
    check_options(produce.options(0).options(), messages[1].options);
    CHECK(produce.options(1).index() == 2);
    check_options(produce.options(1).options(), messages[2].options);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const v1::Entry& entry = produce.entries(static_cast<int>(i));
        CHECK(entry.payload() == messages[i].payload);
        CHECK(entry.name() == messages[i].name);
        REQUIRE(entry.headers_size() == static_cast<int>(messages[i].headers.size()));
        for (int h = 0; h < entry.headers_size(); ++h) {
            CHECK(entry.headers(h).key() == messages[i].headers[static_cast<std::size_t>(h)].key);
            CHECK(entry.headers(h).value() == messages[i].headers[static_cast<std::size_t>(h)].value);
        }
    }
}

TEST_CASE("entries are byte for byte what the generated code writes") {
    EncodedBatch batch;
    v1::Produce produce;
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{100}, std::size_t{127}, std::size_t{128}, std::size_t{20'000}}) {
        const std::string payload(size, 'p');
        batch.add(payload);
        produce.add_entries()->set_payload(payload);
    }
    CHECK(batch.entries() == produce.SerializeAsString());
    CHECK(batch.count() == 5);
}

TEST_CASE("settlements read back through the generated code") {
    auto frame = std::make_shared<DeliveredFrame>();
    frame->token = {3, 0xFEDCBA9876543210, 77};
    std::vector<Settlement> settlements;
    settlements.push_back({frame, {{10, 5}, {20, 1}}, {.kind = SettleAction::Kind::ack}, {}});
    SettleAction fail{.kind = SettleAction::Kind::fail, .reason = "no", .terminal = true};
    fail.retry_after_ms = 0;
    settlements.push_back({frame, {{30, 1}}, fail, {}});
    settlements.push_back({frame, {{31, 1}}, {.kind = SettleAction::Kind::release, .time_ms = 250}, {}});
    settlements.push_back({frame, {{32, 1}}, {.kind = SettleAction::Kind::extend, .time_ms = 9000}, {}});
    settlements.push_back({frame, {{33, 1}}, {.kind = SettleAction::Kind::started}, {}});

    v1::Settle settle;
    REQUIRE(settle.ParseFromString(encode_settlements(settlements)));

    REQUIRE(settle.settlements_size() == 5);
    CHECK(settle.settlements(0).token().epoch() == 3);
    CHECK(settle.settlements(0).token().queue_id() == 0xFEDCBA9876543210);
    CHECK(settle.settlements(0).token().batch() == 77);
    REQUIRE(settle.settlements(0).ranges_size() == 2);
    CHECK(settle.settlements(0).ranges(0).first() == 10);
    CHECK(settle.settlements(0).ranges(0).count() == 5);
    CHECK(settle.settlements(0).has_ack());
    CHECK(settle.settlements(1).fail().reason() == "no");
    CHECK(settle.settlements(1).fail().terminal());
    CHECK(settle.settlements(1).fail().has_retry_after_ms());
    CHECK(settle.settlements(2).release().delay_ms() == 250);
    CHECK(settle.settlements(3).extend().lease_ms() == 9000);
    CHECK(settle.settlements(4).has_started());
}
