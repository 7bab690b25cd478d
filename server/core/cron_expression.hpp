#pragma once
// A cron pattern as sets of bits, parsed from text: what a wall clock must show for a firing. Pure values; any thread.
//
// Five fields (minute hour day month weekday) or six (second first), or a name such as @daily. Each field is a list of
// `*`, values, ranges a-b, and steps */n, a-b/n, a/n (from a on). Months and weekdays have names; Sunday is 0 and 7.
// Days also take L (the last one), weekdays 5L (the last Friday) and 5#2 (the second Friday); `?` is `*` there. H is a
// value chosen by the seed, H/n a step with a chosen start, H(a-b) one of a range. When both days and weekdays are
// given, either is enough.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace baton::core {

/// Bit n of a set stands for the value n.
struct CronExpression {
    std::uint64_t seconds = 1;
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0;
    std::uint32_t days = 0;
    std::uint32_t months = 0;
    std::uint32_t weekdays = 0;
    /// Weekdays that count only as the n-th of their month, n = 1 to 5.
    std::array<std::uint32_t, 6> nth_weekdays{};
    /// Weekdays that count only as the last of their month.
    std::uint32_t last_weekdays = 0;
    bool last_day = false;
    bool any_day = false;
    bool any_weekday = false;

    /// True for patterns of every hour, which follow the clock through a change of its offset; others name their hours
    /// and fire once for each.
    bool every_hour() const { return hours == 0xFFFFFF; }
};

struct CronFault {
    std::string message;
};

/// Reads a pattern; `seed` is what H is drawn from. A pattern that never fires, such as 31 February, is a fault.
std::variant<CronExpression, CronFault> parse_cron(std::string_view text, std::uint64_t seed);

}  // namespace baton::core
