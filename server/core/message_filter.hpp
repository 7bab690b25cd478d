#pragma once
// Which messages of a topic are meant, by their names and headers. A plain value, bounded, so that a look at one
// message costs no more than its headers times the conditions.

#include "server/core/entry_run.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::core {

/// Stored on disk: do not change these values.
enum class FilterTest : std::uint8_t { equals = 1, in = 2, prefix = 3, range = 4, exists = 5, pattern = 6 };

struct FilterCondition {
    /// Empty: the name of the message.
    std::string header;
    FilterTest test = FilterTest::exists;
    /// One for equals, prefix and pattern; of `in` one must be equal.
    std::vector<std::string> values;
    /// Of a range: the header is a decimal number in it, bounds included.
    std::optional<double> from, to;
    /// The test must fail; a header that is not there fails every test.
    bool negated = false;

    bool operator==(const FilterCondition&) const = default;
};

struct MessageFilter {
    /// None: every message.
    std::vector<FilterCondition> conditions;
    /// One that holds is enough; else all must hold.
    bool any = false;

    bool operator==(const MessageFilter&) const = default;
};
using MessageFilterPtr = std::shared_ptr<const MessageFilter>;

/// One entry.
bool matches(const MessageFilter& filter, const EntryRun& entry);
/// The entries [first, first + count) of a run that match, in order, as few ranges as can be. Null: all of them.
std::vector<std::pair<std::uint32_t, std::uint32_t>> matching(const MessageFilter* filter, const EntryRun& run);
/// What breaks a limit, with its field under `field`.
std::optional<Refusal> check_message_filter(const MessageFilter& filter, const std::string& field);

}  // namespace baton::core
