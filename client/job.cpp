// Following single jobs: waiting for their end, and what is told about them.
#include "baton/admin.hpp"
#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/parsed.hpp"
#include "client/proto_convert.hpp"

#include <algorithm>

namespace baton {

using detail::parsed;

namespace {

// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
constexpr std::uint32_t emit_event_request = 103, trim_events_request = 104, wait_job_request = 105;
constexpr std::uint32_t event_told_reply = 9, trimmed_reply = 23, job_ended_reply = 105;

/// The server is asked again after this long, so that a wait outlives lost connections and request timeouts.
constexpr std::chrono::milliseconds one_wait_max{5'000};

}  // namespace

const char* to_text(JobOutcome outcome) {
    switch (outcome) {
        case JobOutcome::completed:
            return "completed";
        case JobOutcome::failed:
            return "failed";
        case JobOutcome::removed:
            return "removed";
        case JobOutcome::expired:
            return "expired";
        case JobOutcome::dead_lettered:
            return "dead_lettered";
        case JobOutcome::dropped:
            return "dropped";
        case JobOutcome::cancelled:
            return "cancelled";
        case JobOutcome::timeout:
            return "timeout";
        case JobOutcome::gone:
            return "gone";
        case JobOutcome::unknown:
            break;
    }
    return "unknown";
}

JobEnd Admin::wait_job(const std::string& queue, const JobName& job, std::chrono::milliseconds timeout) {
    using std::chrono::milliseconds;
    using std::chrono::steady_clock;
    const auto until = steady_clock::now() + timeout;
    JobName name = job;
    while (true) {
        const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
        v1::WaitJob request;
        request.set_queue(queue);
        request.set_offset(name.offset());
        request.set_id(name.id());
        request.set_timeout_ms(static_cast<std::uint64_t>(
            std::clamp(left, milliseconds{0}, std::min(one_wait_max, core_->options().request_timeout / 2)).count()));
        const auto ended = parsed<v1::JobEnded>(core_->call(wait_job_request, request, job_ended_reply));
        const auto outcome = static_cast<JobOutcome>(ended.outcome());
        if (outcome == JobOutcome::timeout && steady_clock::now() < until) {
            name = ended.offset();  // Its id may pass on to another one between two requests.
            continue;
        }
        JobEnd out{outcome, ended.text(), {}, ended.offset()};
        if (ended.has_result()) {
            out.result = JobResult{ended.result().value(), ended.result().content_type()};
        }
        return out;
    }
}

void Admin::emit_event(const std::string& queue, const std::string& name, const std::string& data,
                       std::optional<std::uint64_t> offset) {
    v1::EmitEvent request;
    request.set_queue(queue);
    request.set_name(name);
    request.set_data(data);
    if (offset) {
        request.set_offset(*offset);
    }
    core_->call(emit_event_request, request, event_told_reply, false);
}

Counted Admin::trim_events(const std::string& queue, std::uint64_t keep) {
    v1::TrimEvents request;
    request.set_queue(queue);
    request.set_keep(keep);
    return detail::from_proto(parsed<v1::Counted>(core_->call(trim_events_request, request, trimmed_reply)));
}

}  // namespace baton
