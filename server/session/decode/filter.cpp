#include "server/session/decode/filter.hpp"

#include <memory>
#include <utility>

namespace baton::session {

namespace {

Fault decode_condition(const v1::FilterCondition& from, const std::string& field, core::FilterCondition& out) {
    out.header = from.header();
    out.negated = from.negated();
    switch (from.test_case()) {
        case v1::FilterCondition::kEquals:
            out.test = core::FilterTest::equals;
            out.values = {from.equals()};
            return {};
        case v1::FilterCondition::kIn:
            out.test = core::FilterTest::in;
            out.values.assign(from.in().values().begin(), from.in().values().end());
            return {};
        case v1::FilterCondition::kPrefix:
            out.test = core::FilterTest::prefix;
            out.values = {from.prefix()};
            return {};
        case v1::FilterCondition::kPattern:
            out.test = core::FilterTest::pattern;
            out.values = {from.pattern()};
            return {};
        case v1::FilterCondition::kExists:
            out.test = core::FilterTest::exists;
            out.negated = out.negated != !from.exists();
            return {};
        case v1::FilterCondition::kRange:
            out.test = core::FilterTest::range;
            if (from.range().has_at_least()) {
                out.from = from.range().at_least();
            }
            if (from.range().has_at_most()) {
                out.to = from.range().at_most();
            }
            return {};
        case v1::FilterCondition::TEST_NOT_SET:
            break;
    }
    return invalid(field + ".conditions", "a condition has a test");
}

}  // namespace

Fault decode_message_filter(const v1::Filter& from, const std::string& field, core::MessageFilterPtr& out) {
    core::MessageFilter filter;
    filter.any = from.any();
    for (const v1::FilterCondition& one : from.conditions()) {
        core::FilterCondition condition;
        if (auto fault = decode_condition(one, field, condition)) {
            return fault;
        }
        filter.conditions.push_back(std::move(condition));
    }
    if (auto refusal = core::check_message_filter(filter, field)) {
        return wire_error(std::move(*refusal));
    }
    out = std::make_shared<const core::MessageFilter>(std::move(filter));
    return {};
}

}  // namespace baton::session
