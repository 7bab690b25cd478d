#include "server/core/bulk_task.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/page_cursor.hpp"

#include <baton/v1/task.pb.h>

#include <memory>
#include <utility>

namespace baton::session {

namespace {

constexpr std::uint32_t jobs_listed_default = 10, tasks_listed_default = 100;

/// The core checks the sizes, since filters do not come from here alone.
Fault decode_filter(const v1::JobFilter& from, const std::string& field, core::JobFilterPtr& out) {
    auto filter = std::make_shared<core::JobFilter>();
    for (const int state : from.states()) {
        if (!v1::MessageState_IsValid(state) || state == v1::MESSAGE_STATE_UNSPECIFIED) {
            return invalid(field + ".states", "is unknown to this server");
        }
        filter->states |= core::state_bit(static_cast<core::MessageState>(state));
    }
    filter->name = from.name();
    filter->error_class = from.error_class();
    filter->id_prefix = from.id_prefix();
    filter->stored_from = from.stored_from_ms();
    filter->stored_before = from.stored_before_ms();
    filter->ended_from = from.ended_from_ms();
    filter->ended_before = from.ended_before_ms();
    if (auto fault = check_range(static_cast<std::size_t>(from.headers_size()), 0, core::limits::filter_headers_max,
                                 (field + ".headers").c_str())) {
        return fault;
    }
    for (const v1::Header& header : from.headers()) {
        filter->headers.emplace_back(header.key(), header.value());
    }
    if (auto refusal = core::check_filter(*filter, field)) {
        return wire_error(std::move(*refusal));
    }
    out = std::move(filter);
    return {};
}

}  // namespace

Fault decode_list_jobs(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListJobs>(body, "list_jobs", [&out](const v1::ListJobs& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "list_jobs.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.limit(), 0, core::limits::page_messages_max, "list_jobs.limit")) {
            return fault;
        }
        core::ListJobs list;
        list.queue = from.queue();
        list.limit = from.limit() == 0 ? jobs_listed_default : from.limit();
        if (auto fault = decode_filter(from.filter(), "list_jobs.filter", list.filter)) {
            return fault;
        }
        if (!from.cursor().empty()) {
            const auto cursor = read_listing_cursor(from.cursor());
            if (!cursor) {
                return invalid("list_jobs.cursor", "was not given by this server");
            }
            list.from_state = cursor->state;
            list.from_at = cursor->page.at;
            list.from_offset = cursor->page.offset;
            list.from_rank = cursor->page.rank;
            list.from_group = cursor->page.group;
        }
        out = std::move(list);
        return {};
    });
}

Fault decode_start_task(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::StartTask>(body, "start_task", [&out](const v1::StartTask& from) -> Fault {
        if (!v1::StartTask_Kind_IsValid(from.kind()) || from.kind() == v1::StartTask::KIND_UNSPECIFIED) {
            return invalid("start_task.kind", "is missing or unknown to this server", core::task_kind_last);
        }
        if (auto fault = check_queue_name(from.queue(), "start_task.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.grace_ms(), 0, core::limits::ten_years_ms, "start_task.grace_ms")) {
            return fault;
        }
        core::TaskSpec spec;
        spec.kind = static_cast<core::TaskKind>(from.kind());
        spec.queue = from.queue();
        if (auto fault = decode_filter(from.filter(), "start_task.filter", spec.filter)) {
            return fault;
        }
        spec.grace_ms = static_cast<core::DurationMs>(from.grace_ms());
        spec.limit = from.limit();
        spec.rate = from.rate();
        spec.dry_run = from.dry_run();
        spec.keep_counters = from.keep_counters();
        spec.force = from.force();
        out = core::StartTask{std::move(spec)};
        return {};
    });
}

Fault decode_list_tasks(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListTasks>(body, "list_tasks", [&out](const v1::ListTasks& from) -> Fault {
        if (!from.queue().empty()) {
            if (auto fault = check_queue_name(from.queue(), "list_tasks.queue")) {
                return fault;
            }
        }
        if (auto fault = check_range(from.limit(), 0, core::limits::page_messages_max, "list_tasks.limit")) {
            return fault;
        }
        out = core::ListTasks{from.queue(), from.after(), from.limit() == 0 ? tasks_listed_default : from.limit()};
        return {};
    });
}

Fault decode_show_task(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ShowTask>(body, "show_task", [&out](const v1::ShowTask& from) -> Fault {
        out = core::ShowTask{core::TaskId{from.task_id()}};
        return {};
    });
}

Fault decode_cancel_task(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CancelTask>(body, "cancel_task", [&out](const v1::CancelTask& from) -> Fault {
        out = core::CancelTask{core::TaskId{from.task_id()}};
        return {};
    });
}

}  // namespace baton::session
