#include "server/core/why.hpp"

#include "server/core/allowance.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/pump.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

Obstacle::Kind obstacle_of(Hold hold) {
    switch (hold) {
        case Hold::paused:
            return Obstacle::Kind::paused;
        case Hold::paused_until:
            return Obstacle::Kind::paused_until;
        case Hold::penalty:
            return Obstacle::Kind::penalty;
        case Hold::rate:
            return Obstacle::Kind::rate;
        case Hold::in_flight:
            return Obstacle::Kind::in_flight;
        case Hold::restart:
            return Obstacle::Kind::restart;
        case Hold::retry:
            return Obstacle::Kind::retry;
        case Hold::none:
            break;
    }
    return {};
}

class ObstacleSearch {
public:
    using Kind = Obstacle::Kind;

    ObstacleSearch(const State& state, const Queue& queue, TimeMs now) : state_(state), queue_(queue), now_(now) {}

    void whole_queue();
    void job(const FoundJob& job);
    std::vector<Obstacle> take() { return std::move(found_); }

private:
    void add(Kind kind, TimeMs until = 0, std::uint64_t count = 0, std::string name = {}) {
        found_.push_back({kind, until, count, std::move(name)});
    }
    void queue_holds();
    void consumers();
    void groups();
    void leased(const FoundJob& job);
    void waiting(const FoundJob& job);

    const State& state_;
    const Queue& queue_;
    TimeMs now_;
    std::vector<Obstacle> found_;
};

void ObstacleSearch::queue_holds() {
    if (!state_.delivering) {
        add(Kind::draining);
    }
    for (const Allowance& hold : holds_of(queue_, now_)) {
        add(obstacle_of(hold.hold), hold.until, hold.hold == Hold::in_flight ? queue_.settings.max_in_flight : 0);
    }
}

void ObstacleSearch::consumers() {
    if (queue_.consumers.empty()) {
        add(Kind::no_consumer);
        return;
    }
    const auto count = static_cast<std::uint64_t>(queue_.consumers.size());
    const auto connected = [](const Consumer* consumer) { return value(consumer->connection) != 0; };
    const auto wanting = [this](const Consumer* consumer) { return want_of(queue_, *consumer).messages != 0; };
    if (std::none_of(queue_.consumers.begin(), queue_.consumers.end(), connected)) {
        add(Kind::consumers_away, 0, count);
    } else if (std::none_of(queue_.consumers.begin(), queue_.consumers.end(), wanting)) {
        add(Kind::credit_used, 0, count);
    }
}

void ObstacleSearch::groups() {
    const bool grouped_only = queue_.groups && queue_.grouped_waiting() == queue_.waiting_count();
    if (!grouped_only || queue_.groups->ring.reading() || queue_.groups->ring.known() == 0 ||
        queue_.groups->ring.ready() != 0) {
        return;
    }
    const auto& timers = queue_.groups->timers;
    add(Kind::groups_held, timers.empty() ? 0 : timers.begin()->first, queue_.groups->ring.known());
}

void ObstacleSearch::whole_queue() {
    queue_holds();
    consumers();
    if (queue_.waiting_count() == 0) {
        add(Kind::nothing_ready, queue_.lane.next_due().value_or(0), queue_.delayed_count());
    } else {
        groups();
    }
}

void ObstacleSearch::leased(const FoundJob& job) {
    if (job.batch == nullptr || job.batch->restart_hold) {
        add(Kind::restart, job.batch == nullptr ? queue_.lane.held_until() : job.batch->deadline);
        return;
    }
    const auto detail = job.batch->details.find(job.position);
    const bool own = detail != job.batch->details.end();
    const TimeMs deadline = own && detail->second.deadline != 0 ? detail->second.deadline : job.batch->deadline;
    add(Kind::leased, deadline, 0, job.batch->worker);
    if (own && detail->second.cancelled) {
        add(Kind::cancelled, detail->second.ends_at);
    }
}

void ObstacleSearch::waiting(const FoundJob& job) {
    const MetaPtr& meta = job.record.meta;
    queue_holds();
    consumers();
    if (is_grouped(queue_, meta)) {
        const Allowance hold = allowance_of_group(queue_, meta->group->id, now_);
        if (hold.messages == 0) {
            add(obstacle_of(hold.hold), hold.until, 0, meta->group->name);
        }
    }
    if (queue_.keys && has_group(meta)) {
        const KeyTurns::Holdup holdup = queue_.keys->holdup_of(meta->group->id, job.record.offset);
        if (holdup.retry_at != 0) {
            add(Kind::retry, holdup.retry_at, 0, meta->group->name);
        } else if (holdup.in_flight) {
            add(Kind::in_flight, 0, 0, meta->group->name);
        }
    }
    const auto holds_one = [](const Consumer* consumer) { return consumer->isolated != 0; };
    if (meta && meta->isolated && !queue_.consumers.empty() &&
        std::all_of(queue_.consumers.begin(), queue_.consumers.end(), holds_one)) {
        add(Kind::isolated);
    }
    if (const std::uint64_t all = queue_.waiting_count(); all > 1) {
        add(Kind::others_before, 0, all - 1);
    }
}

void ObstacleSearch::job(const FoundJob& job) {
    const MetaPtr& meta = job.record.meta;
    const bool tried = meta && !meta->attempts.empty();
    switch (job.state) {
        case MessageState::leased:
            leased(job);
            break;
        case MessageState::completed:
            add(Kind::completed);
            break;
        case MessageState::waiting_children:
            add(Kind::waiting_children);
            break;
        case MessageState::failed:
            add(Kind::failed, 0, 0, tried ? meta->attempts.back().reason : to_text(job.record.reason));
            break;
        case MessageState::delayed:
            add(Kind::not_due, job.record.at, 0, tried ? meta->attempts.back().reason : std::string());
            queue_holds();
            consumers();
            break;
        case MessageState::waiting:
        case MessageState::prioritized:
        case MessageState::grouped:
            waiting(job);
            break;
    }
}

}  // namespace

void apply_why_queue(State& state, Request&& request, TimeMs now, Round& round) {
    const WhyQueue& why = std::get<WhyQueue>(request.body);
    const Queue* queue = state.find(request.ns, why.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(why.queue), round);
        return;
    }
    ObstacleSearch search(state, *queue, now);
    search.whole_queue();
    reply(request,
          std::make_shared<const Explanation>(Explanation{queue->id, std::nullopt, MessageState{}, now, search.take()}),
          round);
}

void explain_job(const State& state, const Queue& queue, const Request& request, const FoundJob& job, TimeMs now,
                 Round& round) {
    ObstacleSearch search(state, queue, now);
    search.job(job);
    reply(request,
          std::make_shared<const Explanation>(
              Explanation{queue.id, job.record.offset, state_as_told(job), now, search.take()}),
          round);
}

}  // namespace baton::core
