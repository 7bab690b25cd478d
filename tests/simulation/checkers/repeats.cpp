// No message comes again without a cause that really happened, and none after it was acked, purged or deleted.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

using core::Cause;

class Repeats : public Checker {
public:
    const char* name() const override { return "repeats"; }

    void delivered(const DeliveredMessage& message) override {
        if (message.before == nullptr) {
            return;
        }
        const MessageFacts& before = *message.before;
        const bool anew = ledger().stored_anew(before, message.queue);
        if (before.acked && !anew) {
            found("delivered after its ack was taken: " + describe(message));
        }
        if (before.gone == Presence::yes && !anew) {
            found("delivered after it was purged: " + describe(message));
        }
        if (message.in != nullptr && message.in->deleted) {
            found("delivered from a deleted queue: " + describe(message));
        }
        // It may have moved away and back since it was last seen.
        const bool moved_now =
            before.stored == Stored::yes && (before.queue != message.queue || before.offset != message.offset);
        if (!moved_now && !happened(message)) {
            found("its cause did not happen: " + describe(message));
        }
    }

private:
    /// A delivery that nobody saw may have run out.
    static bool may_run_out(const DeliveredMessage& message) {
        return message.before->own_run_limit != 0 || message.in == nullptr || message.in->ever_run_limit;
    }
    static bool happened(const DeliveredMessage& message) {
        const MessageFacts& before = *message.before;
        const Comeback& comeback = before.comeback;
        // The lease of a batch with a prioritized message is on disk with its delivery: a restart may know of one that
        // nobody saw.
        const bool unseen = comeback.restarts != 0;
        switch (message.cause) {
            case Cause::none:
                return before.told.deliveries == 0;
            case Cause::failed:
                return comeback.failed.has_value() || (unseen && may_run_out(message));
            case Cause::lease_expired:
                return unseen ||
                       (before.lease ? message.decided_at >= before.lease->ends_from : comeback.restarts != 0);
            case Cause::released:
                return comeback.released.has_value();
            case Cause::consumer_lost:
                return unseen ||
                       (before.lease ? message.decided_at >= before.lease->lost_from : comeback.restarts != 0);
            case Cause::restart:
                return comeback.restarts != 0;
            case Cause::retried:
                return comeback.retried || (message.in != nullptr && message.in->retries != 0);
            case Cause::redriven:
                return comeback.redriven || message.origin != nullptr;
        }
        return false;
    }
};

}  // namespace

std::unique_ptr<Checker> make_repeats() { return std::make_unique<Repeats>(); }

}  // namespace baton::simulation
