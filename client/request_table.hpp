#pragma once
// The requests of a client that wait for an answer. Each keeps its frame until then, so that after a reconnect
// everything unanswered is sent again byte for byte, in the order of the request ids. Sans-I/O; belongs to the I/O
// thread.

#include "baton/error.hpp"
#include "client/out_frame.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace baton::detail {

class ReceiveBuffer;

using TimePoint = std::chrono::steady_clock::time_point;

/// An answer: the field number of the ServerFrame's body, and its bytes, valid during the call.
struct Reply {
    std::uint32_t field = 0;
    std::string_view body;
    /// Where the body lies; share() keeps it.
    ReceiveBuffer* buffer = nullptr;
};
/// Gets the answer, or why there is none, on the I/O thread. Returns false when another answer with the same request id
/// is to come; always called for the last time with an error or by returning true.
using ReplyHandler = std::function<bool(const Result<Reply>&)>;

struct PendingRequest {
    std::uint64_t id = 0;
    OutFramePtr frame;
    ReplyHandler handler;
    /// No answer by then: timed out.
    TimePoint deadline = TimePoint::max();
    /// May be sent again on a new connection.
    bool repeatable = true;
    bool sent = false;
    /// Sent on more than one connection.
    bool repeated = false;
};

class RequestTable {
public:
    /// One that is marked as sent jumps the queue: the caller has written it.
    void add(PendingRequest&& request);
    /// Frames to write now: unsent ones in order while fewer than `in_flight_max` are sent and unanswered.
    std::vector<OutFramePtr> take_sendable(std::size_t in_flight_max);
    /// The connection broke: everything is unsent again. Returns those that must not be repeated, which are done.
    std::vector<PendingRequest> connection_lost();
    /// Null when there is no such request.
    PendingRequest* find(std::uint64_t id);
    PendingRequest remove(std::uint64_t id);
    /// Removes and returns what is past its deadline.
    std::vector<PendingRequest> take_expired(TimePoint now);
    std::vector<PendingRequest> take_all();
    std::size_t size() const { return requests_.size(); }
    std::size_t in_flight() const { return in_flight_; }
    std::size_t unsent() const { return unsent_.size(); }

private:
    std::map<std::uint64_t, PendingRequest> requests_;
    std::set<std::uint64_t> unsent_;
    std::size_t in_flight_ = 0;
    /// A lower bound of all deadlines, so that the usual look costs nothing.
    TimePoint next_deadline_ = TimePoint::max();
};

}  // namespace baton::detail
