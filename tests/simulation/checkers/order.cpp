// By priority, then first in, first out, or last in first where asked; and a message that comes back keeps its place:
// nothing is delivered while a message with an earlier place surely waits in the same queue, unless that one goes out
// in the same round.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace baton::simulation {

namespace {

class Order : public Checker {
public:
    const char* name() const override { return "order"; }

    /// A message at another offset than known was redriven and has fallen out again unseen: its place is a new one.
    void round(const std::vector<DeliveredMessage>& messages) override {
        std::set<Number> going;
        for (const DeliveredMessage& message : messages) {
            if (message.before != nullptr) {
                going.insert(message.before->number);
            }
        }
        std::map<const QueueFacts*, Staying> staying;
        const DeliveredMessage* previous = nullptr;
        for (const DeliveredMessage& message : messages) {
            if (message.before == nullptr || message.in == nullptr || message.before->moved ||
                message.before->queue != message.queue || message.before->stored != Stored::yes ||
                message.before->offset != message.offset || message.before->edits_open != 0 ||
                message.before->place_unsure || message.in->settings_open() || message.before->comeback.retried) {
                previous = nullptr;
                continue;
            }
            const auto [at, fresh] = staying.try_emplace(message.in);
            if (fresh) {
                at->second = staying_in(*message.in, going);
            }
            check_waiting(message, at->second);
            if (previous != nullptr && previous->frame == message.frame && plain(*previous) && plain(message) &&
                previous->offset >= message.offset) {
                found("out of order within a batch: " + describe(message));
            }
            previous = &message;
        }
    }

private:
    static bool plain(const DeliveredMessage& message) {
        return !message.before->delayed && message.before->told.deliveries == 0 && !message.before->ranked();
    }

    /// What surely waits and does not go out in this round, the first in order of place.
    using Staying = std::vector<Number>;
    Staying staying_in(const QueueFacts& queue, const std::set<Number>& going) const {
        Staying staying;
        std::map<std::string, int> of_group;
        for (const auto& [place, number] : queue.ready) {
            if (!going.contains(number) && ++of_group[ledger().message(number)->group] <= 4) {
                staying.push_back(number);
            }
        }
        return staying;
    }

    /// Whether `waiting` stands before `now` whatever is not known of the two.
    static bool surely_before(const MessageFacts& waiting, const MessageFacts& now, core::DurationMs step) {
        if (waiting.group != now.group) {
            return waiting.group.empty();  // Groups come after what has none, and in turns.
        }
        if (step != 0) {
            const bool by_rank = waiting.place_by + waiting.priority * step < now.place_from + now.priority * step;
            return by_rank || (waiting.priority == now.priority && in_order_of_arrival(waiting, now));
        }
        if (waiting.priority != now.priority) {
            return waiting.priority < now.priority;
        }
        if (waiting.lifo != now.lifo) {
            return waiting.lifo;
        }
        if (waiting.lifo) {
            return !now.delayed && !waiting.delayed && waiting.offset > now.offset;
        }
        return waiting.place_by < now.place_from || in_order_of_arrival(waiting, now);
    }
    static bool in_order_of_arrival(const MessageFacts& waiting, const MessageFacts& now) {
        return !now.delayed && !waiting.delayed && !waiting.moved && waiting.offset < now.offset;
    }

    void check_waiting(const DeliveredMessage& message, const Staying& staying) {
        for (const Number number : staying) {
            const MessageFacts& waiting = *ledger().message(number);
            if (surely_before(waiting, *message.before, message.in->settings.aging_ms)) {
                found("overtook " + describe(waiting) + ": " + describe(message));
                return;
            }
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_order() { return std::make_unique<Order>(); }

}  // namespace baton::simulation
