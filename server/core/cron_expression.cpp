// Reading cron patterns, field by field.
#include "server/core/cron_expression.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> aliases{{
    {"@YEARLY", "0 0 0 1 1 *"},
    {"@ANNUALLY", "0 0 0 1 1 *"},
    {"@MONTHLY", "0 0 0 1 * *"},
    {"@WEEKLY", "0 0 0 * * 0"},
    {"@DAILY", "0 0 0 * * *"},
    {"@MIDNIGHT", "0 0 0 * * *"},
    {"@HOURLY", "0 0 * * * *"},
    {"@MINUTELY", "0 * * * * *"},
    {"@SECONDLY", "* * * * * *"},
    {"@WEEKDAYS", "0 0 0 * * 1-5"},
    {"@WEEKENDS", "0 0 0 * * 0,6"},
}};

struct FieldKind {
    std::string_view name;
    std::uint32_t low = 0, high = 0;
    /// The largest value that H draws: one that every month and week has.
    std::uint32_t hashed_high = 0;
    std::span<const std::string_view> names;
};
constexpr FieldKind second_field{"second", 0, 59, 59, {}};
constexpr FieldKind minute_field{"minute", 0, 59, 59, {}};
constexpr FieldKind hour_field{"hour", 0, 23, 23, {}};
constexpr FieldKind day_field{"day", 1, 31, 28, {}};
constexpr FieldKind month_field{"month", 1, 12, 12, month_names};
constexpr FieldKind weekday_field{"weekday", 0, 7, 6, weekday_names};

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(by);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

std::uint64_t drawn(std::uint64_t seed, std::string_view field) {
    std::uint64_t h = seed ^ 0x9E3779B97F4A7C15ULL;
    for (const char c : field) {
        h = (h ^ static_cast<unsigned char>(c)) * 0xBF58476D1CE4E5B9ULL;
        h ^= h >> 29;
    }
    return h ^ h >> 32;
}

/// The items of one field. Says the first fault and ignores the rest behind it.
class FieldReader {
public:
    FieldReader(const FieldKind& kind, std::uint64_t seed, CronExpression& out)
        : kind_(kind), draw_(drawn(seed, kind.name)), out_(out) {}

    std::uint64_t read(std::string_view text) {
        for (const std::string_view item : split(text, ',')) {
            read_item(item);
        }
        return bits_;
    }
    const std::optional<CronFault>& fault() const { return fault_; }

private:
    bool is_day() const { return kind_.name == day_field.name; }
    bool is_weekday() const { return kind_.name == weekday_field.name; }

    std::uint32_t fail(std::string_view item, const std::string& why) {
        if (!fault_) {
            fault_ = CronFault{std::string(kind_.name) + " '" + std::string(item) + "': " + why};
        }
        return kind_.low;
    }

    std::uint32_t number(std::string_view item, std::string_view digits, std::uint32_t low, std::uint32_t high) {
        std::uint32_t n = 0;
        const bool is_number = !digits.empty() && digits.size() <= 4 &&
                               std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
        for (const char c : is_number ? digits : std::string_view{}) {
            n = n * 10 + static_cast<std::uint32_t>(c - '0');
        }
        if (!is_number || n < low || n > high) {
            fail(item, "'" + std::string(digits) + "' is no number from " + std::to_string(low) + " to " +
                           std::to_string(high));
            return low;
        }
        return n;
    }

    std::uint32_t value_of(std::string_view item, std::string_view word) {
        const auto named = std::find(kind_.names.begin(), kind_.names.end(), word);
        if (named != kind_.names.end()) {
            return kind_.low + static_cast<std::uint32_t>(named - kind_.names.begin());
        }
        return number(item, word, kind_.low, kind_.high);
    }

    void add(std::uint32_t from, std::uint32_t to, std::uint32_t step) {
        for (std::uint32_t n = from; n <= to; n += step) {
            bits_ |= std::uint64_t{1} << n;
        }
    }

    void read_range(std::string_view item, std::string_view range, std::optional<std::uint32_t> step) {
        const std::size_t dash = range.find('-');
        const std::uint32_t from = value_of(item, range.substr(0, dash));
        std::uint32_t to = from;
        if (dash != std::string_view::npos) {
            to = value_of(item, range.substr(dash + 1));
            // SAT-SUN: a name alone cannot say that Sunday is meant as the seventh day.
            to = is_weekday() && to == 0 && from > 0 ? 7 : to;
        } else if (step) {
            to = is_weekday() ? 6 : kind_.high;
        }
        if (from > to) {
            fail(item, "the range runs backwards");
            return;
        }
        add(from, to, step.value_or(1));
    }

    void read_hashed(std::string_view item, std::string_view range, std::optional<std::uint32_t> step) {
        std::uint32_t from = kind_.low, to = kind_.hashed_high;
        if (range.size() > 1) {
            const std::string_view inner = range.substr(2, range.size() - 3);
            const std::size_t dash = inner.find('-');
            if (range[1] != '(' || range.back() != ')' || dash == std::string_view::npos) {
                fail(item, "H takes a range in brackets, as in H(0-29)");
                return;
            }
            from = value_of(item, inner.substr(0, dash));
            to = value_of(item, inner.substr(dash + 1));
        } else if (step) {
            to = is_weekday() ? 6 : kind_.high;
        }
        if (from > to) {
            fail(item, "the range runs backwards");
            return;
        }
        const std::uint32_t span = to - from + 1;
        const auto start = static_cast<std::uint32_t>(draw_ % std::min(step.value_or(span), span));
        add(from + start, step ? to : from + start, step.value_or(1));
    }

    bool read_weekday_of_month(std::string_view item) {
        const std::size_t hash = item.find('#');
        if (hash != std::string_view::npos) {
            const std::uint32_t day = value_of(item, item.substr(0, hash)) % 7;
            out_.nth_weekdays[number(item, item.substr(hash + 1), 1, 5)] |= 1U << day;
            return true;
        }
        if (item.size() > 1 && item.back() == 'L') {
            out_.last_weekdays |= 1U << value_of(item, item.substr(0, item.size() - 1)) % 7;
            return true;
        }
        return false;
    }

    void read_item(std::string_view item) {
        if (is_day() && item == "L") {
            out_.last_day = true;
            return;
        }
        if (is_weekday() && read_weekday_of_month(item)) {
            return;
        }
        const std::size_t slash = item.find('/');
        const std::string_view range = item.substr(0, slash);
        std::optional<std::uint32_t> step;
        if (slash != std::string_view::npos) {
            step = number(item, item.substr(slash + 1), 1, kind_.high - kind_.low + 1);
        }
        const std::uint32_t high = is_weekday() ? 6 : kind_.high;
        if (range == "*" || (range == "?" && (is_day() || is_weekday()))) {
            add(kind_.low, high, step.value_or(1));
        } else if (range.empty()) {
            fail(item, "a value is missing");
        } else if (range.front() == 'H') {
            range.size() == 2 || range.size() == 3 ? static_cast<void>(fail(item, "is not known"))
                                                   : read_hashed(item, range, step);
        } else {
            read_range(item, range, step);
        }
    }

    const FieldKind& kind_;
    std::uint64_t draw_;
    CronExpression& out_;
    std::uint64_t bits_ = 0;
    std::optional<CronFault> fault_;
};

bool any_value(std::string_view field) { return field == "*" || field == "?"; }

/// True when no month of the pattern is long enough for its days.
bool never_fires(const CronExpression& expression) {
    if (expression.any_day || expression.last_day || expression.days == 0) {
        return false;
    }
    constexpr std::array<int, 13> longest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int most = 0;
    for (std::size_t month = 1; month <= 12; ++month) {
        most = (expression.months >> month & 1) != 0 ? std::max(most, longest[month]) : most;
    }
    return std::countr_zero(expression.days) > most;
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return out;
}

std::variant<std::vector<std::string>, CronFault> fields_of(std::string_view text) {
    std::string known = upper(text);
    if (known.starts_with('@')) {
        const auto alias =
            std::find_if(aliases.begin(), aliases.end(), [&](const auto& a) { return a.first == known; });
        if (alias == aliases.end()) {
            return CronFault{"'" + std::string(text) +
                             "' is not known; there is @yearly, @monthly, @weekly, @daily, "
                             "@hourly, @minutely, @secondly, @weekdays, @weekends"};
        }
        known = alias->second;
    }
    std::replace(known.begin(), known.end(), '\t', ' ');
    std::vector<std::string> fields;
    for (const std::string_view field : split(known, ' ')) {
        if (!field.empty()) {
            fields.emplace_back(field);
        }
    }
    if (fields.size() != 5 && fields.size() != 6) {
        return CronFault{"a pattern has 5 fields (minute hour day month weekday) or 6 (second first), not " +
                         std::to_string(fields.size())};
    }
    if (fields.size() == 5) {
        fields.insert(fields.begin(), "0");
    }
    return fields;
}

}  // namespace

std::variant<CronExpression, CronFault> parse_cron(std::string_view text, std::uint64_t seed) {
    auto split_up = fields_of(text);
    if (auto* fault = std::get_if<CronFault>(&split_up)) {
        return std::move(*fault);
    }
    const auto& fields = std::get<std::vector<std::string>>(split_up);
    CronExpression out;
    std::optional<CronFault> fault;
    const auto read = [&](const FieldKind& kind, const std::string& field) {
        FieldReader reader(kind, seed, out);
        const std::uint64_t bits = reader.read(field);
        if (!fault) {
            fault = reader.fault();
        }
        return bits;
    };
    out.seconds = read(second_field, fields[0]);
    out.minutes = read(minute_field, fields[1]);
    out.hours = static_cast<std::uint32_t>(read(hour_field, fields[2]));
    out.days = static_cast<std::uint32_t>(read(day_field, fields[3]));
    out.months = static_cast<std::uint32_t>(read(month_field, fields[4]));
    const auto weekdays = static_cast<std::uint32_t>(read(weekday_field, fields[5]));
    out.weekdays = (weekdays | weekdays >> 7) & 0x7F;
    out.any_day = any_value(fields[3]);
    out.any_weekday = any_value(fields[5]);
    if (!fault && never_fires(out)) {
        fault = CronFault{"the day '" + fields[3] + "' does not exist in the month '" + fields[4] + "'"};
    }
    if (fault) {
        return std::move(*fault);
    }
    return out;
}

}  // namespace baton::core
