#include "storage/selection_codec.hpp"

#include "storage/key_writer.hpp"
#include "storage/sealed.hpp"

#include <memory>
#include <utility>

namespace baton::storage {

namespace {

core::FilterCondition condition_from(const store::v1::FilterCondition& stored) {
    core::FilterCondition condition;
    condition.header = stored.header();
    condition.test = static_cast<core::FilterTest>(stored.test());
    condition.values.assign(stored.values().begin(), stored.values().end());
    if (stored.has_from()) {
        condition.from = stored.from();
    }
    if (stored.has_to()) {
        condition.to = stored.to();
    }
    condition.negated = stored.negated();
    return condition;
}

void condition_to(const core::FilterCondition& condition, store::v1::FilterCondition& out) {
    out.set_header(condition.header);
    out.set_test(static_cast<std::uint32_t>(condition.test));
    for (const std::string& value : condition.values) {
        out.add_values(value);
    }
    if (condition.from) {
        out.set_from(*condition.from);
    }
    if (condition.to) {
        out.set_to(*condition.to);
    }
    out.set_negated(condition.negated);
}

}  // namespace

void to_proto(const core::Selection& selection, store::v1::Selection& out) {
    out.set_pattern(selection.pattern);
    out.set_filtered(selection.filter != nullptr);
    if (selection.filter) {
        out.set_any(selection.filter->any);
        for (const core::FilterCondition& condition : selection.filter->conditions) {
            condition_to(condition, *out.add_conditions());
        }
    }
}

core::SelectionPtr from_proto(const store::v1::Selection& stored) {
    core::Selection selection{stored.pattern(), nullptr};
    if (stored.filtered()) {
        core::MessageFilter filter;
        filter.any = stored.any();
        for (const auto& condition : stored.conditions()) {
            filter.conditions.push_back(condition_from(condition));
        }
        selection.filter = std::make_shared<const core::MessageFilter>(std::move(filter));
    }
    return std::make_shared<const core::Selection>(std::move(selection));
}

Key binding_key(core::NamespaceId ns, core::QueueId queue, core::BindingId binding) {
    return KeyWriter(ns, KeyKind::binding, queue).put(core::value(binding)).key();
}

std::string encode(const core::PutBinding& record) {
    store::v1::Binding stored;
    stored.set_name(record.spec.name);
    to_proto(*record.spec.selects, *stored.mutable_selects());
    const core::BindingOptions& options = record.spec.options;
    if (options.delay_ms) {
        stored.set_delay_ms(*options.delay_ms);
    }
    if (options.ttl_ms) {
        stored.set_ttl_ms(*options.ttl_ms);
    }
    if (options.priority) {
        stored.set_priority(*options.priority);
    }
    stored.set_group_header(options.group_header);
    stored.set_priority_header(options.priority_header);
    return sealed(stored, KeyKind::binding, record.queue, core::value(record.id));
}

Key fill_key(core::NamespaceId ns, core::QueueId subscription, core::QueueId topic) {
    return KeyWriter(ns, KeyKind::fill, subscription).put(core::value(topic)).key();
}

std::string encode(const core::PutFill& record) {
    store::v1::Fill stored;
    stored.set_from(record.from);
    stored.set_since_ms(record.since);
    stored.set_last_per_key_below(record.last_per_key_below);
    return sealed(stored, KeyKind::fill, record.id, core::value(record.topic));
}

namespace {

core::PutBinding decode_binding(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::Binding>(key, value);
    core::PutBinding record{
        key.ns, core::BindingId{key.number}, key.queue, {stored.name(), storage::from_proto(stored.selects()), {}}};
    core::BindingOptions& options = record.spec.options;
    if (stored.has_delay_ms()) {
        options.delay_ms = stored.delay_ms();
    }
    if (stored.has_ttl_ms()) {
        options.ttl_ms = stored.ttl_ms();
    }
    if (stored.has_priority()) {
        options.priority = stored.priority();
    }
    options.group_header = stored.group_header();
    options.priority_header = stored.priority_header();
    return record;
}

core::PutFill decode_fill(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::Fill>(key, value);
    return {key.ns,        key.queue,         core::QueueId{key.number},
            stored.from(), stored.since_ms(), stored.last_per_key_below()};
}

}  // namespace

core::Mutation decode_selecting(const ParsedKey& key, std::string_view value) {
    return key.kind == KeyKind::binding ? core::Mutation(decode_binding(key, value))
                                        : core::Mutation(decode_fill(key, value));
}

}  // namespace baton::storage
