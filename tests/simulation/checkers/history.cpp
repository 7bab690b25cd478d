// The history of a message tells its newest failure: the class that the worker named, and when.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

#include <algorithm>

namespace baton::simulation {

namespace {

using namespace core;

class History : public Checker {
public:
    const char* name() const override { return "history"; }

    void audited(const std::vector<QueueAudit>& queues, TimeMs) override {
        for (const QueueAudit& queue : queues) {
            for (const auto* list :
                 {&queue.waiting, &queue.prioritized, &queue.delayed, &queue.leased, &queue.failed}) {
                for (const QueueAudit::Listed& listed : *list) {
                    check(queue, listed);
                }
            }
        }
    }

private:
    void check(const QueueAudit& queue, const QueueAudit::Listed& listed) {
        const MessageFacts* facts = ledger().message(listed.number);
        const std::vector<Attempt>& attempts = listed.message.attempts;
        if (facts == nullptr || facts->queue != queue.info.id || facts->offset != listed.message.offset) {
            return;
        }
        const auto stale = std::find_if(attempts.begin(), attempts.end(),
                                        [](const Attempt& one) { return one.at < one.delivered_at; });
        if (stale != attempts.end()) {
            found("an attempt that ended before it began: " + describe(*facts));
        }
        if (facts->fails_open != 0 || !facts->last_error_class || facts->moved) {
            return;
        }
        const auto last = std::find_if(attempts.rbegin(), attempts.rend(),
                                       [](const Attempt& one) { return one.reason == "it went wrong"; });
        if (last == attempts.rend()) {
            found("its failure is not in its history: " + describe(*facts));
        } else if (last->error_class != *facts->last_error_class) {
            found("its newest failure is told as '" + last->error_class + "', not '" + *facts->last_error_class +
                  "': " + describe(*facts));
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_history() { return std::make_unique<History>(); }

}  // namespace baton::simulation
