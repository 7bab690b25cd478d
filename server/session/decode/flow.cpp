#include "server/core/limits.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/decode/template_entry.hpp"

#include <baton/v1/flow.pb.h>
#include <baton/v1/wire.pb.h>

#include <string>
#include <utility>

namespace baton::session {

namespace {

constexpr std::uint32_t depth_default = 10, width_default = 20, children_default = 100;

Fault decode_policy(v1::FailurePolicy from, const std::string& field, core::FailurePolicy& out) {
    if (!v1::FailurePolicy_IsValid(from)) {
        return invalid(field.c_str(), "is unknown to this server");
    }
    out = static_cast<core::FailurePolicy>(from);
    return {};
}

Fault decode_node(const v1::FlowNode& from, const std::string& name, core::FlowNode& out) {
    if (auto fault = check_queue_name(from.queue(), (name + ".queue").c_str())) {
        return fault;
    }
    out.queue = from.queue();
    if (auto fault = decode_template_options(from.options().SerializeAsString(), out.options)) {
        return fault;
    }
    if (auto fault = check_range(static_cast<std::size_t>(from.parents_size()), 0, core::limits::flow_parents_max,
                                 (name + ".parents").c_str())) {
        return fault;
    }
    out.parents.assign(from.parents().begin(), from.parents().end());
    if (auto fault = decode_policy(from.policy(), name + ".policy", out.policy)) {
        return fault;
    }
    if (auto fault = decode_policy(from.children_policy(), name + ".children_policy", out.children_policy)) {
        return fault;
    }
    if (!from.has_entry()) {
        return invalid((name + ".entry").c_str(), "is missing");
    }
    return template_entry(from.entry().SerializeAsString(), name + ".entry", out.entry);
}

core::Token token_in(const v1::Token& from) {
    return core::Token{from.epoch(), core::QueueId{from.queue_id()}, from.batch()};
}

Fault decode_parent(const v1::FlowParent& from, core::FlowParent& out) {
    if (from.has_token()) {
        out.token = token_in(from.token());
    } else if (auto fault = check_queue_name(from.queue(), "add_flow.parent.queue")) {
        return fault;
    }
    out.queue = from.queue();
    out.offset = from.offset();
    return decode_policy(from.children_policy(), "add_flow.parent.children_policy", out.children_policy);
}

Fault decode_sequences(const v1::AddFlow& from, core::AddFlow& out) {
    out.producer = from.producer_id();
    out.producer_created_at = from.producer_created_ms();
    for (const v1::AddFlow::Sequence& one : from.sequences()) {
        if (auto fault = check_queue_name(one.queue(), "add_flow.sequences.queue")) {
            return fault;
        }
        out.sequences.push_back({one.queue(), one.sequence(), one.acked_through()});
    }
    return {};
}

}  // namespace

Fault decode_add_flow(std::string_view body, core::RequestBody& out) {
    // Counted before anything is built.
    if (auto fault = check_range(count_field(body, v1::AddFlow::kNodesFieldNumber), 1, core::limits::flow_nodes_max,
                                 "add_flow.nodes")) {
        return fault;
    }
    if (auto fault = check_range(count_field(body, v1::AddFlow::kSequencesFieldNumber), 0, core::limits::flow_nodes_max,
                                 "add_flow.sequences")) {
        return fault;
    }
    const auto decode = [&out](const v1::AddFlow& from) -> Fault {
        core::AddFlow add;
        for (int i = 0; i < from.nodes_size(); ++i) {
            if (auto fault =
                    decode_node(from.nodes(i), "add_flow.nodes[" + std::to_string(i) + "]", add.nodes.emplace_back())) {
                return fault;
            }
        }
        if (from.has_parent()) {
            if (auto fault = decode_parent(from.parent(), add.parent.emplace())) {
                return fault;
            }
        }
        if (auto fault = decode_sequences(from, add)) {
            return fault;
        }
        out = std::move(add);
        return {};
    };
    return decode_as<v1::AddFlow>(body, "add_flow", decode, core::limits::batch_bytes_max);
}

Fault decode_show_flow(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ShowFlow>(body, "show_flow", [&out](const v1::ShowFlow& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "show_flow.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.depth(), 0, core::limits::flow_depth_shown_max, "show_flow.depth")) {
            return fault;
        }
        if (auto fault = check_range(from.width(), 0, core::limits::flow_width_shown_max, "show_flow.width")) {
            return fault;
        }
        core::ShowFlow show;
        show.queue = from.queue();
        show.offset = from.offset();
        show.depth = from.depth() == 0 ? depth_default : from.depth();
        show.width = from.width() == 0 ? width_default : from.width();
        out = std::move(show);
        return {};
    });
}

Fault decode_wait_children(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::WaitChildren>(body, "wait_children", [&out](const v1::WaitChildren& from) -> Fault {
        out = core::WaitChildren{token_in(from.token()), from.offset()};
        return {};
    });
}

Fault decode_detach(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::Detach>(body, "detach", [&out](const v1::Detach& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "detach.queue")) {
            return fault;
        }
        if (!from.parent_queue().empty()) {
            if (auto fault = check_queue_name(from.parent_queue(), "detach.parent_queue")) {
                return fault;
            }
        }
        out = core::DetachChild{from.queue(), from.offset(), from.parent_queue(), from.parent_offset()};
        return {};
    });
}

Fault decode_list_children(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListChildren>(body, "list_children", [&out](const v1::ListChildren& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "list_children.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.limit(), 0, core::limits::page_messages_max, "list_children.limit")) {
            return fault;
        }
        core::ListChildren list;
        list.queue = from.queue();
        list.offset = from.offset();
        for (const int state : from.states()) {
            if (!v1::ChildState_IsValid(state) || state == v1::CHILD_STATE_UNSPECIFIED) {
                return invalid("list_children.states", "is unknown to this server");
            }
            list.states |= 1U << static_cast<std::uint32_t>(state);
        }
        list.from = from.cursor();
        list.limit = from.limit() == 0 ? children_default : from.limit();
        out = std::move(list);
        return {};
    });
}

}  // namespace baton::session
