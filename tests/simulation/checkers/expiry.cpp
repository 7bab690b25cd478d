// What has a time to live of its own does not wait longer than that, wherever it stands.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

using namespace core;

class Expiry : public Checker {
public:
    const char* name() const override { return "expiry"; }

    void audited(const std::vector<QueueAudit>& queues, TimeMs now) override {
        for (const QueueAudit& queue : queues) {
            for (const auto* list : {&queue.waiting, &queue.prioritized, &queue.delayed}) {
                for (const QueueAudit::Listed& listed : *list) {
                    const TimeMs expires = listed.message.expires_at;
                    if (expires != 0 && expires < now && !held(listed.number, now)) {
                        found("message " + std::to_string(listed.number) + " of queue " + queue.info.name + " offset " +
                              std::to_string(listed.message.offset) + " still waits " + std::to_string(now - expires) +
                              " ms after its time to live");
                    }
                }
            }
        }
    }

private:
    /// Held for a moment, since it may have been delivered before a restart.
    bool held(Number number, TimeMs now) const {
        const MessageFacts* facts = ledger().message(number);
        return facts != nullptr && facts->comeback.restarts != 0 &&
               now <= facts->comeback.restarted_at + ledger().restart_grace_ms;
    }
};

}  // namespace

std::unique_ptr<Checker> make_expiry() { return std::make_unique<Expiry>(); }

}  // namespace baton::simulation
