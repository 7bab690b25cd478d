#include "server/session/encode/encode.hpp"
#include "server/session/page_cursor.hpp"

#include <baton/v1/group.pb.h>
#include <baton/v1/queue.pb.h>
#include <baton/v1/wire.pb.h>

namespace baton::session {

namespace {

void fill_group(const core::GroupInfo& from, v1::GroupInfo& to) {
    to.set_name(from.name);
    to.set_waiting(from.waiting);
    to.set_waiting_more(from.waiting_more);
    to.set_in_flight(from.in_flight);
    to.set_retrying(from.retrying);
    if (from.messages) {
        to.set_messages(*from.messages);
    }
    if (from.limits.rate) {
        fill(*from.limits.rate, *to.mutable_rate());
    }
    if (from.limits.max_in_flight) {
        to.set_max_in_flight(*from.limits.max_in_flight);
    }
    if (from.limits.max_messages) {
        to.set_max_messages(*from.limits.max_messages);
    }
    to.set_paused(from.limits.paused);
    to.set_paused_until_ms(from.limits.paused_until);
    to.set_hold(static_cast<v1::Hold>(from.hold));
    to.set_held_until_ms(from.held_until);
}

}  // namespace

void encode_group_info(core::RequestId request, const core::GroupInfo& info, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    fill_group(info, *frame.mutable_group_info());
    append_frame(frame, out);
}

void encode_group_list(core::RequestId request, const core::GroupList& list, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::GroupList& to = *frame.mutable_group_list();
    for (const core::GroupInfo& info : list.groups) {
        fill_group(info, *to.add_groups());
    }
    if (list.next) {
        to.set_next(write_group_cursor(*list.next));
    }
    append_frame(frame, out);
}

}  // namespace baton::session
