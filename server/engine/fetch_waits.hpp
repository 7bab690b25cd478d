#pragma once
// Fetches that wait beside a virtual clock. Their wait is a client's patience, which is real time: the core leaves it
// open, and the core thread, which owns this, ends it. Used only when the clock is virtual.

#include "server/core/request.hpp"

#include <chrono>
#include <map>
#include <vector>

namespace baton::engine {

class FetchWaits {
public:
    using Steady = std::chrono::steady_clock;

    /// Takes note of a request that is about to be applied, when it waits.
    void note(const core::Request& request, Steady::time_point now);
    /// A cancellation for each fetch whose wait has ended; one that was answered meanwhile takes no notice of it.
    std::vector<core::Request> ended(Steady::time_point now);
    bool empty() const { return waits_.empty(); }

private:
    std::multimap<Steady::time_point, core::Request> waits_;
};

}  // namespace baton::engine
