#include "server/engine/settle_linger.hpp"

#include <algorithm>
#include <variant>

namespace baton::engine {

namespace {
/// A produce later than this many usual gaps is not coming.
constexpr int gaps_max = 2;
/// How much of the running mean a new gap is.
constexpr int gap_weight = 8;
}  // namespace

void SettleLinger::produced(Time now) {
    // One long pause must not hide the rhythm before and after it for long.
    const auto gap = std::min<std::chrono::nanoseconds>(now - produced_at_, 2 * wait_max);
    gap_ = std::min<std::chrono::nanoseconds>(gap_, 2 * wait_max);
    gap_ += (gap - gap_) / gap_weight;
    produced_at_ = now;
}

void SettleLinger::entered(const core::Request& request, Time now) {
    const auto* settle = std::get_if<core::Settle>(&request.body);
    if (settle != nullptr && !settle->fetch) {
        settled_at_ = settled_at_ == Time{} ? now : settled_at_;
        return;
    }
    only_settles_ = false;
    if (std::holds_alternative<core::Produce>(request.body)) {
        produced(now);
    }
}

std::optional<SettleLinger::Time> SettleLinger::hold_until() const {
    if (!only_settles_ || settled_at_ == Time{} || gap_ >= wait_max) {
        return std::nullopt;
    }
    return std::min<Time>(produced_at_ + gaps_max * gap_, settled_at_ + wait_max);
}

void SettleLinger::sealed() {
    only_settles_ = true;
    settled_at_ = {};
}

}  // namespace baton::engine
