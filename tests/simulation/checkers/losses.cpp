// What the broker said it stored is somewhere until it is acked, or gone for a reason that was asked for; what used up
// its attempts is in the failed set, and nothing else is.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/support/printing.hpp"

#include <unordered_map>

namespace baton::simulation {

namespace {

using namespace core;

class Losses : public Checker {
public:
    const char* name() const override { return "losses"; }

    void audited(const std::vector<QueueAudit>& queues, TimeMs now) override {
        std::unordered_map<Number, std::pair<std::uint64_t, const StoredMessage*>> present;
        for (const QueueAudit& queue : queues) {
            for (const auto* list :
                 {&queue.waiting, &queue.prioritized, &queue.grouped, &queue.delayed, &queue.leased, &queue.failed}) {
                for (const QueueAudit::Listed& listed : *list) {
                    present[listed.number] = {value(queue.info.id), &listed.message};
                }
            }
        }
        for (const auto& [number, facts] : ledger().messages()) {
            const auto at = present.find(number);
            if (at == present.end()) {
                check_absent(facts, now);
            } else {
                check_present(facts, at->second.first, *at->second.second);
            }
        }
    }

private:
    void check_absent(const MessageFacts& facts, TimeMs now) {
        if (facts.stored != Stored::yes || facts.acked || facts.gone != Presence::no ||
            facts.maybe_acked != Presence::no || facts.replaceable) {
            return;
        }
        const QueueFacts* in = ledger().queue(facts.queue);
        const bool expired = facts.ttl_low != 0 && now >= facts.stored_from + facts.ttl_low;
        const bool deleted = in == nullptr || in->deleted || in->maybe_deleted;
        if (expired || deleted || in->ever_drops || in->ever_ttl) {
            return;
        }
        for (const auto& targets : {facts.may_move_to, in->dead_letter_ids}) {
            for (const std::uint64_t target : targets) {
                const QueueFacts* other = ledger().queue(QueueId{target});
                // A redrive takes it on to where it may be dropped in turn.
                if (other != nullptr && (other->deleted || other->maybe_deleted || other->purges != 0 ||
                                         other->redrives != 0 || other->ever_ttl || other->ever_drops)) {
                    return;
                }
            }
        }
        found("lost: " + describe(facts));
    }

    void check_present(const MessageFacts& facts, std::uint64_t queue, const StoredMessage& message) {
        const std::string where = ", now in queue " + std::to_string(queue) + " offset " +
                                  std::to_string(message.offset) + " in state " +
                                  std::to_string(static_cast<int>(message.state));
        if (facts.stored == Stored::refused) {
            found("its produce was refused: " + describe(facts) + where);
        } else if (facts.acked && !ledger().stored_anew(facts, QueueId{queue})) {
            found("its ack was taken: " + describe(facts) + where);
        } else if (facts.gone == Presence::yes) {
            found("it was purged: " + describe(facts) + where);
        }
        if (facts.stored != Stored::yes || queue != value(facts.queue) || message.offset != facts.offset) {
            return;
        }
        if (message.state == MessageState::failed) {
            check_failed(facts, message, where);
        } else if (facts.failed == Presence::yes && !facts.comeback.retried) {
            found("its attempts are used up but it is not in the failed set: " + describe(facts) + where);
        }
    }

    void check_failed(const MessageFacts& facts, const StoredMessage& message, const std::string& where) {
        bool plausible = true;
        switch (message.reason) {
            case EndReason::none:
            case EndReason::child_failed:
            case EndReason::cancelled:
            case EndReason::overflow:
            case EndReason::expired:
                plausible = false;
                break;
            case EndReason::attempts_exhausted:
            case EndReason::rejected:
                plausible = facts.failed != Presence::no;
                break;
            case EndReason::lease_losses_exhausted:
                plausible = facts.lease && (facts.lease->started || facts.lease->maybe_started);
                break;
            case EndReason::deliveries_exhausted:
                plausible = facts.lease.has_value();
                break;
        }
        if (!plausible && facts.comeback.restarts == 0 && !facts.comeback.retried && !facts.comeback.redriven &&
            !facts.moved) {
            found(std::string("in the failed set without a reason for it, ") + to_text(message.reason) + ": " +
                  describe(facts) + where);
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_losses() { return std::make_unique<Losses>(); }

}  // namespace baton::simulation
