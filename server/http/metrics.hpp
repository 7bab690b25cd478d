#pragma once
// The daemon's numbers in the text format of Prometheus.

#include "server/core/effect.hpp"
#include "server/engine/engine.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace baton::http {

/// A number that another part of the daemon adds, such as the session layer.
struct ExtraMetric {
    std::string name;
    std::string help;
    double value = 0;
    /// Only rises.
    bool counter = false;
};

/// Series for more queues than this would cost the scraper more than they tell; the totals count all of them.
inline constexpr std::size_t metric_queues_max = 1'000;

struct MetricsInput {
    engine::EngineStatus engine;
    std::vector<core::QueueInfo> queues;
    std::vector<ExtraMetric> extra;
    bool ready = false;
};
/// The whole page.
std::string render_metrics(const MetricsInput& input);

}  // namespace baton::http
