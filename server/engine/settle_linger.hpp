#pragma once
// Decides whether a commit that only settles should wait for the next message, which is on its way: one fsync then
// serves both. Without it the fsync of an ack keeps a message that comes meanwhile from its own, and at a few thousand
// messages a second every second one pays for two.
//
// Core thread. Only settles are held, and not those that fetch or whose queue has more to deliver: nobody's next
// message waits for them.

#include "server/core/request.hpp"

#include <chrono>
#include <optional>

namespace baton::engine {

class SettleLinger {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// An answer to a settle is late by no more than this; rarer messages are not waited for.
    static constexpr std::chrono::microseconds wait_max{1'000};

    /// A request enters the round at hand.
    void entered(const core::Request& request, Time now);
    /// Something else has happened in the round at hand: it is not held.
    void other() { only_settles_ = false; }
    /// Until when the round at hand should be held, if at all.
    std::optional<Time> hold_until() const;
    /// The round at hand was sealed.
    void sealed();

private:
    void produced(Time now);

    bool only_settles_ = true;
    /// When the first settle of the round at hand came; the epoch when none has.
    Time settled_at_{};
    Time produced_at_{};
    /// The usual time between rounds' produces, a running mean.
    std::chrono::nanoseconds gap_{std::chrono::hours(1)};
};

}  // namespace baton::engine
