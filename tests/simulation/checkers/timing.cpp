// Nothing comes early: not before its due time, its backoff or its release delay, and never after its time to live.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

using core::Cause;
using core::TimeMs;

class Timing : public Checker {
public:
    const char* name() const override { return "timing"; }

    void delivered(const DeliveredMessage& message) override {
        if (message.before == nullptr) {
            return;
        }
        const MessageFacts& before = *message.before;
        if (before.times_unsure) {
            return;
        }
        if (before.told.deliveries == 0 && message.decided_at < before.due_from) {
            found("delivered " + std::to_string(before.due_from - message.decided_at) +
                  " ms before it is due: " + describe(message));
        }
        const auto& failed = before.comeback.failed;
        if (message.cause == core::Cause::failed && failed && message.decided_at < *failed) {
            found("retried before its backoff ended: " + describe(message));
        }
        const auto& released = before.comeback.released;
        if (message.cause == core::Cause::released && released && message.decided_at < *released) {
            found("came back before its release delay ended: " + describe(message));
        }
        const TimeMs ready_by = before.delayed ? before.place_by : message.stored_at;
        const QueueFacts* in = message.in;
        const bool by_queue = in != nullptr && in->settings_version == 0 && in->settings.message_ttl_ms != 0 &&
                              message.decided_at >= ready_by + in->settings.message_ttl_ms;
        const bool by_own = before.own_ttl_ms != 0 && message.decided_at >= ready_by + before.own_ttl_ms;
        if ((by_queue || by_own) && message.origin == nullptr && message.cause != Cause::retried && !before.repaired &&
            before.stored == Stored::yes && !before.comeback.retried) {
            found("delivered after its time to live: " + describe(message));
        }
        if (!before.moved && message.origin == nullptr && message.stored_at < before.stored_from) {
            found("stored before it was produced: " + describe(message));
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_timing() { return std::make_unique<Timing>(); }

}  // namespace baton::simulation
