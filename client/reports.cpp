// What running work says of itself, and who reads it.
#include "baton/admin.hpp"
#include "baton/batch.hpp"
#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/consumer_core.hpp"
#include "client/parsed.hpp"

namespace baton {

using detail::parsed;

namespace {

// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
constexpr std::uint32_t set_progress_request = 110, append_log_request = 111, clear_log_request = 112,
                        set_data_request = 113, list_log_request = 114, wait_children_request = 133;
constexpr std::uint32_t report_taken_reply = 9, log_bounds_reply = 111, log_page_reply = 114,
                        children_awaited_reply = 133;

/// A request about the one message of a batch.
template <typename Request>
Request report_of(const Batch& batch) {
    const detail::Token& token = batch.frame()->token;
    Request request;
    request.mutable_token()->set_epoch(token.epoch);
    request.mutable_token()->set_queue_id(token.queue_id);
    request.mutable_token()->set_batch(token.batch);
    request.set_offset(batch[0].offset());
    return request;
}

LogBounds log_bounds(const std::string& reply) {
    const auto bounds = parsed<v1::LogBounds>(reply);
    return {bounds.lines(), bounds.next_line()};
}

}  // namespace

void Received::set_progress(const std::string& value) const {
    auto request = report_of<v1::SetProgress>(batch_);
    request.set_value(value);
    batch_.consumer()->client()->call(set_progress_request, request, report_taken_reply);
}

LogBounds Received::append_log(const std::vector<std::string>& lines) const {
    auto request = report_of<v1::AppendLog>(batch_);
    for (const std::string& line : lines) {
        request.add_lines(line);
    }
    return log_bounds(batch_.consumer()->client()->call(append_log_request, request, log_bounds_reply, false));
}

LogBounds Received::clear_log(std::uint64_t keep) const {
    auto request = report_of<v1::ClearLog>(batch_);
    request.set_keep(keep);
    return log_bounds(batch_.consumer()->client()->call(clear_log_request, request, log_bounds_reply));
}

void Received::set_data(const Message& data) const {
    auto request = report_of<v1::SetData>(batch_);
    v1::Entry& entry = *request.mutable_entry();
    entry.set_payload(data.payload);
    entry.set_name(data.name);
    for (const Header& header : data.headers) {
        v1::Header& out = *entry.add_headers();
        out.set_key(header.key);
        out.set_value(header.value);
    }
    batch_.consumer()->client()->call(set_data_request, request, report_taken_reply);
}

ChildrenWait Received::wait_for_children() const {
    const auto request = report_of<v1::WaitChildren>(batch_);
    v1::ChildrenAwaited awaited;
    try {
        const std::string reply =
            batch_.consumer()->client()->call(wait_children_request, request, children_awaited_reply);
        if (!awaited.ParseFromString(reply)) {
            throw Exception({ErrorCode::protocol_violation, "the server's answer makes no sense"});
        }
    } catch (const Exception& refused) {
        if (refused.code() != ErrorCode::already_settled) {
            throw;
        }
        awaited.set_verdict(v1::ChildrenAwaited::WAITS);  // By this request, whose first answer was lost.
    }
    const auto verdict = static_cast<ChildrenWait>(awaited.verdict());
    if (verdict != ChildrenWait::go_on) {
        batch_.consumer()->settled_in_transaction(batch_);
    }
    return verdict;
}

LogPage Admin::logs(const std::string& queue, const JobName& job, const LogOptions& options) {
    v1::ListLog request;
    request.set_queue(queue);
    request.set_offset(job.offset());
    request.set_id(job.id());
    if (options.from_line) {
        request.set_from_line(*options.from_line);
    }
    request.set_newest_first(options.newest_first);
    request.set_limit(options.limit);
    const auto page = parsed<v1::LogPage>(core_->call(list_log_request, request, log_page_reply));
    LogPage out;
    out.total = page.total();
    for (const v1::LogPage::Line& line : page.lines()) {
        out.lines.push_back({line.number(), line.at_ms(), line.text()});
    }
    if (page.next() != 0) {
        out.next = page.next();
    }
    return out;
}

}  // namespace baton
