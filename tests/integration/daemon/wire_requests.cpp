#include "tests/integration/daemon/wire_requests.hpp"

#include <catch2/catch.hpp>

namespace baton::test {

v1::QueueInfo create_queue(WireClient& client, const std::string& name, const v1::QueueSettings& settings) {
    v1::ClientFrame frame;
    frame.mutable_create_queue()->set_name(name);
    *frame.mutable_create_queue()->mutable_settings() = settings;
    const v1::ServerFrame answer = client.ask(frame);
    INFO(answer.ShortDebugString());
    REQUIRE(answer.has_queue_info());
    return answer.queue_info();
}

v1::QueueInfo show_queue(WireClient& client, const std::string& name) {
    v1::ClientFrame frame;
    frame.mutable_show_queue()->set_name(name);
    const v1::ServerFrame answer = client.ask(frame);
    INFO(answer.ShortDebugString());
    REQUIRE(answer.has_queue_info());
    return answer.queue_info();
}

v1::ClientFrame produce_frame(const std::string& queue, const std::vector<std::string>& payloads) {
    v1::ClientFrame frame;
    frame.mutable_produce()->set_queue(queue);
    for (const std::string& payload : payloads) {
        frame.mutable_produce()->add_entries()->set_payload(payload);
    }
    return frame;
}

v1::ServerFrame produce(WireClient& client, const std::string& queue, int count, std::size_t bytes) {
    std::vector<std::string> payloads;
    for (int i = 0; i < count; ++i) {
        payloads.push_back(std::to_string(i) + ":" + std::string(bytes, 'x'));
    }
    return client.ask(produce_frame(queue, payloads));
}

void open_consumer(WireClient& client, const std::string& queue, std::uint32_t credit, std::uint64_t consumer) {
    v1::ClientFrame frame;
    frame.mutable_open_consumer()->set_consumer_id(consumer);
    frame.mutable_open_consumer()->set_queue(queue);
    frame.mutable_open_consumer()->set_credit_messages(credit);
    const v1::ServerFrame answer = client.ask(frame);
    INFO(answer.ShortDebugString());
    REQUIRE(answer.has_done());
}

v1::Delivery fetch(WireClient& client, std::uint32_t messages, std::uint64_t consumer, std::uint32_t wait_ms) {
    v1::ClientFrame frame;
    frame.mutable_fetch()->set_consumer_id(consumer);
    frame.mutable_fetch()->set_max_messages(messages);
    frame.mutable_fetch()->set_wait_ms(wait_ms);
    const v1::ServerFrame answer = client.ask(frame);
    INFO(answer.ShortDebugString());
    REQUIRE(answer.has_delivery());
    return answer.delivery();
}

void advance_clock(WireClient& client, std::chrono::milliseconds by) {
    v1::ClientFrame frame;
    frame.mutable_advance_clock()->set_by_ms(static_cast<std::uint64_t>(by.count()));
    const v1::ServerFrame answer = client.ask(frame);
    INFO(answer.ShortDebugString());
    REQUIRE(answer.has_clock());
}

int messages_in(const v1::Delivery& delivery) {
    int count = 0;
    for (const v1::Run& run : delivery.runs()) {
        count += run.entries_size();
    }
    return count;
}

std::vector<std::string> payloads_in(const v1::Delivery& delivery) {
    std::vector<std::string> payloads;
    for (const v1::Run& run : delivery.runs()) {
        for (const v1::Entry& entry : run.entries()) {
            payloads.push_back(entry.payload());
        }
    }
    return payloads;
}

v1::Settlement& add_settlement(v1::ClientFrame& frame, const v1::Token& token, std::uint64_t first,
                               std::uint32_t count) {
    v1::Settlement& settlement = *frame.mutable_settle()->add_settlements();
    *settlement.mutable_token() = token;
    v1::OffsetRange& range = *settlement.add_ranges();
    range.set_first(first);
    range.set_count(count);
    return settlement;
}

v1::ClientFrame ack_all(const v1::Delivery& delivery) {
    v1::ClientFrame frame;
    v1::Settlement& settlement = *frame.mutable_settle()->add_settlements();
    *settlement.mutable_token() = delivery.token();
    settlement.mutable_ack();
    for (const v1::Run& run : delivery.runs()) {
        v1::OffsetRange& range = *settlement.add_ranges();
        range.set_first(run.first_offset());
        range.set_count(static_cast<std::uint32_t>(run.entries_size()));
    }
    return frame;
}

v1::Settled settle(WireClient& client, const v1::ClientFrame& frame) {
    const v1::ServerFrame answer = client.ask(frame);
    INFO(answer.ShortDebugString());
    REQUIRE(answer.has_settled());
    return answer.settled();
}

}  // namespace baton::test
