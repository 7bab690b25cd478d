// What was cancelled is never delivered again, and gone when its holder's grace is over.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

using namespace core;

class Cancels : public Checker {
public:
    const char* name() const override { return "cancels"; }

    void delivered(const DeliveredMessage& message) override {
        if (message.before != nullptr && message.before->cancelled) {
            found("delivered although it was cancelled: " + describe(message));
        }
    }

    void audited(const std::vector<QueueAudit>& queues, TimeMs now) override {
        for (const QueueAudit& queue : queues) {
            for (const auto* list :
                 {&queue.waiting, &queue.prioritized, &queue.delayed, &queue.leased, &queue.failed}) {
                for (const QueueAudit::Listed& listed : *list) {
                    const MessageFacts* facts = ledger().message(listed.number);
                    const bool held = list == &queue.leased && facts != nullptr && now <= facts->gone_by;
                    if (facts != nullptr && facts->cancelled && !held) {
                        found("still there although it was cancelled: " + describe(*facts));
                    }
                }
            }
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_cancels() { return std::make_unique<Cancels>(); }

}  // namespace baton::simulation
