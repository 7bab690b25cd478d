// What is seen of a queue from outside.

#include "server/core/monitor_limits.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/page_cursor.hpp"

#include <baton/v1/monitor.pb.h>
#include <baton/v1/wire.pb.h>

#include <utility>

namespace baton::session {

namespace {

Fault decode_list_consumers(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListConsumers>(body, "list_consumers", [&out](const v1::ListConsumers& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "list_consumers.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.limit(), 0, core::limits::page_messages_max, "list_consumers.limit")) {
            return fault;
        }
        core::ListConsumers list{from.queue(), {}, from.limit() == 0 ? 100 : from.limit()};
        if (!from.cursor().empty()) {
            list.after = read_consumer_cursor(from.cursor());
            if (!list.after) {
                return invalid("list_consumers.cursor", "was not given by this server");
            }
        }
        out = std::move(list);
        return {};
    });
}

Fault decode_count_priorities(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CountPriorities>(body, "count_priorities", [&out](const v1::CountPriorities& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "count_priorities.queue")) {
            return fault;
        }
        const auto count = static_cast<std::uint64_t>(from.priorities_size());
        if (auto fault =
                check_range(count, 1, core::limits::priorities_per_request_max, "count_priorities.priorities")) {
            return fault;
        }
        for (const std::uint32_t priority : from.priorities()) {
            if (auto fault = check_range(priority, 0, core::limits::priority_max, "count_priorities.priorities")) {
                return fault;
            }
        }
        out = core::CountPriorities{from.queue(), {from.priorities().begin(), from.priorities().end()}};
        return {};
    });
}

Fault decode_show_metrics(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ShowMetrics>(body, "show_metrics", [&out](const v1::ShowMetrics& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "show_metrics.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.skip(), 0, core::limits::job_minutes_max - 1, "show_metrics.skip")) {
            return fault;
        }
        if (auto fault = check_range(from.minutes(), 0, core::limits::job_minutes_max, "show_metrics.minutes")) {
            return fault;
        }
        out = core::ShowMetrics{from.queue(), from.skip(), from.minutes() == 0 ? 60 : from.minutes()};
        return {};
    });
}

}  // namespace

Fault decode_monitor_body(std::uint64_t field, std::string_view body, core::RequestBody& out, bool& known) {
    switch (field) {
        case v1::ClientFrame::kListConsumers:
            return decode_list_consumers(body, out);
        case v1::ClientFrame::kCountPriorities:
            return decode_count_priorities(body, out);
        case v1::ClientFrame::kShowMetrics:
            return decode_show_metrics(body, out);
        default:
            known = false;
            return {};
    }
}

}  // namespace baton::session
