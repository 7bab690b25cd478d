// Limits hold for whatever consumers there are, and over restarts: in any stretch of time no more is delivered than the
// bucket allows, no more is in flight than was set, and nothing comes during a pause or a penalty.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <variant>

namespace baton::simulation {

namespace {

using namespace core;

class Limits : public Checker {
public:
    const char* name() const override { return "limits"; }

    void asked(const Request& request) override {
        if (const auto* penalty = std::get_if<Penalise>(&request.body);
            penalty != nullptr && penalty->penalty_ms == 0 && penalty->group.empty()) {
            if (const QueueFacts* queue = ledger().queue_named(penalty->queue)) {
                // The answer to an earlier one may still be on its way: from here on it is not known what holds.
                forgiven_.insert(value(queue->id));
            }
        }
    }

    void settled(const SettledMessage& message) override {
        const auto* release = std::get_if<Release>(&message.settlement->action);
        if (release != nullptr && release->penalty_ms != 0 && !release->penalise_group && !message.refused) {
            hold(message.settlement->token.queue, message.open->sent_at + release->penalty_ms);
        }
    }

    void shown(const QueueInfo& info) override {
        if (info.hold == Hold::penalty) {
            hold(info.id, info.held_until);
        }
    }

    void produced(const ProducedBatch& batch) override {
        const QueueFacts* queue = batch.produced == nullptr ? nullptr : ledger().queue(batch.produced->queue);
        if (queue == nullptr || queue->settings_open() || queue->settings.max_messages == 0 ||
            batch.produced->duplicate || batch.produced->count == 0 || batch.open->tries_before != 0) {
            return;
        }
        std::uint64_t queued = batch.produced->count;
        for (const auto& [number, facts] : ledger().messages()) {
            queued += facts.queue == queue->id && surely_queued(*queue, facts) ? 1 : 0;
        }
        if (queued > queue->settings.max_messages) {
            found(std::to_string(queued) + " messages queued in " + queue->name + " where " +
                  std::to_string(queue->settings.max_messages) + " are allowed, at " +
                  std::to_string(batch.decided_at));
        }
    }

    void round(const std::vector<DeliveredMessage>& messages) override {
        std::map<std::uint64_t, std::vector<const DeliveredMessage*>> by_queue;
        for (const DeliveredMessage& message : messages) {
            by_queue[value(message.queue)].push_back(&message);
        }
        for (const auto& [id, delivered] : by_queue) {
            const QueueFacts* queue = delivered.front()->in;
            if (queue == nullptr || queue->settings_open() || queue->maybe_deleted) {
                buckets_.erase(id);
                continue;
            }
            check_stops(*queue, *delivered.front());
            check_rate(*queue, delivered);
            check_in_flight(*queue, delivered);
        }
    }

private:
    /// What is known of a bucket: deliveries so far, and the most that was ever saved up, both in parts of a permit.
    struct Bucket {
        std::uint32_t settings_version = 0;
        std::uint64_t restarts = 0;
        TimeMs since = 0;
        std::int64_t spent = 0;
        std::int64_t lowest = 0;
    };

    /// The holds of a commit that a crash may take back are as if they never were.
    static bool keeps(const QueueFacts& queue) { return queue.settings.durability == Durability::sync; }

    void hold(QueueId id, TimeMs until) {
        const QueueFacts* queue = ledger().queue(id);
        if (queue != nullptr && keeps(*queue) && !queue->settings_open()) {
            penalties_[value(id)] = std::max(penalties_[value(id)], until);
        }
    }

    void check_stops(const QueueFacts& queue, const DeliveredMessage& message) {
        const auto penalty = penalties_.find(value(queue.id));
        if (penalty != penalties_.end() && keeps(queue) && !forgiven_.contains(value(queue.id)) &&
            message.decided_at < penalty->second) {
            found("delivered during a penalty that lasts until " + std::to_string(penalty->second) + ": " +
                  describe(message));
        }
        if (message.decided_at < queue.settings.paused_until || queue.settings.paused) {
            found("delivered while paused until " + std::to_string(queue.settings.paused_until) + ": " +
                  describe(message));
        }
    }

    void check_rate(const QueueFacts& queue, const std::vector<const DeliveredMessage*>& delivered) {
        const RateLimit& rate = queue.settings.rate_limit;
        if (!rate.any()) {
            buckets_.erase(value(queue.id));
            return;
        }
        const TimeMs now = delivered.front()->decided_at;
        auto [entry, fresh] = buckets_.try_emplace(value(queue.id));
        Bucket& bucket = entry->second;
        const bool lost = bucket.restarts != ledger().restarts() && !keeps(queue);
        if (fresh || bucket.settings_version != queue.settings_version || lost) {
            bucket = {queue.settings_version, ledger().restarts(), now, 0, 0};
        }
        bucket.restarts = ledger().restarts();
        // For every stretch from a to now: deliveries * per_ms - permits * (now - a) is at most the burst.
        const auto per_ms = static_cast<std::int64_t>(rate.per_ms);
        const std::int64_t earned = static_cast<std::int64_t>(rate.permits) * (now - bucket.since);
        bucket.lowest = std::min(bucket.lowest, bucket.spent - earned);
        bucket.spent += static_cast<std::int64_t>(delivered.size()) * per_ms;
        const auto burst = static_cast<std::int64_t>(rate.capacity()) * per_ms;
        if (bucket.spent - earned - bucket.lowest > burst) {
            found("more than " + std::to_string(rate.permits) + " in " + std::to_string(rate.per_ms) + " ms with " +
                  std::to_string(rate.capacity()) + " saved up: " + describe(*delivered.back()));
        }
    }

    void check_in_flight(const QueueFacts& queue, const std::vector<const DeliveredMessage*>& delivered) {
        const std::uint32_t most = queue.settings.max_in_flight;
        if (most == 0) {
            return;
        }
        std::set<Number> again;
        for (const DeliveredMessage* message : delivered) {
            again.insert(message->before == nullptr ? 0 : message->before->number);
        }
        std::uint64_t in_flight = delivered.size();
        for (const auto& [number, facts] : ledger().messages()) {
            const bool here = facts.queue == queue.id && !again.contains(number);
            in_flight += here && surely_held(queue, facts, delivered.front()->decided_at) ? 1 : 0;
        }
        if (in_flight > most) {
            found(std::to_string(in_flight) + " in flight where " + std::to_string(most) +
                  " are allowed: " + describe(*delivered.back()));
        }
    }

    /// Stored, never delivered, and nothing that was asked for could have taken it out.
    static bool surely_queued(const QueueFacts& queue, const MessageFacts& facts) {
        return facts.stored == Stored::yes && !facts.lease && !facts.moved && facts.surely_here() &&
               facts.failed == Presence::no && facts.comeback.restarts == 0 && !facts.comeback.redriven &&
               facts.ttl_low == 0 && !queue.ever_ttl && !queue.ever_drops;
    }

    bool surely_held(const QueueFacts& queue, const MessageFacts& facts, TimeMs now) const {
        if (!facts.lease || !facts.surely_here() || facts.failed == Presence::yes) {
            return false;
        }
        const LeaseFacts& lease = *facts.lease;
        const bool open = !lease.settled && lease.settles_open == 0 && !lease.forgotten && !lease.maybe_given_back;
        const bool kept = facts.comeback.restarts == 0 || keeps(queue);
        return open && kept && !facts.comeback.retried && now < lease.ends_from && now < lease.lost_from;
    }

    /// By queue.
    std::map<std::uint64_t, Bucket> buckets_;
    std::map<std::uint64_t, TimeMs> penalties_;
    /// Queues whose penalty was ended by request at some time.
    std::set<std::uint64_t> forgiven_;
};

}  // namespace

std::unique_ptr<Checker> make_limits() { return std::make_unique<Limits>(); }

}  // namespace baton::simulation
