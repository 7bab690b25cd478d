#pragma once
// By what the server knows a flow that is sent again: an identity for each day of a client, a sequence for each
// request.

#include "client/producer_identity.hpp"
#include "client/sequence_window.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

namespace baton::detail {

/// Thread-safe.
class FlowIdentity {
    struct Producer {
        std::uint64_t id = random_producer_id();
        std::int64_t created_ms = wall_clock_ms();
        SequenceWindow sequences;
    };

public:
    /// The sequence of one request, which is over when this goes.
    class Sequence {
    public:
        /// Waits while too many are open.
        explicit Sequence(FlowIdentity& identity) : identity_(identity) {
            std::unique_lock lock(identity.mutex_);
            identity.closed_.wait(lock, [&] { return identity.current_->sequences.has_room(); });
            if (wall_clock_ms() - identity.current_->created_ms > identity_age_max_ms) {
                identity.current_ = std::make_shared<Producer>();
            }
            producer_ = identity.current_;
            number_ = producer_->sequences.next();
            acked_through_ = producer_->sequences.acked_through();
        }
        ~Sequence() {
            const std::lock_guard lock(identity_.mutex_);
            producer_->sequences.answer(number_);
            identity_.closed_.notify_one();
        }
        Sequence(const Sequence&) = delete;
        Sequence& operator=(const Sequence&) = delete;
        std::uint64_t producer_id() const { return producer_->id; }
        std::int64_t created_ms() const { return producer_->created_ms; }
        std::uint64_t number() const { return number_; }
        std::uint64_t acked_through() const { return acked_through_; }

    private:
        FlowIdentity& identity_;
        std::shared_ptr<Producer> producer_;
        std::uint64_t number_ = 0;
        std::uint64_t acked_through_ = 0;
    };

private:
    /// A queue that does not know a producer takes none that is older than a week.
    static constexpr std::int64_t identity_age_max_ms = 24LL * 3600 * 1000;

    std::mutex mutex_;  // Guards the rest, and what producers change.
    std::condition_variable closed_;
    std::shared_ptr<Producer> current_ = std::make_shared<Producer>();
};

}  // namespace baton::detail
