#include "server/http/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

namespace baton::http {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric metric_of(double value, bool counter) {
    ClientMetric metric;
    (counter ? metric.counter.value : metric.gauge.value) = value;
    return metric;
}

MetricFamily family_of(const std::string& name, const std::string& help, bool counter) {
    return MetricFamily{name, help, counter ? MetricType::Counter : MetricType::Gauge, {}};
}

class Page {
public:
    void add(const std::string& name, const std::string& help, double value, bool counter) {
        MetricFamily family = family_of(name, help, counter);
        family.metric.push_back(metric_of(value, counter));
        families_.push_back(std::move(family));
    }
    void counter(const char* name, const char* help, std::uint64_t value) {
        add(name, help, static_cast<double>(value), true);
    }
    void gauge(const char* name, const char* help, double value) { add(name, help, value, false); }

    template <typename Value>
    void per_queue(const char* name, const char* help, bool counter, const std::vector<core::QueueInfo>& queues,
                   Value&& value) {
        MetricFamily family = family_of(name, help, counter);
        const std::size_t shown = std::min(queues.size(), metric_queues_max);
        for (std::size_t i = 0; i < shown; ++i) {
            ClientMetric metric = metric_of(static_cast<double>(value(queues[i])), counter);
            metric.label.push_back({"queue", queues[i].name});
            family.metric.push_back(std::move(metric));
        }
        families_.push_back(std::move(family));
    }

    std::string text() const { return prometheus::TextSerializer{}.Serialize(families_); }

private:
    std::vector<MetricFamily> families_;
};

void add_engine(const engine::EngineStatus& status, Page& page) {
    page.counter("baton_rounds_total", "Rounds of the core.", status.rounds);
    page.counter("baton_commits_total", "Commits written.", status.commits);
    page.counter("baton_synced_commits_total", "Commits written and synced.", status.synced_commits);
    page.counter("baton_committed_bytes_total", "Message bytes in commits.", status.committed_bytes);
    page.counter("baton_requests_total", "Requests applied by the core.", status.requests);
    page.counter("baton_effects_total", "Replies and deliveries released.", status.effects);
    page.gauge("baton_last_commit_seconds", "How long the last commit took.",
               static_cast<double>(status.last_commit_us) / 1e6);
    page.gauge("baton_max_commit_seconds", "The longest commit since the start.",
               static_cast<double>(status.max_commit_us) / 1e6);
    page.gauge("baton_commit_in_flight_seconds", "Age of the commit on its way to disk; 0 when none.",
               static_cast<double>(status.commit_in_flight_us) / 1e6);
    page.gauge("baton_timer_late_seconds", "How late the earliest due timer is.",
               static_cast<double>(status.timer_late_ms) / 1e3);
    page.gauge("baton_inbox_bytes", "Message bytes waiting for the core.", static_cast<double>(status.inbox_bytes));
    page.gauge("baton_space_state", "Free space of the disk: 0 ample, 1 low, 2 critical.",
               static_cast<double>(static_cast<int>(status.space)));
    page.gauge("baton_queues", "Queues.", static_cast<double>(status.queues));
    page.gauge("baton_broker_time_seconds", "Broker time, seconds since 1970.",
               static_cast<double>(status.broker_time) / 1e3);
}

void add_queues(const std::vector<core::QueueInfo>& queues, Page& page) {
    using Info = core::QueueInfo;
    page.per_queue("baton_queue_waiting", "Messages ready for delivery.", false, queues,
                   [](const Info& queue) { return queue.waiting; });
    page.per_queue("baton_queue_prioritized", "Messages that wait with a priority.", false, queues,
                   [](const Info& queue) { return queue.prioritized; });
    page.per_queue("baton_queue_waiting_children", "Parents of flows that wait for children.", false, queues,
                   [](const Info& queue) { return queue.waiting_children; });
    page.per_queue("baton_queue_grouped", "Messages that wait in groups.", false, queues,
                   [](const Info& queue) { return queue.grouped; });
    page.per_queue("baton_queue_delayed", "Messages waiting for their time.", false, queues,
                   [](const Info& queue) { return queue.delayed; });
    page.per_queue("baton_queue_leased", "Messages with a consumer.", false, queues,
                   [](const Info& queue) { return queue.leased; });
    page.per_queue("baton_queue_failed", "Messages in the failed set.", false, queues,
                   [](const Info& queue) { return queue.failed; });
    page.per_queue("baton_queue_bytes", "Bytes of the messages that wait, are delayed or leased.", false, queues,
                   [](const Info& queue) { return queue.live_bytes; });
    page.per_queue("baton_queue_oldest_waiting_seconds", "Age of the oldest waiting message.", false, queues,
                   [](const Info& queue) { return static_cast<double>(queue.oldest_waiting_ms) / 1e3; });
    page.per_queue("baton_queue_consumers", "Open consumers.", false, queues,
                   [](const Info& queue) { return queue.consumers; });
    page.per_queue("baton_queue_produced_total", "Messages stored.", true, queues,
                   [](const Info& queue) { return queue.totals.produced; });
    page.per_queue("baton_queue_acked_total", "Messages acked.", true, queues,
                   [](const Info& queue) { return queue.totals.acked; });
    page.per_queue("baton_queue_redelivered_total", "Deliveries beyond the first.", true, queues,
                   [](const Info& queue) { return queue.totals.redelivered; });
    page.per_queue("baton_queue_dead_lettered_total", "Messages that exhausted a cap or were rejected.", true, queues,
                   [](const Info& queue) { return queue.totals.dead_lettered; });
    page.per_queue("baton_queue_expired_total", "Messages that outlived their time to live.", true, queues,
                   [](const Info& queue) { return queue.totals.expired; });
    page.per_queue("baton_queue_dropped_total", "Messages dropped by the length limit.", true, queues,
                   [](const Info& queue) { return queue.totals.dropped; });
}

}  // namespace

std::string render_metrics(const MetricsInput& input) {
    Page page;
    page.gauge("baton_ready", "1 when the daemon is ready.", input.ready ? 1 : 0);
    add_engine(input.engine, page);
    for (const ExtraMetric& extra : input.extra) {
        page.add(extra.name, extra.help, extra.value, extra.counter);
    }
    page.gauge(
        "baton_queues_without_series", "Queues left out of the series below.",
        input.queues.size() > metric_queues_max ? static_cast<double>(input.queues.size() - metric_queues_max) : 0);
    add_queues(input.queues, page);
    return page.text();
}

}  // namespace baton::http
