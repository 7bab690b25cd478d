#pragma once
// By what the server knows a flow that is sent again: one identity for a client, a sequence for each request.

#include "client/producer_identity.hpp"
#include "client/sequence_window.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace baton::detail {

/// Thread-safe.
class FlowIdentity {
public:
    std::uint64_t producer_id() const { return producer_id_; }
    std::int64_t created_ms() const { return created_ms_; }

    /// The sequence of one request, which is over when this goes.
    class Sequence {
    public:
        /// Waits while too many are open.
        explicit Sequence(FlowIdentity& identity) : identity_(identity) {
            std::unique_lock lock(identity.mutex_);
            identity.closed_.wait(lock, [&] { return identity.sequences_.has_room(); });
            number_ = identity.sequences_.next();
            acked_through_ = identity.sequences_.acked_through();
        }
        ~Sequence() {
            const std::lock_guard lock(identity_.mutex_);
            identity_.sequences_.answer(number_);
            identity_.closed_.notify_one();
        }
        Sequence(const Sequence&) = delete;
        Sequence& operator=(const Sequence&) = delete;
        std::uint64_t number() const { return number_; }
        std::uint64_t acked_through() const { return acked_through_; }

    private:
        FlowIdentity& identity_;
        std::uint64_t number_ = 0;
        std::uint64_t acked_through_ = 0;
    };

private:
    const std::uint64_t producer_id_ = random_producer_id();
    const std::int64_t created_ms_ = wall_clock_ms();
    std::mutex mutex_;  // Guards the rest.
    std::condition_variable closed_;
    SequenceWindow sequences_;
};

}  // namespace baton::detail
