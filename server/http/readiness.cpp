#include "server/http/readiness.hpp"

namespace baton::http {

std::vector<std::string> not_ready_because(DaemonPhase phase, const engine::EngineStatus& status,
                                           const ReadinessBounds& bounds) {
    switch (phase) {
        case DaemonPhase::starting:
            return {"the daemon is starting"};
        case DaemonPhase::draining:
            return {"the daemon is stopping"};
        case DaemonPhase::running:
            break;
    }
    std::vector<std::string> reasons;
    if (status.commit_in_flight_us > bounds.commit_us_max) {
        reasons.push_back("a write has been on its way to disk for " +
                          std::to_string(status.commit_in_flight_us / 1000) + " ms");
    }
    if (status.timer_late_ms > bounds.timer_late_ms_max) {
        reasons.push_back("timers are " + std::to_string(status.timer_late_ms) + " ms late");
    }
    if (status.core_idle_us > bounds.core_idle_us_max) {
        reasons.push_back("the core thread has not moved for " + std::to_string(status.core_idle_us / 1000) + " ms");
    }
    if (status.space != storage::SpaceState::ample) {
        reasons.push_back("the disk is nearly full: produces are refused");
    }
    return reasons;
}

}  // namespace baton::http
