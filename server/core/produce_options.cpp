// Options of single messages: merged from those of their produce, checked, and turned into what the broker keeps of
// them.
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace baton::core {

EntryOptions options_of(const Produce& produce, std::size_t& next, std::uint32_t index) {
    EntryOptions merged = produce.defaults;
    while (next < produce.options.size() && produce.options[next].first < index) {
        ++next;
    }
    if (next < produce.options.size() && produce.options[next].first == index) {
        const EntryOptions& own = produce.options[next].second;
        if (own.delay_ms || own.due_at) {
            merged.delay_ms = own.delay_ms;
            merged.due_at = own.due_at;
        }
        merged.ttl_ms = own.ttl_ms ? own.ttl_ms : merged.ttl_ms;
        merged.lease_ms = own.lease_ms ? own.lease_ms : merged.lease_ms;
        merged.priority = own.priority ? own.priority : merged.priority;
        merged.lifo = own.lifo ? own.lifo : merged.lifo;
        merged.max_attempts = own.max_attempts ? own.max_attempts : merged.max_attempts;
        merged.backoff = own.backoff ? own.backoff : merged.backoff;
        merged.run_limit_ms = own.run_limit_ms ? own.run_limit_ms : merged.run_limit_ms;
        merged.group = own.group ? own.group : merged.group;
        merged.id = own.id ? own.id : merged.id;
        merged.dedup = own.dedup ? own.dedup : merged.dedup;
    }
    return merged;
}

namespace {

/// What every subscription gets at once and in order has few options of its own.
std::optional<Refusal> check_published(const EntryOptions& options) {
    EntryOptions allowed;
    allowed.ttl_ms = options.ttl_ms;
    allowed.lease_ms = options.lease_ms;
    allowed.max_attempts = options.max_attempts;
    allowed.backoff = options.backoff;
    allowed.run_limit_ms = options.run_limit_ms;
    allowed.group = options.group;
    if (allowed == options) {
        return std::nullopt;
    }
    return Refusal{RefusalCode::wrong_kind,
                   "a message of a topic has no delay, priority or id: all subscriptions get it at once", "options"};
}

}  // namespace

std::optional<Refusal> check_options(const Queue& queue, const EntryOptions& options) {
    const auto out_of = [](const std::optional<std::int64_t>& v, std::int64_t low, std::int64_t high) {
        return v && (*v < low || *v > high);
    };
    constexpr auto ten_years = static_cast<std::uint64_t>(limits::ten_years_ms);
    if (options.delay_ms && options.due_at) {
        return invalid("options.due_ms", "a message has either delay_ms or due_ms");
    }
    if (out_of(options.delay_ms, 0, limits::ten_years_ms)) {
        return invalid("options.delay_ms", "delay_ms is from 0 to ten years", ten_years);
    }
    if (out_of(options.due_at, 0, std::numeric_limits<std::int64_t>::max() / 4)) {
        return invalid("options.due_ms", "due_ms is a time in milliseconds since 1970");
    }
    if (out_of(options.ttl_ms, 1, limits::ten_years_ms)) {
        return invalid("options.ttl_ms", "ttl_ms is from 1 to ten years", ten_years);
    }
    if (out_of(options.lease_ms, limits::lease_ms_min, limits::lease_ms_max)) {
        return invalid("options.lease_ms", "lease_ms is from 1000 to 43200000",
                       static_cast<std::uint64_t>(limits::lease_ms_max));
    }
    if (options.priority && *options.priority > limits::priority_max) {
        return invalid("options.priority", "priority is from 0 to 2097151", limits::priority_max);
    }
    if (options.lifo.value_or(false) && queue.settings.aging_ms != 0) {
        return invalid("options.lifo", "a queue with aging_ms serves by age: nothing goes in front");
    }
    if (options.group && options.group->size() > limits::group_bytes_max) {
        return invalid("options.group", "the name of a group has at most 255 bytes", limits::group_bytes_max);
    }
    if (options.max_attempts && (*options.max_attempts == 0 || *options.max_attempts > limits::attempts_max)) {
        return invalid("options.max_attempts", "max_attempts is from 1 to 65535", limits::attempts_max);
    }
    if (out_of(options.run_limit_ms, 1, limits::ten_years_ms)) {
        return invalid("options.run_limit_ms", "run_limit_ms is from 1 to ten years", ten_years);
    }
    if (options.backoff) {
        if (auto fault = check_backoff(*options.backoff, "options.backoff")) {
            return fault;
        }
    }
    if (queue.kind == QueueKind::topic) {
        return check_published(options);
    }
    return check_names(options);
}

Refusal too_large(const Queue& queue) {
    return Refusal{
        RefusalCode::message_too_large,
        "a message is larger than the queue's max_message_bytes of " + std::to_string(queue.settings.max_message_bytes),
        "produce.entries", queue.settings.max_message_bytes};
}

TimeMs due_of(const EntryOptions& options, TimeMs now) {
    if (options.delay_ms) {
        return now + *options.delay_ms;
    }
    return options.due_at ? std::max(now, *options.due_at) : now;
}

std::shared_ptr<MessageMeta> meta_of(const EntryOptions& options, TimeMs due) {
    const std::uint32_t priority = options.priority.value_or(0);
    const bool lifo = options.lifo.value_or(false);
    const bool retries = options.max_attempts || options.backoff || options.run_limit_ms;
    const bool grouped = options.group && !options.group->empty();
    if (!options.ttl_ms && !options.lease_ms && priority == 0 && !lifo && !options.named() && !retries && !grouped) {
        return nullptr;
    }
    auto meta = std::make_shared<MessageMeta>();
    meta->priority = priority;
    meta->lifo = lifo;
    meta->expires_at = options.ttl_ms ? due + *options.ttl_ms : 0;
    meta->lease_ms = options.lease_ms.value_or(0);
    meta->max_attempts = options.max_attempts.value_or(0);
    meta->run_limit_ms = options.run_limit_ms.value_or(0);
    meta->backoff = options.backoff ? std::make_shared<const Backoff>(*options.backoff) : nullptr;
    meta->group = grouped ? make_group(*options.group) : nullptr;
    if (options.named()) {
        meta->identity = std::make_shared<const Identity>(Identity{options.id.value_or(""), options.dedup});
    }
    return meta;
}

void store_message(State& state, Queue& queue, const EntryRun& body, const EntryOptions& options, TimeMs now,
                   Round& round, std::shared_ptr<const ScheduledRun> scheduled) {
    const TimeMs due = due_of(options, now);
    std::shared_ptr<MessageMeta> meta = meta_of(options, due);
    if (scheduled) {
        meta = meta ? std::move(meta) : std::make_shared<MessageMeta>();
        meta->scheduled = std::move(scheduled);
    }
    if (due <= now && !is_ranked(queue, meta)) {
        append_run(state, queue, body, now, round, std::nullopt, meta);
        return;
    }
    store_in_lane(state, queue, body, std::move(meta), due, now, round);
}

}  // namespace baton::core
