#pragma once
// What is seen of a queue from outside: who consumes it. Plain values.

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

struct ConsumerInfo {
    /// The name of the worker, and the name and version of its client.
    std::string worker;
    std::string client;
    /// Its session, and its number in that.
    std::uint64_t session = 0;
    std::uint64_t consumer = 0;
    /// The server's number of its connection; 0 while it is away.
    std::uint64_t connection = 0;
    /// While its connection is lost: when its session ends unless it is resumed, and what it holds goes back, in
    /// milliseconds since 1970 by the server's time; else 0.
    std::int64_t session_ends_ms = 0;
    /// Since when it is there; a reconnect does not change it.
    std::int64_t declared_ms = 0;
    std::uint32_t credit_messages = 0;
    std::uint32_t credit_bytes = 0;
    std::uint64_t in_flight_messages = 0;
    std::uint64_t in_flight_bytes = 0;
    /// Fetches that wait for messages.
    std::uint32_t waiting_fetches = 0;
    std::uint64_t lease_ms = 0;
};

struct ConsumerPage {
    std::vector<ConsumerInfo> consumers;
    /// Opaque bytes: pass as `cursor` for the next page; empty on the last.
    std::string next;
    /// The server's time.
    std::int64_t now_ms = 0;
};

struct MetricsOptions {
    /// 0 = 60; at most 1,440.
    std::uint32_t minutes = 0;
    /// How many to leave out, from the running one on: 1 = whole minutes only.
    std::uint32_t skip = 0;
};

/// How many jobs completed and failed for good in each of the last minutes.
struct JobMetrics {
    struct Minute {
        std::uint64_t completed = 0;
        std::uint64_t failed = 0;
    };
    /// When the first of `minutes` begins, in milliseconds since 1970 by the server's time.
    std::int64_t newest_ms = 0;
    /// The newest first, without gaps. What is older than a day is not kept.
    std::vector<Minute> minutes;
    /// Since the queue was made.
    std::uint64_t completed_total = 0;
    std::uint64_t failed_total = 0;
};

}  // namespace baton
