#include "server/session/decode/frame.hpp"

#include "proto/entry_format.hpp"
#include "server/core/queue_settings.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/decode/wire_types.hpp"
#include "server/session/session_limits.hpp"

#include <baton/v1/wire.pb.h>

#include <utility>

namespace baton::session {

namespace {

/// The outer message: request id, namespace, and where the one body is.
struct Outer {
    std::uint64_t id = 0;
    std::string_view ns;
    std::uint64_t field = 0;
    std::string_view body;
};

Fault read_outer(std::string_view frame, Outer& out) {
    std::size_t pos = 0;
    while (pos < frame.size()) {
        std::uint64_t tag = 0, number = 0;
        if (!proto::read_varint(frame, pos, tag) || tag >> 3 == 0) {
            return malformed("no valid field tag");
        }
        const auto wire_type = static_cast<std::uint32_t>(tag & 7);
        const std::uint64_t field = tag >> 3;
        if (field == v1::ClientFrame::kRequestIdFieldNumber && wire_type == wire_varint) {
            if (!proto::read_varint(frame, pos, out.id)) {
                return malformed("a field is cut", "request_id");
            }
        } else if (wire_type == wire_bytes) {
            if (!proto::read_varint(frame, pos, number) || number > frame.size() - pos) {
                return malformed("a field is cut");
            }
            const std::string_view slice = frame.substr(pos, number);
            pos += number;
            if (field == v1::ClientFrame::kNamespaceFieldNumber) {
                out.ns = slice;
            } else if (out.field != 0) {
                return malformed("a frame holds one request");
            } else {
                out.field = field;
                out.body = slice;
            }
        } else if (!proto::skip_field(frame, pos, wire_type)) {
            return malformed("a field is cut or of an unknown kind");
        }
    }
    return {};
}

/// Requests about flows.
Fault decode_flow_body(const Outer& outer, core::RequestBody& out, bool& known) {
    switch (outer.field) {
        case v1::ClientFrame::kAddFlow:
            return decode_add_flow(outer.body, out);
        case v1::ClientFrame::kShowFlow:
            return decode_show_flow(outer.body, out);
        case v1::ClientFrame::kListChildren:
            return decode_list_children(outer.body, out);
        case v1::ClientFrame::kWaitChildren:
            return decode_wait_children(outer.body, out);
        case v1::ClientFrame::kRemoveChildren:
            return decode_remove_children(outer.body, out);
        case v1::ClientFrame::kDetach:
            return decode_detach(outer.body, out);
        case v1::ClientFrame::kCancelFlow:
            return decode_cancel_flow(outer.body, out);
        case v1::ClientFrame::kRetryFlow:
            return decode_retry_flow(outer.body, out);
        case v1::ClientFrame::kRemoveFlow:
            return decode_remove_flow(outer.body, out);
        default:
            known = false;
            return {};
    }
}

/// Requests about single messages and groups.
Fault decode_job_body(const Outer& outer, core::RequestBody& out, bool& known) {
    switch (outer.field) {
        case v1::ClientFrame::kShowJob:
            return decode_show_job(outer.body, out);
        case v1::ClientFrame::kChangeJob:
            return decode_change_job(outer.body, out);
        case v1::ClientFrame::kPromoteJob:
            return decode_promote_job(outer.body, out);
        case v1::ClientFrame::kPromoteAll:
            return decode_promote_all(outer.body, out);
        case v1::ClientFrame::kRemoveJobs:
            return decode_remove_jobs(outer.body, out);
        case v1::ClientFrame::kCancelJobs:
            return decode_cancel_jobs(outer.body, out);
        case v1::ClientFrame::kSetGroup:
            return decode_set_group(outer.body, out);
        case v1::ClientFrame::kShowGroup:
            return decode_show_group(outer.body, out);
        case v1::ClientFrame::kListGroups:
            return decode_list_groups(outer.body, out);
        case v1::ClientFrame::kShowDedup:
            return decode_show_dedup(outer.body, out);
        case v1::ClientFrame::kClearDedup:
            return decode_clear_dedup(outer.body, out);
        case v1::ClientFrame::kWhy:
            return decode_why(outer.body, out);
        default:
            known = false;
            return {};
    }
}

/// Requests about events and ends.
Fault decode_event_body(const Outer& outer, core::RequestBody& out, bool& known) {
    switch (outer.field) {
        case v1::ClientFrame::kStreamEvents:
            return decode_stream_events(outer.body, out);
        case v1::ClientFrame::kCreditEvents:
            return decode_credit_events(outer.body, out);
        case v1::ClientFrame::kCloseEvents:
            return decode_close_events(outer.body, out);
        case v1::ClientFrame::kEmitEvent:
            return decode_emit_event(outer.body, out);
        case v1::ClientFrame::kTrimEvents:
            return decode_trim_events(outer.body, out);
        case v1::ClientFrame::kWaitJob:
            return decode_wait_job(outer.body, out);
        default:
            known = false;
            return {};
    }
}

/// What holders say of their jobs, and who reads it.
Fault decode_report_body(const Outer& outer, core::RequestBody& out, bool& known) {
    switch (outer.field) {
        case v1::ClientFrame::kSetProgress:
            return decode_set_progress(outer.body, out);
        case v1::ClientFrame::kAppendLog:
            return decode_append_log(outer.body, out);
        case v1::ClientFrame::kClearLog:
            return decode_clear_log(outer.body, out);
        case v1::ClientFrame::kSetData:
            return decode_set_data(outer.body, out);
        case v1::ClientFrame::kListLog:
            return decode_list_log(outer.body, out);
        default:
            known = false;
            return {};
    }
}

/// Listings by a filter, and background tasks.
Fault decode_task_body(const Outer& outer, core::RequestBody& out, bool& known) {
    switch (outer.field) {
        case v1::ClientFrame::kListJobs:
            return decode_list_jobs(outer.body, out);
        case v1::ClientFrame::kStartTask:
            return decode_start_task(outer.body, out);
        case v1::ClientFrame::kListTasks:
            return decode_list_tasks(outer.body, out);
        case v1::ClientFrame::kShowTask:
            return decode_show_task(outer.body, out);
        case v1::ClientFrame::kCancelTask:
            return decode_cancel_task(outer.body, out);
        default:
            known = false;
            return {};
    }
}

/// The requests about schedules.
Fault decode_schedule_body(const Outer& outer, core::RequestBody& out, bool& known) {
    switch (outer.field) {
        case v1::ClientFrame::kUpsertSchedule:
            return decode_upsert_schedule(outer.body, out);
        case v1::ClientFrame::kDeleteSchedule:
            return decode_delete_schedule(outer.body, out);
        case v1::ClientFrame::kShowSchedule:
            return decode_show_schedule(outer.body, out);
        case v1::ClientFrame::kListSchedules:
            return decode_list_schedules(outer.body, out);
        case v1::ClientFrame::kPauseSchedule:
            return decode_pause_schedule(outer.body, out);
        case v1::ClientFrame::kResumeSchedule:
            return decode_resume_schedule(outer.body, out);
        case v1::ClientFrame::kRunSchedule:
            return decode_run_schedule(outer.body, out);
        case v1::ClientFrame::kPreviewSchedule:
            return decode_preview_schedule(outer.body, out);
        default:
            known = false;
            return {};
    }
}

/// The kinds that have a function of their own.
Fault decode_other_body(const Outer& outer, core::RequestBody& out, bool& known) {
    for (const auto decode : {decode_job_body, decode_event_body, decode_report_body, decode_task_body,
                              decode_flow_body, decode_schedule_body}) {
        known = true;
        if (Fault fault = decode(outer, out, known); known) {
            return fault;
        }
    }
    for (const auto decode : {decode_monitor_body, decode_topic_body, decode_binding_body, decode_listen_body}) {
        known = true;
        if (Fault fault = decode(outer.field, outer.body, out, known); known) {
            return fault;
        }
    }
    return {};
}

/// Decodes a body that becomes a request of the core; `known` is false for other fields.
Fault decode_core_body(const Outer& outer, const core::Buffer& frame, core::RequestBody& out, bool& known) {
    known = true;
    switch (outer.field) {
        case v1::ClientFrame::kProduce:
            return decode_produce(outer.body, frame, out);
        case v1::ClientFrame::kTransaction:
            return decode_transaction(outer.body, frame, out);
        case v1::ClientFrame::kSettle:
            return decode_settle(outer.body, out);
        case v1::ClientFrame::kFetch:
            return decode_fetch(outer.body, out);
        case v1::ClientFrame::kGoodbye:
            out = core::CloseSession{};
            return {};
        case v1::ClientFrame::kOpenConsumer:
            return decode_open_consumer(outer.body, out);
        case v1::ClientFrame::kCloseConsumer:
            return decode_close_consumer(outer.body, out);
        case v1::ClientFrame::kSetCredit:
            return decode_set_credit(outer.body, out);
        case v1::ClientFrame::kCancel:
            return decode_cancel(outer.body, out);
        case v1::ClientFrame::kCreateQueue:
            return decode_create_queue(outer.body, out);
        case v1::ClientFrame::kUpdateQueue:
            return decode_update_queue(outer.body, out);
        case v1::ClientFrame::kListQueues:
            return decode_list_queues(outer.body, out);
        case v1::ClientFrame::kShowQueue:
            return decode_show_queue(outer.body, out);
        case v1::ClientFrame::kPurgeQueue:
            return decode_purge_queue(outer.body, out);
        case v1::ClientFrame::kDeleteQueue:
            return decode_delete_queue(outer.body, out);
        case v1::ClientFrame::kPeek:
            return decode_peek(outer.body, out);
        case v1::ClientFrame::kListFailed:
            return decode_list_failed(outer.body, out);
        case v1::ClientFrame::kShowFailed:
            return decode_show_failed(outer.body, out);
        case v1::ClientFrame::kRetryFailed:
            return decode_retry_failed(outer.body, out);
        case v1::ClientFrame::kRedrive:
            return decode_redrive(outer.body, out);
        case v1::ClientFrame::kPenalise:
            return decode_penalise(outer.body, out);
        case v1::ClientFrame::kAdvanceClock:
            return decode_advance_clock(outer.body, out);
        case v1::ClientFrame::kShowClock:
            out = core::ShowClock{};
            return {};
        default:
            return decode_other_body(outer, out, known);
    }
}

template <typename Body, typename Decode>
void decode_own(ClientRequest& request, Decode&& decode) {
    Body body;
    if (auto fault = decode(body)) {
        request.body = std::move(*fault);
    } else {
        request.body = std::move(body);
    }
}

}  // namespace

ClientRequest decode_frame(const core::Buffer& frame) {
    ClientRequest request;
    Outer outer;
    if (auto fault = read_outer(frame.view, outer)) {
        request.body = std::move(*fault);
        return request;
    }
    request.id = core::RequestId{outer.id};
    request.ns = outer.ns;
    if (!request.ns.empty()) {
        if (auto refusal = core::check_name(request.ns, "namespace")) {
            request.body = wire_error(std::move(*refusal));
            return request;
        }
    }
    switch (outer.field) {
        case v1::ClientFrame::kHello:
            decode_own<Hello>(request, [&](Hello& hello) { return decode_hello(outer.body, hello); });
            return request;
        case v1::ClientFrame::kPing:
            request.body = Ping{};
            return request;
        case v1::ClientFrame::kServerStatus:
            request.body = StatusRequest{};
            return request;
        case v1::ClientFrame::kBackup:
            decode_own<BackupRequest>(request,
                                      [&](BackupRequest& backup) { return decode_backup(outer.body, backup); });
            return request;
        case v1::ClientFrame::kDoctor:
            decode_own<DoctorRequest>(request,
                                      [&](DoctorRequest& doctor) { return decode_doctor(outer.body, doctor); });
            return request;
        default:
            break;
    }
    bool known = false;
    core::RequestBody body;
    auto fault = decode_core_body(outer, frame, body, known);
    if (!known) {
        request.body = wire_error(WireCode::unknown_request, "this server does not know the request", "body");
    } else if (fault) {
        request.body = std::move(*fault);
    } else {
        request.body = std::move(body);
    }
    return request;
}

}  // namespace baton::session
