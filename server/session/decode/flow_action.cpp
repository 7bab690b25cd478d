#include "server/core/limits.hpp"
#include "server/session/decode/parse.hpp"

#include <baton/v1/flow.pb.h>

#include <string>

namespace baton::session {

namespace {

using Action = core::ActOnFlow::Action;

/// The job whose flow is meant; every one of these requests names it in the same way.
template <typename Request>
Fault decode_action(const Request& from, const char* name, Action action, core::ActOnFlow& out) {
    if (auto fault = check_queue_name(from.queue(), (std::string(name) + ".queue").c_str())) {
        return fault;
    }
    out.action = action;
    out.queue = from.queue();
    out.offset = from.offset();
    return {};
}

}  // namespace

Fault decode_remove_children(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::RemoveChildren>(body, "remove_children", [&out](const v1::RemoveChildren& from) {
        return decode_action(from, "remove_children", Action::remove_unprocessed, out.emplace<core::ActOnFlow>());
    });
}

Fault decode_cancel_flow(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CancelFlow>(body, "cancel_flow", [&out](const v1::CancelFlow& from) {
        auto& act = out.emplace<core::ActOnFlow>();
        act.grace_ms = from.has_grace_ms() ? from.grace_ms() : core::limits::cancel_grace_ms_default;
        return decode_action(from, "cancel_flow", Action::cancel, act);
    });
}

Fault decode_retry_flow(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::RetryFlow>(body, "retry_flow", [&out](const v1::RetryFlow& from) {
        auto& act = out.emplace<core::ActOnFlow>();
        act.keep_counters = from.keep_counters();
        return decode_action(from, "retry_flow", Action::retry, act);
    });
}

Fault decode_remove_flow(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::RemoveFlow>(body, "remove_flow", [&out](const v1::RemoveFlow& from) {
        return decode_action(from, "remove_flow", Action::remove, out.emplace<core::ActOnFlow>());
    });
}

}  // namespace baton::session
