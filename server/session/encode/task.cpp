#include "server/session/encode/encode.hpp"

#include <baton/v1/task.pb.h>
#include <baton/v1/wire.pb.h>

namespace baton::session {

namespace {

void fill_task(const core::TaskInfo& from, v1::TaskInfo& to) {
    to.set_task_id(core::value(from.id));
    to.set_kind(static_cast<v1::StartTask::Kind>(from.spec->kind));
    to.set_queue(from.spec->queue);
    to.set_state(static_cast<v1::TaskInfo::State>(from.progress.state));
    to.set_created_ms(from.created_at);
    to.set_ended_ms(from.progress.ended_at);
    to.set_error(from.progress.error);
    to.set_scanned(from.progress.scanned);
    to.set_matched(from.progress.matched);
    to.set_done(from.progress.done);
    to.set_skipped(from.progress.skipped);
    to.set_dry_run(from.spec->dry_run);
    to.set_limit(from.spec->limit);
    to.set_rate(from.spec->rate);
}

}  // namespace

void encode_task_info(core::RequestId request, const core::TaskInfo& task, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    fill_task(task, *frame.mutable_task_info());
    append_frame(frame, out);
}

void encode_task_list(core::RequestId request, const core::TaskList& list, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    frame.mutable_task_list()->set_next(list.next);
    for (const core::TaskInfo& task : list.tasks) {
        fill_task(task, *frame.mutable_task_list()->add_tasks());
    }
    append_frame(frame, out);
}

}  // namespace baton::session
