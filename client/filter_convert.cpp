#include "client/filter_convert.hpp"

#include "baton/v1/binding.pb.h"

namespace baton::detail {

namespace {

void condition_to_proto(const FilterCondition& in, v1::FilterCondition& out) {
    const std::string value = in.values.empty() ? std::string() : in.values.front();
    out.set_header(in.header);
    out.set_negated(in.negated);
    switch (in.test) {
        case FilterCondition::Test::equals:
            out.set_equals(value);
            break;
        case FilterCondition::Test::one_of:
            out.mutable_in()->mutable_values()->Add(in.values.begin(), in.values.end());
            break;
        case FilterCondition::Test::prefix:
            out.set_prefix(value);
            break;
        case FilterCondition::Test::pattern:
            out.set_pattern(value);
            break;
        case FilterCondition::Test::exists:
            out.set_exists(true);
            break;
        case FilterCondition::Test::range:
            if (in.from) {
                out.mutable_range()->set_at_least(*in.from);
            }
            if (in.to) {
                out.mutable_range()->set_at_most(*in.to);
            }
            out.mutable_range();
            break;
    }
}

FilterCondition condition_from_proto(const v1::FilterCondition& in) {
    FilterCondition out;
    out.header = in.header();
    out.negated = in.negated();
    switch (in.test_case()) {
        case v1::FilterCondition::kEquals:
            out.test = FilterCondition::Test::equals;
            out.values = {in.equals()};
            break;
        case v1::FilterCondition::kIn:
            out.test = FilterCondition::Test::one_of;
            out.values.assign(in.in().values().begin(), in.in().values().end());
            break;
        case v1::FilterCondition::kPrefix:
            out.test = FilterCondition::Test::prefix;
            out.values = {in.prefix()};
            break;
        case v1::FilterCondition::kPattern:
            out.test = FilterCondition::Test::pattern;
            out.values = {in.pattern()};
            break;
        case v1::FilterCondition::kRange:
            out.test = FilterCondition::Test::range;
            if (in.range().has_at_least()) {
                out.from = in.range().at_least();
            }
            if (in.range().has_at_most()) {
                out.to = in.range().at_most();
            }
            break;
        case v1::FilterCondition::kExists:
        case v1::FilterCondition::TEST_NOT_SET:
            break;
    }
    return out;
}

}  // namespace

void filter_to_proto(const Filter& in, v1::Filter& out) {
    out.set_any(in.any);
    for (const FilterCondition& condition : in.conditions) {
        condition_to_proto(condition, *out.add_conditions());
    }
}

Filter filter_from_proto(const v1::Filter& in) {
    Filter out;
    out.any = in.any();
    for (const v1::FilterCondition& condition : in.conditions()) {
        out.conditions.push_back(condition_from_proto(condition));
    }
    return out;
}

void binding_to_proto(const Binding& in, v1::Binding& out) {
    out.set_name(in.name);
    out.set_topics(in.topics);
    out.set_queue(in.queue);
    if (!in.filter.conditions.empty()) {
        filter_to_proto(in.filter, *out.mutable_filter());
    }
    v1::BindingOptions& options = *out.mutable_options();
    if (in.options.delay) {
        options.set_delay_ms(static_cast<std::uint64_t>(in.options.delay->count()));
    }
    if (in.options.ttl) {
        options.set_ttl_ms(static_cast<std::uint64_t>(in.options.ttl->count()));
    }
    if (in.options.priority) {
        options.set_priority(*in.options.priority);
    }
    options.set_group_header(in.options.group_header);
    options.set_priority_header(in.options.priority_header);
}

Binding binding_from_proto(const v1::Binding& in) {
    Binding out{in.name(), in.topics(), in.queue(), filter_from_proto(in.filter()), {}};
    if (in.options().has_delay_ms()) {
        out.options.delay = std::chrono::milliseconds{in.options().delay_ms()};
    }
    if (in.options().has_ttl_ms()) {
        out.options.ttl = std::chrono::milliseconds{in.options().ttl_ms()};
    }
    if (in.options().has_priority()) {
        out.options.priority = in.options().priority();
    }
    out.options.group_header = in.options().group_header();
    out.options.priority_header = in.options().priority_header();
    return out;
}

}  // namespace baton::detail
