// What is seen of a queue from outside.
#include "baton/monitor.hpp"

#include "baton/admin.hpp"
#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/parsed.hpp"

#include <algorithm>

namespace baton {

using detail::parsed;

namespace {

/// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame: each pair at the same place.
enum Monitor : std::uint32_t { consumers_field = 151, priorities_field, metrics_field };

ConsumerInfo consumer_from(const v1::ConsumerInfo& from) {
    ConsumerInfo to;
    to.worker = from.worker();
    to.client = from.client();
    to.session = from.session_id();
    to.consumer = from.consumer_id();
    to.connection = from.connection();
    to.session_ends_ms = from.session_ends_ms();
    to.declared_ms = from.declared_ms();
    to.credit_messages = from.credit_messages();
    to.credit_bytes = from.credit_bytes();
    to.in_flight_messages = from.in_flight_messages();
    to.in_flight_bytes = from.in_flight_bytes();
    to.waiting_fetches = from.waiting_fetches();
    to.lease_ms = from.lease_ms();
    return to;
}

}  // namespace

ConsumerPage Admin::list_consumers(const std::string& queue, const std::string& cursor, std::uint32_t limit) {
    v1::ListConsumers request;
    request.set_queue(queue);
    request.set_cursor(cursor);
    request.set_limit(limit);
    const auto list = parsed<v1::ConsumerList>(core_->call(consumers_field, request, consumers_field));
    ConsumerPage page;
    for (const v1::ConsumerInfo& consumer : list.consumers()) {
        page.consumers.push_back(consumer_from(consumer));
    }
    page.next = list.next();
    page.now_ms = list.now_ms();
    return page;
}

std::vector<std::uint64_t> Admin::count_priorities(const std::string& queue,
                                                   const std::vector<std::uint32_t>& priorities,
                                                   std::chrono::milliseconds timeout) {
    v1::CountPriorities request;
    request.set_queue(queue);
    request.mutable_priorities()->Assign(priorities.begin(), priorities.end());
    const auto counts =
        parsed<v1::PriorityCounts>(core_->call(priorities_field, request, priorities_field, true, timeout));
    if (counts.ready_size() != static_cast<int>(priorities.size())) {
        throw Exception({ErrorCode::protocol_violation, "the server's answer makes no sense"});
    }
    return {counts.ready().begin(), counts.ready().end()};
}

JobMetrics Admin::job_metrics(const std::string& queue, const MetricsOptions& options) {
    v1::ShowMetrics request;
    request.set_queue(queue);
    request.set_skip(options.skip);
    request.set_minutes(options.minutes);
    const auto said = parsed<v1::JobMetrics>(core_->call(metrics_field, request, metrics_field));
    JobMetrics metrics{said.newest_ms(), {}, said.completed_total(), said.failed_total()};
    for (int i = 0; i < std::min(said.completed_size(), said.failed_size()); ++i) {
        metrics.minutes.push_back({said.completed(i), said.failed(i)});
    }
    return metrics;
}

}  // namespace baton
