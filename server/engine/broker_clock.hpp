#pragma once
// Broker time: the one clock that every delay, lease and expiry is measured by. It goes on from the last persisted time
// with the monotonic clock and is drawn to the wall clock: it never runs back, small forward steps are taken at once,
// large ones a minute each second, and while it is ahead of the wall clock it runs a tenth slower.
//
// Used by the core thread alone. Readings are injected, so that tests can step, freeze and turn the clocks back.

#include "server/core/ids.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>

namespace baton::engine {

struct ClockReading {
    /// Milliseconds since 1970 by the system's clock; may jump.
    std::int64_t wall_ms = 0;
    /// Nanoseconds of a clock that never runs back.
    std::int64_t steady_ns = 0;
    /// Nanoseconds of the system's clock behind wall_ms: without them a message could be due a part of one early.
    std::int64_t wall_rest_ns = 0;
};
using ReadClock = std::function<ClockReading()>;
/// The clocks of this machine.
ClockReading read_system_clock();

/// The wall clock is so far behind the data that it must be wrong.
class ClockError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class BrokerClock {
public:
    /// A wall clock this far behind the last persisted time is refused at start-up.
    static constexpr core::DurationMs behind_ms_max = 5 * 60 * 1000;
    static constexpr core::DurationMs step_ms_max = 60 * 1000;
    static constexpr std::int64_t step_every_ns = 1'000'000'000;

    /// `last` is the time of the last commit, 0 in a new data directory. Throws ClockError unless `accept`, when the
    /// wall clock is far behind it; with `accept` broker time goes on from `last`.
    BrokerClock(core::TimeMs last, ReadClock read, bool accept);

    /// A virtual clock: begins at `last`, or at the wall clock in a new data directory, and stands still.
    static BrokerClock stopped(core::TimeMs last, ReadClock read);

    /// Broker time now. Never less than what it answered before.
    core::TimeMs now();
    bool is_stopped() const { return stopped_at_.has_value(); }
    /// Moves a stopped clock forward.
    void move_to(core::TimeMs time);

private:
    void draw_to_wall(const ClockReading& reading);

    ReadClock read_;
    ClockReading previous_;
    /// Broker time at `previous_`, in nanoseconds so that a slower rate keeps its fractions.
    std::int64_t broker_ns_ = 0;
    std::optional<std::int64_t> stepped_at_ns_;
    /// In milliseconds, since a virtual clock may go on for longer than nanoseconds can count.
    std::optional<core::TimeMs> stopped_at_;
};

}  // namespace baton::engine
