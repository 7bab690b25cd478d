#include "baton/tasks.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/parsed.hpp"
#include "client/proto_convert.hpp"

#include <algorithm>
#include <thread>

namespace baton {

using detail::parsed;

namespace {

// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
constexpr std::uint32_t start_task_request = 116, list_tasks_request = 117, show_task_request = 118,
                        cancel_task_request = 119, list_jobs_request = 150;
constexpr std::uint32_t jobs_listed_reply = 22, task_info_reply = 116, task_list_reply = 117;

constexpr std::chrono::milliseconds first_look{5}, last_look{500};

void to_proto(const JobFilter& filter, v1::JobFilter& out) {
    for (const MessageState state : filter.states) {
        out.add_states(static_cast<v1::MessageState>(state));
    }
    out.set_name(filter.name);
    out.set_error_class(filter.error_class);
    out.set_id_prefix(filter.id_prefix);
    out.set_stored_from_ms(filter.stored_from_ms);
    out.set_stored_before_ms(filter.stored_before_ms);
    out.set_ended_from_ms(filter.ended_from_ms);
    out.set_ended_before_ms(filter.ended_before_ms);
    for (const Header& header : filter.headers) {
        v1::Header& one = *out.add_headers();
        one.set_key(header.key);
        one.set_value(header.value);
    }
}

TaskInfo task_from(const v1::TaskInfo& in) {
    TaskInfo out;
    out.id = in.task_id();
    out.kind = static_cast<TaskKind>(in.kind());
    out.queue = in.queue();
    out.state = static_cast<TaskState>(in.state());
    out.created_ms = in.created_ms();
    out.ended_ms = in.ended_ms();
    out.error = in.error();
    out.scanned = in.scanned();
    out.matched = in.matched();
    out.done = in.done();
    out.skipped = in.skipped();
    out.dry_run = in.dry_run();
    return out;
}

}  // namespace

const char* to_text(TaskKind kind) {
    switch (kind) {
        case TaskKind::drain:
            return "drain";
        case TaskKind::clean:
            return "clean";
        case TaskKind::obliterate:
            return "obliterate";
        case TaskKind::retry:
            return "retry";
        case TaskKind::remove:
            return "remove";
        case TaskKind::promote:
            return "promote";
        case TaskKind::unknown:
            break;
    }
    return "unknown";
}

const char* to_text(TaskState state) {
    switch (state) {
        case TaskState::running:
            return "running";
        case TaskState::done:
            return "done";
        case TaskState::cancelled:
            return "cancelled";
        case TaskState::failed:
            return "failed";
        case TaskState::unknown:
            break;
    }
    return "unknown";
}

Tasks::Tasks(const Client& client) : core_(client.core()) {}

MessagePage Tasks::list_jobs(const std::string& queue, const JobFilter& filter, const std::string& cursor,
                             std::uint32_t limit) {
    v1::ListJobs request;
    request.set_queue(queue);
    to_proto(filter, *request.mutable_filter());
    request.set_cursor(cursor);
    request.set_limit(limit);
    return detail::from_proto(parsed<v1::MessageList>(core_->call(list_jobs_request, request, jobs_listed_reply)));
}

TaskInfo Tasks::start(TaskKind kind, const std::string& queue, const TaskOptions& options) {
    v1::StartTask request;
    request.set_kind(static_cast<v1::StartTask::Kind>(kind));
    request.set_queue(queue);
    to_proto(options.filter, *request.mutable_filter());
    request.set_grace_ms(static_cast<std::uint64_t>(std::max<std::int64_t>(options.grace.count(), 0)));
    request.set_limit(options.limit);
    request.set_rate(options.rate);
    request.set_dry_run(options.dry_run);
    request.set_keep_counters(options.keep_counters);
    request.set_force(options.force);
    // A repeat after a lost answer would start another one.
    return task_from(parsed<v1::TaskInfo>(core_->call(start_task_request, request, task_info_reply, false)));
}

TaskInfo Tasks::show(std::uint64_t id) {
    v1::ShowTask request;
    request.set_task_id(id);
    return task_from(parsed<v1::TaskInfo>(core_->call(show_task_request, request, task_info_reply)));
}

TaskInfo Tasks::cancel(std::uint64_t id) {
    v1::CancelTask request;
    request.set_task_id(id);
    return task_from(parsed<v1::TaskInfo>(core_->call(cancel_task_request, request, task_info_reply)));
}

TaskPage Tasks::list(const std::string& queue, std::uint64_t after, std::uint32_t limit) {
    v1::ListTasks request;
    request.set_queue(queue);
    request.set_after(after);
    request.set_limit(limit);
    const auto list = parsed<v1::TaskList>(core_->call(list_tasks_request, request, task_list_reply));
    TaskPage page;
    for (const v1::TaskInfo& task : list.tasks()) {
        page.tasks.push_back(task_from(task));
    }
    page.next = list.next();
    return page;
}

TaskInfo Tasks::wait(std::uint64_t id, std::chrono::milliseconds timeout) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    auto pause = first_look;
    while (true) {
        TaskInfo task = show(id);
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (task.state != TaskState::running || left.count() <= 0) {
            return task;
        }
        std::this_thread::sleep_for(std::min(pause, left));
        pause = std::min(pause * 2, last_look);
    }
}

}  // namespace baton
