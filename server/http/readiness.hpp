#pragma once
// Whether the daemon does its work just now, judged from the engine's counters alone. Pure.

#include "server/engine/engine.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baton::http {

struct ReadinessBounds {
    std::uint64_t commit_us_max = 5'000'000;
    std::uint64_t timer_late_ms_max = 2'000;
    std::uint64_t core_idle_us_max = 5'000'000;
};

enum class DaemonPhase : std::uint8_t { starting, running, draining };

/// Why the daemon is not ready, in sentences; empty when it is. `status` is read while running only.
std::vector<std::string> not_ready_because(DaemonPhase phase, const engine::EngineStatus& status,
                                           const ReadinessBounds& bounds = {});

}  // namespace baton::http
