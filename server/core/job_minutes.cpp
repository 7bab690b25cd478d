#include "server/core/job_minutes.hpp"

#include "server/core/limits.hpp"
#include "server/core/monitor_limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

std::int64_t minute_of(TimeMs at) { return at / 60'000; }

/// The running minute with what ended and is not noted yet.
JobMinute running_minute(const Queue& queue, TimeMs now) {
    const QueueTotals& totals = queue.totals;
    JobMinute minute = totals.minute;
    if (minute.minute != minute_of(now)) {
        minute = JobMinute{minute_of(now)};
    }
    minute.completed += totals.acked - queue.minutes.completed_noted;
    minute.failed += totals.failed - queue.minutes.failed_noted;
    return minute;
}

bool any(const JobMinute& minute) { return minute.completed != 0 || minute.failed != 0; }

}  // namespace

void note_minute(Queue& queue, TimeMs now, Round& round) {
    JobMinutes& minutes = queue.minutes;
    QueueTotals& totals = queue.totals;
    const bool ended = totals.acked != minutes.completed_noted || totals.failed != minutes.failed_noted;
    if (queue.profile != Profile::job || !ended) {
        return;
    }
    const JobMinute running = running_minute(queue, now);
    if (running.minute != totals.minute.minute && any(totals.minute)) {
        minutes.passed.push_back(totals.minute);
        const std::int64_t first = running.minute - limits::job_minutes_max;
        while (!minutes.passed.empty() && minutes.passed.front().minute <= first) {
            minutes.passed.pop_front();
        }
        round.mutations.push_back(PutJobMinutes{queue.ns, queue.id, minutes.passed});
    }
    totals.minute = running;
    minutes.completed_noted = totals.acked;
    minutes.failed_noted = totals.failed;
}

void apply_show_metrics(State& state, const Request& request, TimeMs now, Round& round) {
    const ShowMetrics& show = std::get<ShowMetrics>(request.body);
    const Queue* queue = state.find(request.ns, show.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(show.queue), round);
        return;
    }
    if (queue->profile != Profile::job) {
        refuse(request, RefusalCode::wrong_profile, "only queues of profile job count their jobs by the minute",
               "queue", round);
        return;
    }
    const std::uint32_t skip = std::min(show.skip, limits::job_minutes_max);
    const std::int64_t newest = minute_of(now) - skip;
    JobMetrics out{newest * 60'000, {}, {}, queue->totals.acked, queue->totals.failed};
    const std::uint32_t points = std::min(show.minutes, limits::job_minutes_max - skip);
    out.completed.resize(points);
    out.failed.resize(points);
    const auto put = [&](const JobMinute& minute) {
        const std::int64_t at = newest - minute.minute;
        if (at >= 0 && at < points) {
            out.completed[static_cast<std::size_t>(at)] = minute.completed;
            out.failed[static_cast<std::size_t>(at)] = minute.failed;
        }
    };
    std::for_each(queue->minutes.passed.begin(), queue->minutes.passed.end(), put);
    // It is the running one unless nothing ended since.
    put(queue->totals.minute);
    if (const JobMinute running = running_minute(*queue, now); any(running)) {
        put(running);
    }
    reply(request, std::move(out), round);
}

}  // namespace baton::core
