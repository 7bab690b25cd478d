#pragma once
// The identifiers and units of the core. Strong types keep a queue id from being passed as an offset; times and
// offsets are plain integers because arithmetic on them is the everyday case.

#include <cstdint>
#include <type_traits>

namespace baton::core {

/// Number of a namespace; 1 is `default`. Never reused.
enum class NamespaceId : std::uint32_t {};
/// Number of a queue, and of its log and cursor. Never reused, also after delete and re-create.
enum class QueueId : std::uint64_t {};
/// Number of a schedule. Never reused.
enum class ScheduleId : std::uint64_t {};
/// Number of a binding, of the same count as queues.
enum class BindingId : std::uint64_t {};
/// Number of a background task. Never reused.
enum class TaskId : std::uint64_t {};
/// A consumer session; outlives its connection for a grace period.
enum class SessionId : std::uint64_t {};
/// One TCP connection; never reused within a start of the daemon.
enum class ConnectionId : std::uint64_t {};
/// Chosen by the client, unique within its session.
enum class ConsumerId : std::uint64_t {};
/// Chosen by the client, unique among its requests in flight. 0 = no reply wanted.
enum class RequestId : std::uint64_t {};
/// Number of a delivery frame within a cursor; rises with every delivery, also over restarts.
using BatchNumber = std::uint64_t;
/// Position in a log; never reused. The first message has offset 0.
using Offset = std::uint64_t;
/// Milliseconds of broker time since 1970; signed so that differences are safe.
using TimeMs = std::int64_t;
/// Milliseconds as a length of time.
using DurationMs = std::int64_t;

/// Adjacent messages of a log.
struct OffsetRange {
    Offset first = 0;
    std::uint32_t count = 0;
    bool operator==(const OffsetRange&) const = default;
};

/// The fencing token of one delivered batch.
struct Token {
    std::uint64_t epoch = 0;
    QueueId queue{};
    BatchNumber batch = 0;
};

template <typename Id>
constexpr auto value(Id id) {
    return static_cast<std::underlying_type_t<Id>>(id);
}

}  // namespace baton::core
