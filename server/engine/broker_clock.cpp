#include "server/engine/broker_clock.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace baton::engine {

namespace {
constexpr std::int64_t ns_per_ms = 1'000'000;

std::int64_t wall_ns(const ClockReading& reading) { return reading.wall_ms * ns_per_ms + reading.wall_rest_ns; }
}  // namespace

ClockReading read_system_clock() {
    using namespace std::chrono;
    const std::int64_t wall_ns = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
    return ClockReading{wall_ns / ns_per_ms, duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count(),
                        wall_ns % ns_per_ms};
}

BrokerClock::BrokerClock(core::TimeMs last, ReadClock read, bool accept) : read_(std::move(read)), previous_(read_()) {
    if (!accept && last > 0 && previous_.wall_ms < last - behind_ms_max) {
        throw ClockError(
            "the system clock is " + std::to_string((last - previous_.wall_ms) / 1000) +
            " seconds behind the time of the last commit; set the clock, or start with --accept-clock to go on "
            "from the time of the last commit");
    }
    // The time that passed while the daemon was stopped is real: what became due meanwhile is due now.
    broker_ns_ = std::max(last * ns_per_ms, wall_ns(previous_));
}

BrokerClock BrokerClock::stopped(core::TimeMs last, ReadClock read) {
    BrokerClock clock(0, std::move(read), false);
    clock.stopped_at_ = last > 0 ? last : clock.previous_.wall_ms;
    return clock;
}

void BrokerClock::move_to(core::TimeMs time) { stopped_at_ = std::max(*stopped_at_, time); }

core::TimeMs BrokerClock::now() {
    if (stopped_at_) {
        return *stopped_at_;
    }
    const ClockReading reading = read_();
    const std::int64_t passed_ns = std::max<std::int64_t>(0, reading.steady_ns - previous_.steady_ns);
    broker_ns_ += passed_ns;
    const std::int64_t ahead_ns = broker_ns_ - wall_ns(reading);
    broker_ns_ -= std::clamp<std::int64_t>(ahead_ns, 0, passed_ns / 10);
    draw_to_wall(reading);
    previous_.wall_ms = reading.wall_ms;
    previous_.steady_ns = std::max(previous_.steady_ns, reading.steady_ns);
    return broker_ns_ / ns_per_ms;
}

void BrokerClock::draw_to_wall(const ClockReading& reading) {
    const std::int64_t behind_ns = wall_ns(reading) - broker_ns_;
    if (behind_ns <= 0) {
        return;
    }
    if (behind_ns > step_ms_max * ns_per_ms) {
        if (stepped_at_ns_ && reading.steady_ns - *stepped_at_ns_ < step_every_ns) {
            return;
        }
        stepped_at_ns_ = reading.steady_ns;
    }
    broker_ns_ += std::min(behind_ns, step_ms_max * ns_per_ms);
}

}  // namespace baton::engine
