// One message has one lease: it goes to the next consumer only when the lease before has ended.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

#include <algorithm>

namespace baton::simulation {

namespace {

class Leases : public Checker {
public:
    const char* name() const override { return "leases"; }

    void delivered(const DeliveredMessage& message) override {
        if (message.before == nullptr || !message.before->lease || message.before->queue != message.queue) {
            return;
        }
        const LeaseFacts& lease = *message.before->lease;
        const bool over = lease.settled || lease.settles_open != 0 ||
                          message.decided_at >= std::min(lease.ends_from, lease.lost_from);
        if (!over) {
            found("a second live lease: " + describe(message));
        }
    }

    void round(const std::vector<DeliveredMessage>& messages) override {
        std::set<Number> seen;
        for (const DeliveredMessage& message : messages) {
            if (message.before != nullptr && !seen.insert(message.before->number).second) {
                found("twice in one round: " + describe(message));
            }
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_leases() { return std::make_unique<Leases>(); }

}  // namespace baton::simulation
