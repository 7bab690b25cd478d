// A message changes its queue only as its settings say, says where it came from, and is then nowhere else.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>

namespace baton::simulation {

namespace {

using namespace core;

class Moves : public Checker {
public:
    const char* name() const override { return "moves"; }

    void delivered(const DeliveredMessage& message) override {
        const MessageFacts* before = message.before;
        if (before == nullptr || before->stored != Stored::yes) {
            return;
        }
        if (before->queue == message.queue && before->offset == message.offset) {
            return;
        }
        const QueueFacts* source = ledger().queue(before->queue);
        if (before->comeback.redriven || (source != nullptr && source->redrives != 0)) {
            return;
        }
        const QueueFacts* through = message.origin == nullptr ? nullptr : ledger().queue(message.origin->queue_id);
        if (through != nullptr && through != source && through->redrives != 0) {
            return;  // It moved twice since it was last seen: there, and by a redrive from there.
        }
        if (source != nullptr && (source->deleted || source->maybe_deleted)) {
            return;  // Produced again, to a queue made anew.
        }
        if (message.origin == nullptr) {
            found("stored twice: " + describe(message));
            return;
        }
        const QueueFacts* from = ledger().queue(before->queue);
        const bool target = from != nullptr && (from->dead_letter_ids.contains(value(message.queue)) ||
                                                before->may_move_to.contains(value(message.queue)));
        if (!target) {
            found("moved to a queue that is no target: " + describe(message));
        }
        check_reason(*before, *message.origin, message);
    }

    void audited(const std::vector<QueueAudit>& queues, TimeMs) override {
        std::map<Number, std::string> seen;
        for (const QueueAudit& queue : queues) {
            for (const auto* list :
                 {&queue.waiting, &queue.prioritized, &queue.grouped, &queue.delayed, &queue.leased, &queue.failed}) {
                for (const QueueAudit::Listed& listed : *list) {
                    const auto [at, fresh] = seen.try_emplace(listed.number, queue.info.name);
                    if (!fresh) {
                        found("message " + std::to_string(listed.number) + " is in " + at->second + " and in " +
                              queue.info.name + " offset " + std::to_string(listed.message.offset));
                    }
                }
            }
        }
    }

private:
    void check_reason(const MessageFacts& before, const Origin& origin, const DeliveredMessage& message) {
        const QueueFacts* from = ledger().queue(before.queue);
        bool plausible = true;
        switch (origin.reason) {
            case EndReason::none:
            case EndReason::child_failed:
            case EndReason::cancelled:
                plausible = false;
                break;
            case EndReason::attempts_exhausted:
            case EndReason::rejected:
                plausible = before.comeback.failed.has_value() || before.failed != Presence::no;
                break;
            case EndReason::lease_losses_exhausted:
                plausible = before.lease && (before.lease->started || before.lease->maybe_started);
                break;
            case EndReason::deliveries_exhausted:
                plausible = before.lease.has_value();
                break;
            case EndReason::expired:
                plausible = before.ttl_low != 0 || (from != nullptr && from->ever_ttl);
                break;
            case EndReason::overflow:
                plausible = from != nullptr && from->ever_drops;
                break;
        }
        // A restart presumes deliveries that nobody saw.
        plausible = plausible || before.comeback.restarts != 0;
        // It may have moved on through a queue in which it was never delivered.
        if (!plausible && origin.queue_id == before.queue) {
            found(std::string("moved without a reason for it, ") + to_text(origin.reason) + ": " + describe(message));
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_moves() { return std::make_unique<Moves>(); }

}  // namespace baton::simulation
