#pragma once
// The parts that the texts of printing.hpp are made of: a stream that shows enumerations and strong ids as numbers, and
// the values that occur in requests, effects and mutations alike. For the printing files only.

#include "tests/support/printing.hpp"

#include <cstdint>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace baton::tests {

/// Text by chaining, with the numbers of enumerations and strong ids.
class Text {
public:
    template <typename T>
    Text& operator<<(const T& part) {
        if constexpr (std::is_enum_v<T>) {
            out_ << +static_cast<std::underlying_type_t<T>>(part);
        } else if constexpr (std::is_same_v<T, std::uint8_t>) {
            out_ << +part;
        } else {
            out_ << part;
        }
        return *this;
    }
    std::string take() { return out_.str(); }

private:
    std::ostringstream out_;
};

Text& operator<<(Text& out, const core::Counters& c);
Text& operator<<(Text& out, const core::Event& event);
Text& operator<<(Text& out, const core::EntryRun& run);
Text& operator<<(Text& out, const std::vector<core::Attempt>& attempts);
Text& operator<<(Text& out, const core::Origin& o);
Text& operator<<(Text& out, const core::MetaPtr& meta);
Text& operator<<(Text& out, const core::QueueSettings& s);
Text& operator<<(Text& out, const core::QueueTotals& t);
Text& operator<<(Text& out, const core::QueueInfo& i);
Text& operator<<(Text& out, const core::GroupInfo& i);
Text& operator<<(Text& out, const core::Refusal& r);
Text& operator<<(Text& out, const core::Token& t);
Text& operator<<(Text& out, const core::QueueSettingsChange& c);
Text& operator<<(Text& out, const core::EntryOptions& o);
Text& operator<<(Text& out, const core::Fetch& f);
Text& operator<<(Text& out, const core::Dedup& d);
Text& operator<<(Text& out, const core::Name& n);
Text& operator<<(Text& out, const core::NameRecord& r);
Text& operator<<(Text& out, const core::ItemOutcome& o);
Text& operator<<(Text& out, const core::FlowId& id);
Text& operator<<(Text& out, const core::FlowLink& link);
Text& operator<<(Text& out, const core::FlowChild& child);
Text& operator<<(Text& out, const core::FlowHead& head);

}  // namespace baton::tests
