#pragma once
// After the notice that the server drains, clients may settle what they hold for so long.

#include <chrono>

namespace baton::daemon {

/// 200 ms, which keeps a stop short. For tests, which are to reach a drain however busy the machine is, the environment
/// variable BATON_DRAIN_TIME sets another, for example `5s`. Throws std::invalid_argument when that is no duration.
std::chrono::milliseconds drain_time();

}  // namespace baton::daemon
