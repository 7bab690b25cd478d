#pragma once
// How failures are tried again: backoffs, and a queue's rules by error class. Plain values.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct Backoff {
    enum class Kind : std::uint8_t { unspecified = 0, fixed = 1, linear = 2, exponential = 3, list = 4 };
    Kind kind = Kind::exponential;
    /// fixed: always; linear: times the failures; exponential: times 2^(failures - 1).
    std::chrono::milliseconds base{1'000};
    std::chrono::milliseconds cap{3'600'000};
    /// The delay is drawn from [delay * (1 - jitter), delay].
    std::uint32_t jitter_permille = 200;
    /// list: the delay after the n-th failure; the last one repeats.
    std::vector<std::chrono::milliseconds> list;
};
const char* to_text(Backoff::Kind kind);

/// What a failure of some error class leads to; the first rule that matches decides. In a queue with rules a worker's
/// retry_after counts only where a rule says so.
struct RetryRule {
    enum class Action : std::uint8_t {
        unspecified = 0,
        /// Tried again by the backoff, whatever the worker asked for.
        retry = 1,
        /// Not tried again.
        fail = 2,
        /// Tried again after the worker's retry_after; by the backoff when it names none.
        retry_after = 3,
    };
    /// An error class, in which `*` stands for any bytes, also none. 1 to 255 bytes.
    std::string pattern;
    Action action = Action::retry;
    /// Instead of the message's and the queue's. Not with Action::fail.
    std::optional<Backoff> backoff;
};
/// "retry", "fail", "retry-after"
const char* to_text(RetryRule::Action action);

}  // namespace baton
