#include "server/session/decode/bodies.hpp"
#include "server/session/decode/filter.hpp"
#include "server/session/decode/parse.hpp"

#include <baton/v1/binding.pb.h>
#include <baton/v1/wire.pb.h>

#include <memory>
#include <utility>

namespace baton::session {

namespace {

constexpr std::uint32_t bindings_page_default = 100;

Fault decode_binding_options(const v1::BindingOptions& from, core::BindingOptions& out) {
    constexpr auto longest = static_cast<std::uint64_t>(core::limits::ten_years_ms);
    if (auto fault = check_range(from.delay_ms(), 0, longest, "create_binding.options.delay_ms")) {
        return fault;
    }
    if (auto fault = check_range(from.ttl_ms(), 0, longest, "create_binding.options.ttl_ms")) {
        return fault;
    }
    if (from.has_delay_ms()) {
        out.delay_ms = static_cast<core::DurationMs>(from.delay_ms());
    }
    if (from.has_ttl_ms()) {
        out.ttl_ms = static_cast<core::DurationMs>(from.ttl_ms());
    }
    if (from.has_priority()) {
        out.priority = from.priority();
    }
    out.group_header = from.group_header();
    out.priority_header = from.priority_header();
    return {};
}

Fault decode_create_binding(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CreateBinding>(body, "create_binding", [&out](const v1::CreateBinding& from) -> Fault {
        const v1::Binding& binding = from.binding();
        if (auto fault = check_queue_name(binding.queue(), "create_binding.queue")) {
            return fault;
        }
        core::CreateBinding create;
        create.queue = binding.queue();
        create.update = from.update();
        create.spec.name = binding.name();
        core::Selection selects{binding.topics(), nullptr};
        if (binding.has_filter()) {
            if (auto fault = decode_message_filter(binding.filter(), "create_binding.filter", selects.filter)) {
                return fault;
            }
        }
        create.spec.selects = std::make_shared<const core::Selection>(std::move(selects));
        auto fault = decode_binding_options(binding.options(), create.spec.options);
        out = std::move(create);
        return fault;
    });
}

Fault decode_delete_binding(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::DeleteBinding>(body, "delete_binding", [&out](const v1::DeleteBinding& from) -> Fault {
        out = core::DeleteBinding{from.name()};
        return check_range(from.name().size(), 1, core::limits::name_bytes_max, "delete_binding.name");
    });
}

Fault decode_list_bindings(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListBindings>(body, "list_bindings", [&out](const v1::ListBindings& from) -> Fault {
        if (auto fault = check_range(from.prefix().size(), 0, core::limits::name_bytes_max, "list_bindings.prefix")) {
            return fault;
        }
        if (auto fault = check_range(from.after().size(), 0, core::limits::name_bytes_max, "list_bindings.after")) {
            return fault;
        }
        out = core::ListBindings{from.prefix(), from.after(), from.limit() == 0 ? bindings_page_default : from.limit()};
        return check_range(from.limit(), 0, core::limits::page_messages_max, "list_bindings.limit");
    });
}

}  // namespace

Fault decode_binding_body(std::uint64_t field, std::string_view body, core::RequestBody& out, bool& known) {
    switch (field) {
        case v1::ClientFrame::kCreateBinding:
            return decode_create_binding(body, out);
        case v1::ClientFrame::kDeleteBinding:
            return decode_delete_binding(body, out);
        case v1::ClientFrame::kListBindings:
            return decode_list_bindings(body, out);
        default:
            known = false;
            return {};
    }
}

}  // namespace baton::session
