// Background tasks on the sets of finished jobs: what a filter means is done, through restarts, and nothing else.
#include "server/core/limits.hpp"
#include "tests/simulation/finished.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <set>
#include <variant>

namespace baton::simulation {

using namespace core;

std::vector<Offset> FinishedSimulation::meant_by(const JobFilter& filter) const {
    std::vector<Offset> meant;
    for (const auto* set : {&failed_, &completed_}) {
        const MessageState state = set == &failed_ ? MessageState::failed : MessageState::completed;
        for (const Ended& one : *set) {
            const auto its_class = error_classes_.find(one.offset);
            const bool of_class = filter.error_class.empty() ||
                                  (its_class != error_classes_.end() && its_class->second == filter.error_class);
            if (of_class && (filter.states & state_bit(state)) != 0) {
                meant.push_back(one.offset);
            }
        }
    }
    return meant;
}

bool FinishedSimulation::none_too_old(DurationMs within) const {
    const auto stays = [&](const std::deque<Ended>& set, const Retention& keep) {
        return set.empty() || keep.age_ms == 0 || set.front().at + keep.age_ms > driver_.now() + within;
    };
    return stays(completed_, settings_.completed_retention) && stays(failed_, settings_.failed_retention);
}

TaskSpec FinishedSimulation::random_task() {
    auto filter = std::make_shared<JobFilter>();
    TaskSpec spec;
    spec.queue = queue_name_;
    spec.kind = prng_.chance(300) ? TaskKind::retry : prng_.chance(500) ? TaskKind::remove : TaskKind::clean;
    filter->states = state_bit(MessageState::failed);
    if (spec.kind != TaskKind::retry && prng_.chance(600)) {
        filter->states |= state_bit(MessageState::completed);
    }
    if (prng_.chance(700)) {
        filter->error_class = prng_.chance(500) ? "net.down" : "http.404";
    }
    spec.filter = std::move(filter);
    spec.dry_run = prng_.chance(150);
    if (spec.kind != TaskKind::retry && prng_.chance(500) && none_too_old(20'000)) {
        spec.rate = 1 + prng_.below32(3);
    }
    return spec;
}

TaskProgress FinishedSimulation::task_progress(TaskId id) {
    const ReplyBody body = ask(ShowTask{id});
    const auto* task = std::get_if<TaskInfoPtr>(&body);
    if (task == nullptr) {
        findings_.add("tasks", "a task is told as " + tests::to_text(body));
        return {};
    }
    return (*task)->progress;
}

void FinishedSimulation::task_done(const TaskSpec& spec, const std::vector<Offset>& meant) {
    const std::set<Offset> gone(meant.begin(), meant.end());
    for (std::deque<Ended>* set : {&failed_, &completed_}) {
        std::erase_if(*set, [&](const Ended& one) { return gone.contains(one.offset); });
    }
    for (const Offset offset : meant) {
        if (spec.kind == TaskKind::retry) {
            last_ends_.erase(offset);
        } else {
            last_ends_[offset] = EventType::removed;
        }
    }
}

void FinishedSimulation::run_task() {
    rest();
    const TaskSpec spec = random_task();
    const std::vector<Offset> meant = meant_by(*spec.filter);
    const ReplyBody body = ask(StartTask{spec});
    const auto* task = std::get_if<TaskInfoPtr>(&body);
    if (task == nullptr) {
        findings_.add("tasks", "the start of a task was answered " + tests::to_text(body));
        return;
    }
    const TaskId id = (*task)->id;
    TaskProgress progress = task_progress(id);
    for (int seconds = 0; progress.state == TaskState::running && seconds < 20 && findings_.none(); ++seconds) {
        if (prng_.chance(200)) {
            crash();
        }
        driver_.advance(1'000);
        settle();
        progress = task_progress(id);
    }
    if (!findings_.none()) {
        return;
    }
    const bool all = progress.state == TaskState::done && progress.matched == meant.size() && progress.skipped == 0 &&
                     progress.done == (spec.dry_run ? 0 : meant.size());
    if (!all) {
        findings_.add("tasks", "a task on " + std::to_string(meant.size()) + " jobs says that it did " +
                                   std::to_string(progress.done) + " of " + std::to_string(progress.matched));
    }
    if (!spec.dry_run) {
        task_done(spec, meant);
    }
}

}  // namespace baton::simulation
