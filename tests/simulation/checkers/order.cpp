// First in, first out, and a message that comes back keeps its place: nothing is delivered while a message with an
// earlier place surely waits in the same queue, unless that one goes out in the same round.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

class Order : public Checker {
public:
    const char* name() const override { return "order"; }

    void round(const std::vector<DeliveredMessage>& messages) override {
        std::set<Number> going;
        for (const DeliveredMessage& message : messages) {
            if (message.before != nullptr) {
                going.insert(message.before->number);
            }
        }
        const DeliveredMessage* previous = nullptr;
        for (const DeliveredMessage& message : messages) {
            if (message.before == nullptr || message.in == nullptr || message.before->moved ||
                message.before->queue != message.queue || message.before->stored != Stored::yes ||
                message.before->comeback.retried) {
                previous = nullptr;
                continue;
            }
            check_waiting(message, going);
            if (previous != nullptr && previous->frame == message.frame && plain(*previous) && plain(message) &&
                previous->offset >= message.offset) {
                found("out of order within a batch: " + describe(message));
            }
            previous = &message;
        }
    }

private:
    static bool plain(const DeliveredMessage& message) {
        return !message.before->delayed && message.before->told.deliveries == 0;
    }

    void check_waiting(const DeliveredMessage& message, const std::set<Number>& going) {
        const MessageFacts& now = *message.before;
        int looked_at = 0;
        for (const auto& [place, number] : message.in->ready) {
            if (place.first >= now.place_from && (now.delayed || ++looked_at > 4)) {
                return;
            }
            if (going.contains(number)) {
                continue;
            }
            const MessageFacts& waiting = *ledger().message(number);
            const bool before = place.first < now.place_from ||
                                (!now.delayed && !waiting.delayed && !waiting.moved && waiting.offset < now.offset);
            if (before) {
                found("overtook " + describe(waiting) + ": " + describe(message));
                return;
            }
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_order() { return std::make_unique<Order>(); }

}  // namespace baton::simulation
