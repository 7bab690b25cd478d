// No attempt runs longer than it may, however often its lease is extended.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

using namespace core;

class RunLimits : public Checker {
public:
    const char* name() const override { return "run limits"; }

    void audited(const std::vector<QueueAudit>& queues, TimeMs now) override {
        for (const QueueAudit& queue : queues) {
            for (const QueueAudit::Listed& listed : queue.leased) {
                const MessageFacts* facts = ledger().message(listed.number);
                const bool mine = facts != nullptr && facts->queue == queue.info.id && facts->lease &&
                                  facts->offset == listed.message.offset && facts->comeback.restarts == 0;
                if (mine && !facts->lease->settled && facts->lease->settles_open == 0 && now > facts->lease->runs_by) {
                    found("runs longer than it may: " + describe(*facts));
                }
            }
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_run_limits() { return std::make_unique<RunLimits>(); }

}  // namespace baton::simulation
