// A message whose holder was lost while it worked on it is delivered alone.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

using namespace core;

class Isolation : public Checker {
public:
    const char* name() const override { return "isolation"; }

    void delivered(const DeliveredMessage& message) override {
        const bool lost = message.cause == Cause::lease_expired || message.cause == Cause::consumer_lost;
        const MessageFacts* before = message.before;
        if (!lost || before == nullptr || message.counters.lease_losses <= before->told.lease_losses) {
            return;
        }
        std::uint64_t together = 0;
        for (const Deliver::Run& run : message.frame->runs) {
            together += run.entries.count;
        }
        if (together != 1) {
            found("delivered with " + std::to_string(together - 1) +
                  " others although its holder was lost: " + describe(message));
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_isolation() { return std::make_unique<Isolation>(); }

}  // namespace baton::simulation
