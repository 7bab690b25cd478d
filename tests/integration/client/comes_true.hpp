#pragma once
// Waits for what other threads and the daemon bring about.

#include <chrono>
#include <thread>

namespace baton::tests {

/// Looks at `condition` until it holds. False when it does not come true within `limit`.
template <typename Condition>
bool comes_true(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds{20}) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

}  // namespace baton::tests
