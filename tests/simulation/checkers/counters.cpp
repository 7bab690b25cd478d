// Deliveries rise by exactly one; failures and lease losses by one for exactly what counts, and not at all for the
// rest.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

using core::Cause;

class CountersAreExact : public Checker {
public:
    const char* name() const override { return "counters"; }

    void delivered(const DeliveredMessage& message) override {
        if (message.before == nullptr || message.before->stored == Stored::refused) {
            return;
        }
        const MessageFacts& before = *message.before;
        const bool repaired = message.cause == Cause::retried || message.cause == Cause::redriven;
        if (repaired || before.comeback.retried || before.comeback.redriven || moved_now(message)) {
            return;
        }
        const std::uint32_t told = message.counters.deliveries;
        const std::uint32_t least = before.told.deliveries + 1;
        if (told < least || told > least + before.comeback.restarts) {
            found("deliveries should be " + std::to_string(least) + ": " + describe(message));
        }
        check_failures(message);
        check_losses(message);
        check_caps(message);
    }

private:
    static bool moved_now(const DeliveredMessage& message) {
        // Perhaps away and back since it was last seen.
        const MessageFacts& before = *message.before;
        return before.stored == Stored::yes && (before.queue != message.queue || before.offset != message.offset);
    }

    void check_failures(const DeliveredMessage& message) {
        const MessageFacts& before = *message.before;
        const std::uint32_t told = message.counters.failures;
        const bool must = before.comeback.fail_taken;
        // A restart may know of a delivery that nobody saw and that ran out, behind one that failed.
        const bool runs_out = before.own_run_limit != 0 || message.in == nullptr || message.in->ever_run_limit;
        const std::uint32_t unseen = runs_out ? before.comeback.restarts : 0;
        const bool may = must || before.comeback.failed.has_value();
        if (told < before.told.failures + (must ? 1 : 0) || told > before.told.failures + (may ? 1 : 0) + unseen) {
            found("failures should be " + std::to_string(before.told.failures + (must ? 1 : 0)) + ": " +
                  describe(message));
        }
    }

    void check_losses(const DeliveredMessage& message) {
        const MessageFacts& before = *message.before;
        const std::uint32_t rise = message.counters.lease_losses - before.told.lease_losses;
        const bool by_loss = message.cause == Cause::lease_expired || message.cause == Cause::consumer_lost;
        const bool may = (by_loss || before.comeback.restarts != 0) && before.lease &&
                         (before.lease->started || before.lease->maybe_started);
        const bool must = by_loss && before.lease && before.lease->started && !before.lease->forgotten &&
                          before.comeback.restarts == 0;
        if (rise > (may ? 1 : 0) || rise < (must ? 1 : 0)) {
            found(std::string("lease losses should have ") + (must ? "risen" : "stayed") + ": " + describe(message));
        }
    }

    void check_caps(const DeliveredMessage& message) {
        const QueueFacts* in = message.in;
        if (in == nullptr || in->settings_open() || in->settings_version != 0 || message.origin != nullptr ||
            message.before->repaired) {
            return;
        }
        const std::uint32_t own = message.before->own_attempts;
        if (message.counters.failures >= (own != 0 ? own : in->settings.max_attempts)) {
            found("delivered although its attempts are used up: " + describe(message));
        }
        const std::uint32_t losses = in->settings.max_lease_losses;
        if (losses != 0 && message.counters.lease_losses >= losses) {
            found("delivered although its lease losses are used up: " + describe(message));
        }
        const std::uint32_t deliveries = in->settings.max_deliveries;
        if (deliveries != 0 && message.counters.deliveries > deliveries + message.before->comeback.restarts) {
            found("delivered more often than the cap: " + describe(message));
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_counters() { return std::make_unique<CountersAreExact>(); }

}  // namespace baton::simulation
