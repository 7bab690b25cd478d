#include "proto/entry_format.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/page_cursor.hpp"

#include <baton/v1/group.pb.h>

#include <utility>

namespace baton::session {

namespace {

Fault decode_group_limits(const v1::SetGroup& from, core::SetGroup& out) {
    if (from.has_rate()) {
        if (auto fault = decode_rate(from.rate(), "set_group.rate.per_ms", out.rate.emplace())) {
            return fault;
        }
    }
    if (from.has_max_in_flight()) {
        out.max_in_flight = from.max_in_flight();
    }
    if (from.has_max_messages()) {
        out.max_messages = from.max_messages();
    }
    if (from.has_paused()) {
        out.paused = from.paused();
    }
    if (from.has_paused_until_ms()) {
        out.paused_until = from.paused_until_ms();
    }
    if (from.has_pause_for_ms()) {
        if (auto fault = check_range(from.pause_for_ms(), 0, core::limits::ten_years_ms, "set_group.pause_for_ms")) {
            return fault;
        }
        out.pause_for_ms = static_cast<core::DurationMs>(from.pause_for_ms());
    }
    return {};
}

}  // namespace

Fault take_group(std::string_view name, core::EntryOptions& out) {
    if (auto fault = check_range(name.size(), 0, core::limits::group_bytes_max, "options.group")) {
        return fault;
    }
    if (!proto::is_utf8(name)) {
        return invalid("options.group", "is not UTF-8");
    }
    out.group = name;
    return {};
}

Fault decode_set_group(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::SetGroup>(body, "set_group", [&out](const v1::SetGroup& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "set_group.queue")) {
            return fault;
        }
        if (auto fault = check_group(from.group(), 1, "set_group.group")) {
            return fault;
        }
        core::SetGroup set;
        set.queue = from.queue();
        set.group = from.group();
        set.reset = from.reset();
        if (auto fault = decode_group_limits(from, set)) {
            return fault;
        }
        out = std::move(set);
        return {};
    });
}

Fault decode_show_group(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ShowGroup>(body, "show_group", [&out](const v1::ShowGroup& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "show_group.queue")) {
            return fault;
        }
        if (auto fault = check_group(from.group(), 1, "show_group.group")) {
            return fault;
        }
        out = core::ShowGroup{from.queue(), from.group()};
        return {};
    });
}

Fault decode_list_groups(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListGroups>(body, "list_groups", [&out](const v1::ListGroups& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "list_groups.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.limit(), 0, core::limits::page_messages_max, "list_groups.limit")) {
            return fault;
        }
        core::ListGroups list{from.queue(), {}, from.limit() == 0 ? 100 : from.limit()};
        if (!from.cursor().empty()) {
            list.after = read_group_cursor(from.cursor());
            if (!list.after) {
                return invalid("list_groups.cursor", "was not given by this server");
            }
        }
        out = std::move(list);
        return {};
    });
}

}  // namespace baton::session
