#include "tests/simulation/coverage_watch.hpp"

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <utility>

namespace baton::simulation {

using namespace core;

CoverageWatch::Seen& CoverageWatch::seen(QueueId queue, Offset offset) {
    std::vector<Seen>& all = queues_[value(queue)];
    if (all.size() <= offset) {
        all.resize(offset + 1);
    }
    return all[offset];
}

Standing CoverageWatch::standing(QueueId queue, Offset offset) const {
    const auto found = queues_.find(value(queue));
    return found == queues_.end() || found->second.size() <= offset ? Standing::none : found->second[offset].standing;
}

QueueId CoverageWatch::queue_named(const std::string& name) const {
    const auto found =
        std::find_if(names_.rbegin(), names_.rend(), [&](const auto& one) { return one.second == name; });
    return found == names_.rend() ? QueueId{} : QueueId{found->first};
}

void CoverageWatch::committed(const std::vector<Mutation>& mutations, std::uint64_t commit,
                              std::uint64_t durable_through) {
    // Unsynced commits become durable together, with the next synced one.
    if (!undo_.empty() && undo_.back().commit <= durable_through) {
        undo_.clear();
    }
    commit_ = commit;
    facts_ = CommitFacts{};
    facts_.gather(mutations);
    for (const auto& [id, name] : facts_.named_queues()) {
        names_[value(id)] = name;
    }
    for (const TrimFinished& trim : facts_.trims()) {
        for (const OffsetRange& range : trim.records) {
            for (Offset offset = range.first; offset < range.first + range.count; ++offset) {
                const Standing from = standing(trim.id, offset);
                if (from == Standing::completed || from == Standing::failed) {
                    enter(trim.id, offset, {from, Trigger::retention, Standing::gone}, true);
                }
            }
        }
    }
    for (const PutEvents& put : facts_.events()) {
        read(put);
    }
    for (const CommitFacts::Parking& parking : facts_.parkings()) {
        told(parking.queue, parking.holder, Standing::none, Trigger::key_taken, Standing::parked);
    }
    for (const QueueId queue : facts_.removed_queues()) {
        all_gone(queue, Trigger::delete_queue,
                 {Standing::waiting, Standing::prioritized, Standing::delayed, Standing::active,
                  Standing::waiting_children, Standing::completed, Standing::failed});
    }
}

void CoverageWatch::read(const PutEvents& put) {
    for (const Event& event : put.chunk->events) {
        if (event.type == EventType::purged) {
            purged(put.id);
        }
        for (std::uint32_t i = 0; i < event.count; ++i) {
            happened(put.id, event.first + i, event, put.chunk->at);
        }
    }
}

void CoverageWatch::happened(QueueId queue, Offset offset, const Event& event, TimeMs at) {
    const Seen before = seen(queue, offset);
    std::optional<Step> step = step_of(queue, offset, before, event, at);
    if (!step) {
        return;
    }
    if (row_of(step->from, step->trigger, step->to) == no_row && before.standing == Standing::active &&
        before.stopped) {
        // A restart forgets who held it, and may say nothing of that.
        const Standing waits = before.ranked ? Standing::prioritized : Standing::waiting;
        enter(queue, offset, {Standing::active, Trigger::restart, waits}, true);
        step = step_of(queue, offset, seen(queue, offset), event, at);
    }
    const Row row = row_of(step->from, step->trigger, step->to);
    const bool known = row != no_row && transitions()[row].never == nullptr;
    if (!known) {
        coverage_.strange(to_text(Transition{step->from, step->trigger, step->to}) + " of message " +
                          std::to_string(offset) + " of " + names_[value(queue)] + " in commit " +
                          std::to_string(commit_));
    }
    enter(queue, offset, *step, known);
}

void CoverageWatch::enter(QueueId queue, Offset offset, const Step& step, bool known) {
    if (trace_) {
        std::printf("  message %llu of %s: %s\n", static_cast<unsigned long long>(offset), names_[value(queue)].c_str(),
                    to_text(Transition{step.from, step.trigger, step.to}).c_str());
    }
    Seen& one = seen(queue, offset);
    const Row row = known ? row_of(step.from, step.trigger, step.to) : no_row;
    undo_.push_back({commit_, queue, offset, one, row});
    one.standing = step.to == Standing::unchanged ? one.standing : step.to;
    one.stopped = false;
    one.last = row;
    one.ranked = one.standing == Standing::prioritized || (one.ranked && one.standing == Standing::active);
    if (one.standing == Standing::delayed) {
        one.due = facts_.known(queue, offset).due;
    }
    if (row != no_row) {
        coverage_.seen(row);
    }
}

void CoverageWatch::told(QueueId queue, Offset offset, Standing from, Trigger trigger, Standing what) {
    const Row row = row_of(from, trigger, what);
    if (row == no_row) {
        return;
    }
    Seen& one = seen(queue, offset);
    undo_.push_back({commit_, queue, offset, one, row});
    one.last = row;
    coverage_.seen(row);
}

void CoverageWatch::all_gone(QueueId queue, Trigger trigger, std::initializer_list<Standing> which) {
    const auto found = queues_.find(value(queue));
    for (Offset offset = 0; found != queues_.end() && offset < found->second.size(); ++offset) {
        const Standing from = found->second[offset].standing;
        if (std::find(which.begin(), which.end(), from) != which.end()) {
            enter(queue, offset, {from, trigger, Standing::gone}, true);
        }
    }
}

void CoverageWatch::purged(QueueId queue) {
    all_gone(queue, Trigger::purge,
             {Standing::waiting, Standing::prioritized, Standing::delayed, Standing::waiting_children});
    if (facts_.swept(queue, Lane::failed)) {
        all_gone(queue, Trigger::purge, {Standing::failed});
    }
    if (facts_.swept(queue, Lane::completed)) {
        all_gone(queue, Trigger::purge, {Standing::completed});
    }
}

void CoverageWatch::crashed(std::uint64_t last_commit) {
    for (; !undo_.empty() && undo_.back().commit > last_commit; undo_.pop_back()) {
        const Undo& lost = undo_.back();
        seen(lost.queue, lost.offset) = lost.before;
        if (lost.counted != no_row) {
            coverage_.taken_back(lost.counted);
        }
    }
    undo_.clear();
    for (auto& [queue, all] : queues_) {
        for (Seen& one : all) {
            if (one.last != no_row) {
                coverage_.stopped_behind(one.last);
                one.last = no_row;
            }
            one.stopped = true;
        }
    }
}

}  // namespace baton::simulation
