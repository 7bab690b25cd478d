#include "server/session/decode/parse.hpp"

#include <baton/v1/queue.pb.h>

#include <utility>

namespace baton::session {

namespace {

/// Messages that name one message of a queue.
template <typename Message, typename Request>
Fault decode_job_named(std::string_view body, const char* kind, const char* field, const char* id_field,
                       core::RequestBody& out) {
    return decode_as<Message>(body, kind, [&](const Message& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), field)) {
            return fault;
        }
        if (auto fault = check_job_id(from.id(), from.offset(), id_field)) {
            return fault;
        }
        out = Request{from.queue(), from.offset(), from.id()};
        return {};
    });
}

}  // namespace

Fault decode_show_job(std::string_view body, core::RequestBody& out) {
    return decode_job_named<v1::ShowJob, core::ShowJob>(body, "show_job", "show_job.queue", "show_job.id", out);
}

Fault decode_promote_job(std::string_view body, core::RequestBody& out) {
    return decode_job_named<v1::PromoteJob, core::PromoteJob>(body, "promote_job", "promote_job.queue",
                                                              "promote_job.id", out);
}

Fault decode_change_job(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ChangeJob>(body, "change_job", [&out](const v1::ChangeJob& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "change_job.queue")) {
            return fault;
        }
        core::ChangeJob change;
        change.queue = from.queue();
        change.offset = from.offset();
        if (auto fault = check_job_id(from.id(), from.offset(), "change_job.id")) {
            return fault;
        }
        change.id = from.id();
        if (from.has_priority()) {
            change.priority = from.priority();
        }
        if (from.has_lifo()) {
            change.lifo = from.lifo();
        }
        if (from.has_delay_ms()) {
            if (auto fault = check_range(from.delay_ms(), 0, core::limits::ten_years_ms, "change_job.delay_ms")) {
                return fault;
            }
            change.delay_ms = static_cast<core::DurationMs>(from.delay_ms());
        }
        if (from.has_due_ms()) {
            change.due_at = from.due_ms();
        }
        out = std::move(change);
        return {};
    });
}

Fault decode_promote_all(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::PromoteAll>(body, "promote_all", [&out](const v1::PromoteAll& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "promote_all.queue")) {
            return fault;
        }
        out = core::PromoteAll{from.queue()};
        return {};
    });
}

Fault decode_remove_jobs(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::RemoveJobs>(body, "remove_jobs", [&out](const v1::RemoveJobs& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "remove_jobs.queue")) {
            return fault;
        }
        const auto named = static_cast<std::size_t>(from.offsets_size()) + static_cast<std::size_t>(from.ids_size());
        if (auto fault = check_range(named, 1, core::limits::jobs_per_request_max, "remove_jobs.offsets")) {
            return fault;
        }
        core::RemoveJobs remove;
        if (auto fault = decode_own_ids(from.ids(), "remove_jobs.ids", remove.own)) {
            return fault;
        }
        remove.queue = from.queue();
        remove.offsets.assign(from.offsets().begin(), from.offsets().end());
        out = std::move(remove);
        return {};
    });
}

}  // namespace baton::session
