#pragma once
// Options that a message comes with. Plain values.

#include "server/core/backoff.hpp"
#include "server/core/identity.hpp"
#include "server/core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baton::core {

struct EntryOptions {
    std::optional<DurationMs> delay_ms;
    std::optional<TimeMs> due_at;
    std::optional<DurationMs> ttl_ms;
    std::optional<DurationMs> lease_ms;
    std::optional<std::uint32_t> priority;
    std::optional<bool> lifo;
    /// Tries in all, and the wait between them, instead of the queue's.
    std::optional<std::uint32_t> max_attempts;
    std::optional<Backoff> backoff;
    /// How long one attempt may run.
    std::optional<DurationMs> run_limit_ms;
    /// Empty = none.
    std::optional<std::string> group = std::nullopt;
    /// Of this message alone in its queue; not empty.
    std::optional<std::string> id = std::nullopt;
    std::optional<Dedup> dedup = std::nullopt;
    bool named() const { return id || dedup; }
    bool any() const {
        return delay_ms || due_at || ttl_ms || lease_ms || priority || lifo || max_attempts || backoff ||
               run_limit_ms || group || named();
    }
    bool operator==(const EntryOptions&) const = default;
};

}  // namespace baton::core
