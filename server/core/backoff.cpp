// How long a failed message waits. Jitter is a hash of (queue, offset, failures), so that the core needs no random
// source and a replay gives the same times.
#include "server/core/backoff.hpp"

#include "server/core/limits.hpp"

#include <algorithm>

namespace baton::core {

namespace {

std::uint64_t mixed(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    std::uint64_t h = a * 0x9E3779B97F4A7C15ULL ^ (b + 0xD1B54A32D192ED03ULL) * 0xBF58476D1CE4E5B9ULL ^ c;
    h ^= h >> 31;
    h *= 0x94D049BB133111EBULL;
    return h ^ h >> 29;
}

std::int64_t plain_delay(const Backoff& backoff, std::uint32_t failures) {
    const std::int64_t n = std::max<std::uint32_t>(failures, 1);
    switch (backoff.kind) {
        case Backoff::Kind::fixed:
            return backoff.base_ms;
        case Backoff::Kind::linear:
            return n > backoff.cap_ms / std::max<std::int64_t>(backoff.base_ms, 1) ? backoff.cap_ms
                                                                                   : backoff.base_ms * n;
        case Backoff::Kind::exponential: {
            const auto doublings = n - 1;
            return doublings >= 62 || backoff.base_ms > (backoff.cap_ms >> doublings) ? backoff.cap_ms
                                                                                      : backoff.base_ms << doublings;
        }
        case Backoff::Kind::list:
            break;
    }
    const auto last = static_cast<std::int64_t>(backoff.list_ms.size());
    return last == 0 ? 0 : backoff.list_ms[static_cast<std::size_t>(std::min(n, last) - 1)];
}

}  // namespace

DurationMs backoff_delay(const Backoff& backoff, QueueId queue, Offset offset, std::uint32_t failures) {
    const std::int64_t delay = std::min(plain_delay(backoff, failures), backoff.cap_ms);
    const std::int64_t spread = delay / 1000 * backoff.jitter_permille + delay % 1000 * backoff.jitter_permille / 1000;
    if (spread <= 0) {
        return delay;
    }
    const std::uint64_t draw = mixed(value(queue), offset, failures) % (static_cast<std::uint64_t>(spread) + 1);
    return delay - static_cast<std::int64_t>(draw);
}

std::optional<Refusal> check_backoff(const Backoff& backoff, const std::string& field) {
    constexpr auto ten_years = static_cast<std::uint64_t>(limits::ten_years_ms);
    const auto out_of_range = [](std::int64_t delay) { return delay < 0 || delay > limits::ten_years_ms; };
    if (out_of_range(backoff.base_ms)) {
        return invalid(field + ".base_ms", "base_ms is from 0 to ten years", ten_years);
    }
    if (out_of_range(backoff.cap_ms)) {
        return invalid(field + ".cap_ms", "cap_ms is from 0 to ten years", ten_years);
    }
    if (backoff.jitter_permille > 1000) {
        return invalid(field + ".jitter_permille", "jitter_permille is at most 1000", 1000);
    }
    if (backoff.kind == Backoff::Kind::list &&
        (backoff.list_ms.empty() || backoff.list_ms.size() > limits::backoff_steps_max)) {
        return invalid(field + ".list_ms", "a list has 1 to 64 delays", limits::backoff_steps_max);
    }
    if (std::any_of(backoff.list_ms.begin(), backoff.list_ms.end(), out_of_range)) {
        return invalid(field + ".list_ms", "each delay is at most ten years", ten_years);
    }
    return std::nullopt;
}

}  // namespace baton::core
