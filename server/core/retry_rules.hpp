#pragma once
// What a queue says about failures by their error class, and what one failure leads to by the rules, the message's own
// options and what the worker asked for. Plain values and pure functions.

#include "server/core/backoff.hpp"
#include "server/core/ids.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::core {

struct Counters;
struct Fail;
struct MessageMeta;
struct QueueSettings;
enum class EndReason : std::uint8_t;

/// The first rule whose pattern matches an error class decides.
struct RetryRule {
    // Stored on disk and sent on the wire: do not change these values.
    enum class Action : std::uint8_t {
        /// Tried again by the backoff, whatever the worker asked for.
        retry = 1,
        /// Not tried again.
        fail = 2,
        /// Tried again when the worker says; by the backoff when it says nothing.
        retry_after = 3,
    };
    /// An error class, in which `*` stands for any bytes, also none.
    std::string pattern;
    Action action = Action::retry;
    /// Instead of the message's and the queue's.
    std::optional<Backoff> backoff;

    bool operator==(const RetryRule&) const = default;
};

/// Whether the class is what the pattern describes.
bool matches(std::string_view pattern, std::string_view error_class);
/// The rule that decides about this class, or null.
const RetryRule* rule_for(const std::vector<RetryRule>& rules, std::string_view error_class);
/// The first rule that breaks a limit.
std::optional<Refusal> check_rules(const std::vector<RetryRule>& rules);

/// Why a message with these counters, the failure included, is not tried again; none when it is. `meta` may be null.
EndReason end_of(const QueueSettings& settings, const Fail& fail, const Counters& counters, const MessageMeta* meta);
/// How long it waits when it is. `failures` includes this one.
DurationMs retry_delay(const QueueSettings& settings, const Fail& fail, const MessageMeta* meta, QueueId queue,
                       Offset offset, std::uint32_t failures);

}  // namespace baton::core
