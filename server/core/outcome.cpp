#include "server/core/outcome.hpp"

#include "server/core/event_log.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_wait.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

namespace {

EventType event_of(JobOutcome outcome) {
    switch (outcome) {
        case JobOutcome::completed:
            return EventType::completed;
        case JobOutcome::failed:
            return EventType::failed;
        case JobOutcome::removed:
            return EventType::removed;
        case JobOutcome::expired:
            return EventType::expired;
        case JobOutcome::dead_lettered:
            return EventType::dead_lettered;
        case JobOutcome::dropped:
            return EventType::dropped;
        case JobOutcome::cancelled:
            return EventType::cancelled;
        case JobOutcome::timeout:
        case JobOutcome::gone:
            break;
    }
    return EventType::removed;
}

}  // namespace

void ended(State& state, Queue& queue, const Ending& ending, Round& round) {
    add_event(state, queue, event_of(ending.outcome), ending.first, ending.count, round,
              ending.text.empty() ? nullptr : event_text(ending.text));
    const bool kept = ending.outcome == JobOutcome::failed ||
                      (ending.outcome == JobOutcome::completed && queue.settings.keep_completed);
    if (!kept) {
        forget_reports(queue, {ending.first, ending.count}, round);
    }
    if (!queue.waits.empty()) {
        answer_waits(state, queue, ending, round);
    }
    if (queue.flows.any()) {
        flows_hear(state, queue, ending, round);
    }
}

}  // namespace baton::core
