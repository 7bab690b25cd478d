#include "baton/admin.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/job_convert.hpp"
#include "client/parsed.hpp"
#include "client/proto_convert.hpp"

#include <algorithm>

namespace baton {

using detail::from_proto;
using detail::parsed;

namespace {

/// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
enum Request : std::uint32_t {
    create_queue_request = 20,
    update_queue_request,
    list_queues_request,
    show_queue_request,
    purge_queue_request,
    delete_queue_request,
    peek_request,
    list_failed_request,
    show_failed_request,
    retry_failed_request,
    redrive_request,
    server_status_request = 40,
    backup_request,
    advance_clock_request = 70,
    show_clock_request,
    penalise_request,
    show_job_request = 50,
    change_job_request,
    promote_job_request,
    promote_all_request,
    remove_jobs_request,
    cancel_jobs_request = 80,
    show_dedup_request = 90,
    clear_dedup_request,
};
enum ReplyField : std::uint32_t {
    done_reply = 9,
    queue_info_reply = 20,
    queue_list_reply,
    message_list_reply,
    counted_reply,
    server_status_reply = 40,
    backup_reply,
    clock_reply = 70,
    jobs_removed_reply = 50,
    jobs_cancelled_reply = 81,
    dedup_info_reply = 90,
};

template <typename Request>
void set_job(Request& request, const std::string& queue, const JobName& job) {
    request.set_queue(queue);
    request.set_offset(job.offset());
    request.set_id(job.id());
}

v1::CancelJobs cancel_request(const std::string& queue, std::chrono::milliseconds grace) {
    v1::CancelJobs request;
    request.set_queue(queue);
    request.set_grace_ms(static_cast<std::uint32_t>(std::clamp<std::int64_t>(grace.count(), 0, UINT32_MAX)));
    return request;
}

}  // namespace

Admin::Admin(const Client& client) : core_(client.core()) {}

QueueInfo Admin::create_queue(const std::string& name, const CreateOptions& options) {
    v1::CreateQueue request;
    request.set_name(name);
    request.set_profile(static_cast<v1::Profile>(options.profile));
    detail::to_proto(options.settings, *request.mutable_settings());
    request.set_update(options.update);
    return from_proto(parsed<v1::QueueInfo>(core_->call(create_queue_request, request, queue_info_reply)));
}

QueueInfo Admin::update_queue(const std::string& name, const QueueSettings& settings) {
    v1::UpdateQueue request;
    request.set_name(name);
    detail::to_proto(settings, *request.mutable_settings());
    return from_proto(parsed<v1::QueueInfo>(core_->call(update_queue_request, request, queue_info_reply)));
}

QueueInfo Admin::show_queue(const std::string& name) {
    v1::ShowQueue request;
    request.set_name(name);
    return from_proto(parsed<v1::QueueInfo>(core_->call(show_queue_request, request, queue_info_reply)));
}

QueuePage Admin::list_queues(const std::string& prefix, const std::string& after, std::uint32_t limit) {
    v1::ListQueues request;
    request.set_prefix(prefix);
    request.set_after(after);
    request.set_limit(limit);
    const auto list = parsed<v1::QueueList>(core_->call(list_queues_request, request, queue_list_reply));
    QueuePage page;
    for (const v1::QueueInfo& info : list.queues()) {
        page.queues.push_back(from_proto(info));
    }
    page.next = list.next();
    return page;
}

std::vector<QueueInfo> Admin::list_all_queues(const std::string& prefix) {
    std::vector<QueueInfo> all;
    std::string after;
    do {
        QueuePage page = list_queues(prefix, after, 1'000);
        std::move(page.queues.begin(), page.queues.end(), std::back_inserter(all));
        after = page.next;
    } while (!after.empty());
    return all;
}

Counted Admin::purge_queue(const std::string& name, bool failed, bool completed) {
    v1::PurgeQueue request;
    request.set_name(name);
    request.set_failed(failed);
    request.set_completed(completed);
    return from_proto(parsed<v1::Counted>(core_->call(purge_queue_request, request, counted_reply)));
}

void Admin::delete_queue(const std::string& name) {
    v1::DeleteQueue request;
    request.set_name(name);
    // A repeat after a lost answer would find the queue missing, or delete one that was created since.
    core_->call(delete_queue_request, request, done_reply, false);
}

QueueInfo Admin::pause_queue(const std::string& name) {
    QueueSettings settings;
    settings.paused = true;
    return update_queue(name, settings);
}

QueueInfo Admin::pause_queue(const std::string& name, std::chrono::milliseconds pause) {
    QueueSettings settings;
    settings.pause_for = pause;
    return update_queue(name, settings);
}

QueueInfo Admin::penalise(const std::string& queue, std::chrono::milliseconds penalty) {
    v1::Penalise request;
    request.set_queue(queue);
    request.set_penalty_ms(static_cast<std::uint64_t>(std::max<std::int64_t>(penalty.count(), 0)));
    return from_proto(parsed<v1::QueueInfo>(core_->call(penalise_request, request, queue_info_reply)));
}

QueueInfo Admin::resume_queue(const std::string& name) {
    QueueSettings settings;
    settings.paused = false;
    settings.paused_until_ms = 0;
    return update_queue(name, settings);
}

MessagePage Admin::peek(const std::string& queue, const PeekOptions& options) {
    v1::Peek request;
    request.set_queue(queue);
    request.set_state(static_cast<v1::MessageState>(options.state));
    request.set_cursor(options.cursor);
    request.set_limit(options.limit);
    request.set_group(options.group);
    return from_proto(parsed<v1::MessageList>(core_->call(peek_request, request, message_list_reply)));
}

MessagePage Admin::list_failed(const std::string& queue, const std::string& cursor, std::uint32_t limit) {
    v1::ListFailed request;
    request.set_queue(queue);
    request.set_cursor(cursor);
    request.set_limit(limit);
    return from_proto(parsed<v1::MessageList>(core_->call(list_failed_request, request, message_list_reply)));
}

StoredMessage Admin::show_failed(const std::string& queue, std::uint64_t offset) {
    v1::ShowFailed request;
    request.set_queue(queue);
    request.set_offset(offset);
    auto page = from_proto(parsed<v1::MessageList>(core_->call(show_failed_request, request, message_list_reply)));
    if (page.messages.empty()) {
        throw Exception({ErrorCode::message_not_found, "no failed message has this offset"});
    }
    return std::move(page.messages.front());
}

Counted Admin::retry_failed(const std::string& queue, const RetryOptions& options) {
    v1::RetryFailed request;
    request.set_queue(queue);
    request.mutable_offsets()->Assign(options.offsets.begin(), options.offsets.end());
    request.set_keep_counters(options.keep_counters);
    request.set_completed(options.completed);
    request.mutable_ids()->Assign(options.ids.begin(), options.ids.end());
    return from_proto(parsed<v1::Counted>(core_->call(retry_failed_request, request, counted_reply, false)));
}

Counted Admin::redrive(const std::string& queue, const RedriveOptions& options) {
    v1::Redrive request;
    request.set_queue(queue);
    request.set_destination(options.destination);
    request.set_max_messages(options.max_messages);
    request.set_keep_counters(options.keep_counters);
    return from_proto(parsed<v1::Counted>(core_->call(redrive_request, request, counted_reply, false)));
}

StoredMessage Admin::show_job(const std::string& queue, const JobName& job) {
    v1::ShowJob request;
    set_job(request, queue, job);
    auto page = from_proto(parsed<v1::MessageList>(core_->call(show_job_request, request, message_list_reply)));
    if (page.messages.empty()) {
        throw Exception({ErrorCode::message_not_found, "there is no such message"});
    }
    return std::move(page.messages.front());
}

void Admin::change_job(const std::string& queue, const JobName& job, const JobChange& change) {
    v1::ChangeJob request;
    detail::to_proto(queue, job, change, request);
    core_->call(change_job_request, request, done_reply, false);
}

void Admin::promote_job(const std::string& queue, const JobName& job) {
    v1::PromoteJob request;
    set_job(request, queue, job);
    core_->call(promote_job_request, request, done_reply, false);
}

Counted Admin::promote_all(const std::string& queue) {
    v1::PromoteAll request;
    request.set_queue(queue);
    return from_proto(parsed<v1::Counted>(core_->call(promote_all_request, request, counted_reply, false)));
}

JobsRemoved Admin::remove_jobs(const std::string& queue, const std::vector<std::uint64_t>& offsets) {
    v1::RemoveJobs request;
    request.set_queue(queue);
    request.mutable_offsets()->Assign(offsets.begin(), offsets.end());
    return from_proto(parsed<v1::JobsRemoved>(core_->call(remove_jobs_request, request, jobs_removed_reply, false)));
}

JobsCancelled Admin::cancel_jobs(const std::string& queue, const std::vector<std::uint64_t>& offsets,
                                 std::chrono::milliseconds grace) {
    v1::CancelJobs request = cancel_request(queue, grace);
    request.mutable_offsets()->Assign(offsets.begin(), offsets.end());
    return from_proto(
        parsed<v1::JobsCancelled>(core_->call(cancel_jobs_request, request, jobs_cancelled_reply, false)));
}

JobsCancelled Admin::cancel_jobs_by_id(const std::string& queue, const std::vector<std::string>& ids,
                                       std::chrono::milliseconds grace) {
    v1::CancelJobs request = cancel_request(queue, grace);
    request.mutable_ids()->Assign(ids.begin(), ids.end());
    return from_proto(
        parsed<v1::JobsCancelled>(core_->call(cancel_jobs_request, request, jobs_cancelled_reply, false)));
}

JobsRemoved Admin::remove_jobs_by_id(const std::string& queue, const std::vector<std::string>& ids) {
    v1::RemoveJobs request;
    request.set_queue(queue);
    request.mutable_ids()->Assign(ids.begin(), ids.end());
    return from_proto(parsed<v1::JobsRemoved>(core_->call(remove_jobs_request, request, jobs_removed_reply, false)));
}

DedupInfo Admin::show_dedup(const std::string& queue, const std::string& id) {
    v1::ShowDedup request;
    request.set_queue(queue);
    request.set_id(id);
    const auto reply = parsed<v1::DedupInfo>(core_->call(show_dedup_request, request, dedup_info_reply));
    return {
        {reply.queue_id(), reply.holder()}, static_cast<MessageState>(reply.state()), reply.until_ms(), reply.parked()};
}

void Admin::clear_dedup(const std::string& queue, const std::string& id, std::optional<std::uint64_t> if_holder) {
    v1::ClearDedup request;
    request.set_queue(queue);
    request.set_id(id);
    if (if_holder) {
        request.set_if_holder(*if_holder);
    }
    core_->call(clear_dedup_request, request, done_reply, false);
}

ServerStatus Admin::server_status() {
    return from_proto(
        parsed<v1::ServerStatusReply>(core_->call(server_status_request, v1::ServerStatus{}, server_status_reply)));
}

BackupResult Admin::backup(const std::string& directory) {
    v1::Backup request;
    request.set_directory(directory);
    const auto reply = parsed<v1::BackupReply>(core_->call(backup_request, request, backup_reply, false));
    return {reply.directory(), reply.commit_seq(), reply.bytes(), reply.digest()};
}

ClockState Admin::show_clock() {
    const auto reply = parsed<v1::ClockReply>(core_->call(show_clock_request, v1::ShowClock{}, clock_reply));
    return {reply.now_ms(), reply.is_virtual()};
}

ClockState Admin::advance_clock(std::chrono::milliseconds by) {
    v1::AdvanceClock request;
    request.set_by_ms(static_cast<std::uint64_t>(std::max<std::int64_t>(by.count(), 0)));
    // A repeat after a lost answer would move it twice.
    const auto reply = parsed<v1::ClockReply>(core_->call(advance_clock_request, request, clock_reply, false));
    return {reply.now_ms(), reply.is_virtual()};
}

}  // namespace baton
