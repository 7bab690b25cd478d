// What a settle may ask for, before anything is looked up.
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

namespace baton::core {

std::optional<Refusal> check_settlements(const std::vector<Settlement>& settlements) {
    std::uint64_t messages = 0;
    for (const Settlement& settlement : settlements) {
        if (const auto* extend = std::get_if<Extend>(&settlement.action);
            extend != nullptr && extend->lease_ms != 0 &&
            (extend->lease_ms < limits::lease_ms_min || extend->lease_ms > limits::lease_ms_max)) {
            return invalid("settlements.extend.lease_ms", "lease_ms is from 1000 to 43200000", limits::lease_ms_max);
        }
        const auto* fail = std::get_if<Fail>(&settlement.action);
        const auto* release = std::get_if<Release>(&settlement.action);
        if (fail != nullptr && fail->error_class.size() > limits::error_class_bytes_max) {
            return invalid("settlements.fail.error_class", "error_class has at most 255 bytes",
                           limits::error_class_bytes_max);
        }
        if (fail != nullptr && fail->stack.size() > limits::stack_bytes_max) {
            return invalid("settlements.fail.stack", "stack has at most 16384 bytes", limits::stack_bytes_max);
        }
        const DurationMs delay = fail != nullptr      ? fail->retry_after_ms.value_or(0)
                                 : release != nullptr ? release->delay_ms
                                                      : 0;
        if (delay < 0 || delay > limits::ten_years_ms) {
            return invalid(fail != nullptr ? "settlements.fail.retry_after_ms" : "settlements.release.delay_ms",
                           "a delay is at most ten years", limits::ten_years_ms);
        }
        if (release != nullptr && (release->penalty_ms < 0 || release->penalty_ms > limits::ten_years_ms)) {
            return invalid("settlements.penalise.penalty_ms", "penalty_ms is at most ten years", limits::ten_years_ms);
        }
        for (const OffsetRange& range : settlement.ranges) {
            messages += range.count;
            if (messages > limits::settle_messages_max) {
                return invalid("settlements.ranges.count", "one settle covers at most 131072 messages",
                               limits::settle_messages_max);
            }
            if (range.first > UINT64_MAX - range.count) {
                return invalid("settlements.ranges.first", "the range ends beyond the largest offset");
            }
        }
    }
    return std::nullopt;
}

}  // namespace baton::core
