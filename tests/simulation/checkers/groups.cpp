// Groups take turns: while a message of one surely waits, no other group is served again and again. In strict order,
// and with a limit on what is in flight, no more of a group is out than is allowed, and nothing passes a message of its
// group that was given back for later.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace baton::simulation {

namespace {

using namespace core;

class GroupsTakeTurns : public Checker {
public:
    const char* name() const override { return "groups"; }

    void asked(const Request& request) override {
        if (const auto* set = std::get_if<SetGroup>(&request.body)) {
            note(set->queue);
        } else if (const auto* penalty = std::get_if<Penalise>(&request.body)) {
            note(penalty->queue);
        } else if (const auto* settle = std::get_if<Settle>(&request.body)) {
            for (const Settlement& one : settle->settlements) {
                const auto* release = std::get_if<Release>(&one.action);
                if (release != nullptr && release->penalise_group) {
                    held_back_.insert(value(one.token.queue));
                }
            }
        }
    }

    void round(const std::vector<DeliveredMessage>& messages) override {
        std::map<const QueueFacts*, std::vector<const DeliveredMessage*>> by_queue;
        for (const DeliveredMessage& message : messages) {
            if (message.in != nullptr) {
                by_queue[message.in].push_back(&message);
            }
        }
        for (const auto& [queue, delivered] : by_queue) {
            if (queue->settings_open() || queue->maybe_deleted) {
                waiting_.erase(value(queue->id));
                continue;
            }
            check_turns(*queue, delivered);
            check_in_flight(*queue, delivered);
        }
    }

private:
    /// For a message that surely waits: how often each other group was served since.
    using Served = std::map<std::string, std::uint32_t>;

    void note(const std::string& name) {
        if (const QueueFacts* queue = ledger().queue_named(name)) {
            held_back_.insert(value(queue->id));
        }
    }

    static bool known(const DeliveredMessage& message) {
        const MessageFacts* facts = message.before;
        return facts != nullptr && facts->stored == Stored::yes && !facts->moved && facts->queue == message.queue &&
               facts->offset == message.offset && !facts->comeback.retried && !facts->comeback.redriven;
    }

    void check_turns(const QueueFacts& queue, const std::vector<const DeliveredMessage*>& delivered) {
        const GroupSettings& rules = queue.settings.groups;
        const bool free = rules.order == GroupOrder::none && rules.max_in_flight == 0 && !rules.rate.any();
        if (!free || held_back_.contains(value(queue.id))) {
            waiting_.erase(value(queue.id));
            return;
        }
        std::set<Number> going;
        for (const DeliveredMessage* message : delivered) {
            going.insert(message->before == nullptr ? 0 : message->before->number);
        }
        auto& waiting = waiting_[value(queue.id)];
        std::map<std::string, std::pair<Number, Served>> now;
        for (const auto& [place, number] : queue.ready) {
            const MessageFacts& facts = *ledger().message(number);
            // Of a large backlog a restart does not have all groups in memory at once.
            const bool unread = ledger().many_due_at_once && facts.comeback.restarts != 0;
            if (facts.group.empty() || unread || going.contains(number) || now.contains(facts.group)) {
                continue;
            }
            // Once it no longer is the first that waits, counting begins anew.
            const auto before = waiting.find(facts.group);
            const bool same = before != waiting.end() && before->second.first == number;
            now[facts.group] = {number, same ? before->second.second : Served{}};
        }
        waiting = std::move(now);
        for (const DeliveredMessage* message : delivered) {
            if (message->before == nullptr || message->before->group.empty()) {
                continue;
            }
            const std::string& group = message->before->group;
            waiting.erase(group);
            if (!known(*message)) {
                continue;
            }
            for (auto& [other, entry] : waiting) {
                if (++entry.second[group] > 2) {
                    found("group " + group + " was served three times while " +
                          describe(*ledger().message(entry.first)) + " waited: " + describe(*message));
                    waiting.clear();
                    return;
                }
            }
        }
    }

    void check_in_flight(const QueueFacts& queue, const std::vector<const DeliveredMessage*>& delivered) {
        const GroupSettings& rules = queue.settings.groups;
        const bool strict = rules.order == GroupOrder::strict;
        const std::uint32_t most = strict ? 1 : held_back_.contains(value(queue.id)) ? 0 : rules.max_in_flight;
        if (most == 0) {
            return;
        }
        std::map<std::string, std::set<Number>> out;
        for (const DeliveredMessage* message : delivered) {
            if (known(*message) && !message->before->group.empty()) {
                out[message->before->group].insert(message->before->number);
            }
        }
        const TimeMs now = delivered.front()->decided_at;
        std::map<std::string, const MessageFacts*> given_back;
        std::map<std::string, std::uint64_t> count;
        for (const auto& [group, numbers] : out) {
            count[group] = numbers.size();
        }
        for (const auto& [number, facts] : ledger().messages()) {
            const auto group = facts.group.empty() || facts.queue != queue.id ? out.end() : out.find(facts.group);
            if (group == out.end() || group->second.contains(number)) {
                continue;
            }
            count[facts.group] += surely_held(queue, facts, now) ? 1 : 0;
            if (surely_later(queue, facts, now)) {
                given_back[facts.group] = &facts;
            }
        }
        for (const auto& [group, held] : count) {
            if (held > most) {
                found(std::to_string(held) + " of group " + group + " in flight where " + std::to_string(most) +
                      " are allowed: " + describe(*delivered.back()));
            }
            if (strict && given_back.contains(group)) {
                found("passed " + describe(*given_back[group]) + " of its group " + group +
                      ", in strict order: " + describe(*delivered.back()));
            }
        }
    }

    static bool kept(const QueueFacts& queue, const MessageFacts& facts) {
        return facts.comeback.restarts == 0 || queue.settings.durability == Durability::sync;
    }

    static bool surely_held(const QueueFacts& queue, const MessageFacts& facts, TimeMs now) {
        if (!facts.lease || !facts.surely_here() || facts.failed == Presence::yes || facts.moved) {
            return false;
        }
        const LeaseFacts& lease = *facts.lease;
        const bool open = !lease.settled && lease.settles_open == 0 && !lease.forgotten && !lease.maybe_given_back;
        return open && kept(queue, facts) && !facts.comeback.retried && now < lease.ends_from && now < lease.lost_from;
    }

    /// Released for later under these settings, and not due yet.
    static bool surely_later(const QueueFacts& queue, const MessageFacts& facts, TimeMs now) {
        const Comeback& back = facts.comeback;
        return facts.lease && facts.lease->settled && facts.lease->settles_open == 0 && back.release_taken &&
               !back.fail_taken && !back.failed && back.released && *back.released > now && facts.surely_here() &&
               !facts.moved && !back.retried && !back.redriven && back.restarts == 0 && facts.edits_open == 0 &&
               !facts.times_unsure && queue.least_deliveries == 0 && !queue.ever_ttl && facts.ttl_low == 0 &&
               facts.lease->settings_version == queue.settings_version && queue.promotions_open == 0;
    }

    /// By queue: the first message of each group that surely waits, and what was served since.
    std::map<std::uint64_t, std::map<std::string, std::pair<Number, Served>>> waiting_;
    /// Queues of which single groups may have been held back, or set apart.
    std::set<std::uint64_t> held_back_;
};

}  // namespace

std::unique_ptr<Checker> make_groups() { return std::make_unique<GroupsTakeTurns>(); }

}  // namespace baton::simulation
