#include "baton/groups.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/parsed.hpp"
#include "client/proto_convert.hpp"
#include "client/wire_time.hpp"

#include <algorithm>

namespace baton {

using detail::parsed;

namespace {

/// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
enum GroupRequest : std::uint32_t {
    penalise_group_request = 72,
    set_group_request = 120,
    show_group_request,
    list_groups_request,
};
enum GroupReply : std::uint32_t {
    penalised_reply = 20,
    group_info_reply = 120,
    group_list_reply,
};

GroupInfo group_from(const v1::GroupInfo& from) {
    GroupInfo to;
    to.name = from.name();
    to.waiting = from.waiting();
    to.waiting_more = from.waiting_more();
    to.in_flight = from.in_flight();
    to.retrying = from.retrying();
    if (from.has_messages()) {
        to.messages = from.messages();
    }
    if (from.has_rate()) {
        to.rate = detail::from_proto(from.rate());
    }
    if (from.has_max_in_flight()) {
        to.max_in_flight = from.max_in_flight();
    }
    if (from.has_max_messages()) {
        to.max_messages = from.max_messages();
    }
    to.paused = from.paused();
    to.paused_until_ms = from.paused_until_ms();
    to.hold = static_cast<Hold>(from.hold());
    to.held_until_ms = from.held_until_ms();
    return to;
}

}  // namespace

Groups::Groups(const Client& client) : core_(client.core()) {}

GroupPage Groups::list(const std::string& queue, const std::string& cursor, std::uint32_t limit) {
    v1::ListGroups request;
    request.set_queue(queue);
    request.set_cursor(cursor);
    request.set_limit(limit);
    const auto list = parsed<v1::GroupList>(core_->call(list_groups_request, request, group_list_reply));
    GroupPage page;
    for (const v1::GroupInfo& info : list.groups()) {
        page.groups.push_back(group_from(info));
    }
    page.next = list.next();
    return page;
}

GroupInfo Groups::show(const std::string& queue, const std::string& group) {
    v1::ShowGroup request;
    request.set_queue(queue);
    request.set_group(group);
    return group_from(parsed<v1::GroupInfo>(core_->call(show_group_request, request, group_info_reply)));
}

GroupInfo Groups::set(const std::string& queue, const std::string& group, const GroupSettings& settings) {
    v1::SetGroup request;
    request.set_queue(queue);
    request.set_group(group);
    request.set_reset(settings.reset);
    if (settings.rate) {
        detail::to_proto(*settings.rate, *request.mutable_rate());
    }
    if (settings.max_in_flight) {
        request.set_max_in_flight(*settings.max_in_flight);
    }
    if (settings.max_messages) {
        request.set_max_messages(*settings.max_messages);
    }
    if (settings.paused) {
        request.set_paused(*settings.paused);
    }
    if (settings.paused_until_ms) {
        request.set_paused_until_ms(*settings.paused_until_ms);
    }
    if (settings.pause_for) {
        request.set_pause_for_ms(detail::count_of(*settings.pause_for));
    }
    return group_from(parsed<v1::GroupInfo>(core_->call(set_group_request, request, group_info_reply)));
}

GroupInfo Groups::pause(const std::string& queue, const std::string& group) {
    GroupSettings settings;
    settings.paused = true;
    return set(queue, group, settings);
}

GroupInfo Groups::pause(const std::string& queue, const std::string& group, std::chrono::milliseconds pause) {
    GroupSettings settings;
    settings.pause_for = pause;
    return set(queue, group, settings);
}

GroupInfo Groups::resume(const std::string& queue, const std::string& group) {
    GroupSettings settings;
    settings.paused = false;
    settings.paused_until_ms = 0;
    return set(queue, group, settings);
}

void Groups::penalise(const std::string& queue, const std::string& group, std::chrono::milliseconds penalty) {
    v1::Penalise request;
    request.set_queue(queue);
    request.set_group(group);
    request.set_penalty_ms(detail::count_of(std::max(penalty, std::chrono::milliseconds(0))));
    core_->call(penalise_group_request, request, penalised_reply);
}

}  // namespace baton
