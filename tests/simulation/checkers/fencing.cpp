// A token settles only what it holds, once; and while it holds, it settles.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>

namespace baton::simulation {

namespace {

using namespace core;

class Fencing : public Checker {
public:
    const char* name() const override { return "fencing"; }

    void settled(const SettledMessage& message) override {
        const MessageFacts* before = message.before;
        const Token& token = message.settlement->token;
        const std::string which = " (token " + std::to_string(token.epoch) + "/" + std::to_string(token.batch) +
                                  " offset " + std::to_string(message.offset) + " at " +
                                  std::to_string(message.decided_at) + ")";
        // Batch numbers of this size come only from clients that make tokens up.
        if (before == nullptr || token.batch >= 1'000'000) {
            if (!message.refused) {
                found("a made-up token was taken" + which);
            }
            return;
        }
        if (!holds(*before, token)) {
            // A message delivered in a round that a crash took back may still be settled by what the client holds.
            if (!message.refused && before->lease && before->comeback.restarts == 0) {
                found("a stale token was taken: " + describe(*before) + which);
            }
            return;
        }
        const LeaseFacts& lease = *before->lease;
        if (!message.refused) {
            // An ack after the holder gave the message back is still taken: the work is done.
            const bool late_ack = std::holds_alternative<Ack>(message.settlement->action) && !before->acked;
            if ((lease.settled || before->acked) && !late_ack) {
                found("settled twice: " + describe(*before) + which);
            }
            return;
        }
        const bool others = lease.settles_open > (ends(message.settlement->action) ? 1U : 0U);
        const bool surely_holds = !lease.settled && !others && before->comeback.restarts == 0 &&
                                  message.decided_at < std::min(lease.ends_from, lease.lost_from) && !before->acked &&
                                  before->gone == Presence::no;
        const QueueFacts* in = ledger().queue(before->queue);
        if (surely_holds && in != nullptr && !in->maybe_deleted && !in->deleted) {
            found(std::string("a live lease was refused with ") + tests::to_text(message.code) + ": " +
                  describe(*before) + which);
        }
    }

private:
    static bool ends(const SettleAction& action) {
        return std::holds_alternative<Ack>(action) || std::holds_alternative<Fail>(action) ||
               std::holds_alternative<Release>(action);
    }
};

}  // namespace

std::unique_ptr<Checker> make_fencing() { return std::make_unique<Fencing>(); }

}  // namespace baton::simulation
