// What a queue says about itself adds up: every message that was produced is in exactly one count, and the counts are
// those of the messages that peek shows.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

class Conservation : public Checker {
public:
    const char* name() const override { return "conservation"; }

    void shown(const core::QueueInfo& info) override {
        const core::QueueTotals& t = info.totals;
        const std::uint64_t present =
            info.waiting + info.prioritized + info.grouped + info.delayed + info.leased + info.failed;
        const std::uint64_t left = t.acked + t.purged + t.expired + t.dropped + t.dead_lettered + t.cancelled;
        if (t.produced != present + left) {
            found(info.name + ": produced " + std::to_string(t.produced) + " but waiting " +
                  std::to_string(info.waiting) + " + prioritized " + std::to_string(info.prioritized) + " + grouped " +
                  std::to_string(info.grouped) + " + delayed " + std::to_string(info.delayed) + " + leased " +
                  std::to_string(info.leased) + " + failed " + std::to_string(info.failed) + " + acked " +
                  std::to_string(t.acked) + " + purged " + std::to_string(t.purged) + " + expired " +
                  std::to_string(t.expired) + " + dropped " + std::to_string(t.dropped) + " + dead-lettered " +
                  std::to_string(t.dead_lettered) + " + cancelled " + std::to_string(t.cancelled));
        }
        const QueueFacts* facts = ledger().queue(info.id);
        if (facts != nullptr && !facts->ever_ttl && !facts->ever_drops && t.dropped != 0) {
            found(info.name + " dropped messages without a policy to do so");
        }
    }

    void audited(const std::vector<QueueAudit>& queues, core::TimeMs) override {
        for (const QueueAudit& queue : queues) {
            compare(queue, "waiting", queue.info.waiting, queue.waiting.size());
            compare(queue, "prioritized", queue.info.prioritized, queue.prioritized.size());
            compare(queue, "grouped", queue.info.grouped, queue.grouped.size());
            compare(queue, "delayed", queue.info.delayed, queue.delayed.size());
            compare(queue, "leased", queue.info.leased, queue.leased.size());
            compare(queue, "failed", queue.info.failed, queue.failed.size());
        }
    }

private:
    void compare(const QueueAudit& queue, const char* state, std::uint64_t counted, std::size_t listed) {
        if (counted != listed) {
            found(queue.info.name + " counts " + std::to_string(counted) + " " + state + " but lists " +
                  std::to_string(listed));
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_conservation() { return std::make_unique<Conservation>(); }

}  // namespace baton::simulation
