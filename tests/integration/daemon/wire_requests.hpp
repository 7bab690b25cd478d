#pragma once
// The usual requests of a test, over a WireClient. Each requires the answer that it names.

#include "tests/integration/daemon/wire_client.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace baton::test {

v1::QueueInfo create_queue(WireClient& client, const std::string& name, const v1::QueueSettings& settings = {});
v1::QueueInfo show_queue(WireClient& client, const std::string& name);

/// A produce of these payloads, to be completed and sent.
v1::ClientFrame produce_frame(const std::string& queue, const std::vector<std::string>& payloads);
/// Produces `<n>:xxx...` for n from 0, and answers whatever came.
v1::ServerFrame produce(WireClient& client, const std::string& queue, int count, std::size_t bytes = 100);

void open_consumer(WireClient& client, const std::string& queue, std::uint32_t credit, std::uint64_t consumer = 1);
/// A fetch, as its Delivery. Empty when nothing came within `wait_ms`.
v1::Delivery fetch(WireClient& client, std::uint32_t messages, std::uint64_t consumer = 1, std::uint32_t wait_ms = 0);

/// Moves the time of a daemon on a virtual clock; what is due by then is done.
void advance_clock(WireClient& client, std::chrono::milliseconds by);

int messages_in(const v1::Delivery& delivery);
/// The payloads in order.
std::vector<std::string> payloads_in(const v1::Delivery& delivery);

/// A settlement of `count` messages from offset `first`; the action is to be set.
v1::Settlement& add_settlement(v1::ClientFrame& frame, const v1::Token& token, std::uint64_t first,
                               std::uint32_t count);
v1::ClientFrame ack_all(const v1::Delivery& delivery);
/// Sends the frame and returns its Settled.
v1::Settled settle(WireClient& client, const v1::ClientFrame& frame);

}  // namespace baton::test
