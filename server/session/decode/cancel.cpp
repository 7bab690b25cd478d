#include "server/session/decode/parse.hpp"

#include <baton/v1/cancel.pb.h>

#include <utility>

namespace baton::session {

Fault decode_cancel_jobs(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CancelJobs>(body, "cancel_jobs", [&out](const v1::CancelJobs& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "cancel_jobs.queue")) {
            return fault;
        }
        const auto named = static_cast<std::size_t>(from.offsets_size()) + static_cast<std::size_t>(from.ids_size());
        if (auto fault = check_range(named, 1, core::limits::jobs_per_request_max, "cancel_jobs.offsets")) {
            return fault;
        }
        core::CancelJobs cancel;
        if (auto fault = decode_own_ids(from.ids(), "cancel_jobs.ids", cancel.own)) {
            return fault;
        }
        cancel.queue = from.queue();
        cancel.offsets.assign(from.offsets().begin(), from.offsets().end());
        if (from.has_grace_ms()) {
            if (auto fault =
                    check_range(from.grace_ms(), 0, core::limits::cancel_grace_ms_max, "cancel_jobs.grace_ms")) {
                return fault;
            }
            cancel.grace_ms = from.grace_ms();
        }
        out = std::move(cancel);
        return {};
    });
}

}  // namespace baton::session
