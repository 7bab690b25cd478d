#include "baton/batch.hpp"

#include "client/consumer_core.hpp"
#include "client/text_within.hpp"
#include "client/wire_time.hpp"

#include <algorithm>
#include <utility>

namespace baton {

using detail::count_of;
using detail::SettleAction;

namespace {

/// What the server keeps of a reason or a stack, and the longest class that it takes.
constexpr std::size_t text_bytes_max = 4 * 1024;
constexpr std::size_t error_class_bytes_max = 255;

}  // namespace

SettleAction detail::fail_action(FailOptions&& options) {
    SettleAction action{.kind = SettleAction::Kind::fail,
                        .reason = detail::text_within(options.reason, text_bytes_max),
                        .terminal = options.terminal};
    action.error_class = detail::text_within(options.error_class, error_class_bytes_max);
    action.stack = detail::text_within(options.stack, text_bytes_max);
    if (options.retry_after) {
        action.retry_after_ms = count_of(*options.retry_after);
    }
    return action;
}

Batch::Batch(std::shared_ptr<detail::ConsumerCore> consumer, std::shared_ptr<const detail::DeliveredFrame> frame,
             std::uint32_t from, std::uint32_t count)
    : consumer_(std::move(consumer)), frame_(std::move(frame)), from_(from), count_(count) {}

Batch Batch::slice(std::size_t from, std::size_t count) const {
    const std::size_t begin = std::min<std::size_t>(from, count_);
    const std::size_t length = std::min<std::size_t>(count, count_ - begin);
    return {consumer_, frame_, from_ + static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length)};
}

void Batch::settle(const SettleAction& action, SettleCallback callback) const {
    if (count_ != 0) {
        consumer_->settle(frame_, from_, count_, action, std::move(callback));
    } else if (callback) {
        callback(SettleReport{});
    }
}

void Batch::ack(SettleCallback callback) const { settle({.kind = SettleAction::Kind::ack}, std::move(callback)); }

void Batch::ack(JobResult result, SettleCallback callback) const {
    SettleAction action{.kind = SettleAction::Kind::ack};
    action.result = std::move(result);
    settle(action, std::move(callback));
}

void Batch::fail(FailOptions options, SettleCallback callback) const {
    settle(detail::fail_action(std::move(options)), std::move(callback));
}

void Batch::release(std::chrono::milliseconds delay, SettleCallback callback) const {
    settle({.kind = SettleAction::Kind::release, .time_ms = count_of(delay)}, std::move(callback));
}

void Batch::penalise(std::chrono::milliseconds penalty, SettleCallback callback) const {
    settle({.kind = SettleAction::Kind::penalise, .time_ms = std::max<std::uint64_t>(1, count_of(penalty))},
           std::move(callback));
}

void Batch::penalise_group(std::chrono::milliseconds penalty, SettleCallback callback) const {
    settle(
        {.kind = SettleAction::Kind::penalise, .time_ms = std::max<std::uint64_t>(1, count_of(penalty)), .group = true},
        std::move(callback));
}

void Batch::extend(std::chrono::milliseconds lease, SettleCallback callback) const {
    // Always by a stated time: a server that was restarted no longer knows what lease the batch was given.
    const auto by = lease.count() == 0 && frame_ ? frame_->lease_min() : lease;
    settle({.kind = SettleAction::Kind::extend, .time_ms = count_of(by)}, std::move(callback));
}

}  // namespace baton
