#pragma once
// One promise of the broker, checked against everything it says. Checkers see each event together with what was known
// before it; the Ledger takes the event in afterwards.

#include "tests/simulation/facts.hpp"
#include "tests/simulation/findings.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baton::simulation {

class Ledger;

/// One message of a delivery frame.
struct DeliveredMessage {
    const core::Deliver* frame = nullptr;
    core::TimeMs decided_at = 0;
    core::QueueId queue{};
    core::Offset offset = 0;
    core::TimeMs stored_at = 0;
    core::DurationMs lease_ms = 0;
    std::string_view wire;
    std::uint32_t checksum = 0;
    core::Counters counters;
    core::Cause cause = core::Cause::none;
    std::shared_ptr<const core::Origin> origin;
    /// Null when no such message was ever sent.
    const MessageFacts* before = nullptr;
    const QueueFacts* in = nullptr;
};

/// One message of a settle that was answered.
struct SettledMessage {
    const OpenSettle* open = nullptr;
    const core::Settlement* settlement = nullptr;
    core::Offset offset = 0;
    core::TimeMs decided_at = 0;
    bool refused = false;
    core::RefusalCode code{};
    /// Null when the client made the token up.
    const MessageFacts* before = nullptr;
};

struct ProducedBatch {
    const OpenProduce* open = nullptr;
    core::TimeMs decided_at = 0;
    /// Null when the whole was refused.
    const core::Produced* produced = nullptr;
    const core::Refusal* refusal = nullptr;
};

/// All messages of a queue as peek lists them while the broker is at rest.
struct QueueAudit {
    struct Listed {
        Number number = 0;
        core::StoredMessage message;
    };
    core::QueueInfo info;
    std::vector<Listed> waiting, prioritized, grouped, delayed, leased, failed;
};

class Checker {
public:
    virtual ~Checker() = default;
    virtual const char* name() const = 0;
    /// On its way into the core.
    virtual void asked(const core::Request&) {}
    virtual void delivered(const DeliveredMessage&) {}
    virtual void settled(const SettledMessage&) {}
    virtual void produced(const ProducedBatch&) {}
    virtual void shown(const core::QueueInfo&) {}
    /// Before the events of a round are taken in: all messages that it delivers, frame by frame.
    virtual void round(const std::vector<DeliveredMessage>&) {}
    virtual void audited(const std::vector<QueueAudit>&, core::TimeMs) {}

    void attach(const Ledger& ledger, Findings& findings) {
        ledger_ = &ledger;
        findings_ = &findings;
    }

protected:
    const Ledger& ledger() const { return *ledger_; }
    void found(std::string text) { findings_->add(name(), std::move(text)); }

private:
    const Ledger* ledger_ = nullptr;
    Findings* findings_ = nullptr;
};

/// What a produce said of entry `index`; null when it was simply stored.
const core::ItemOutcome* outcome_of(const core::Produced& produced, std::uint32_t index);

std::vector<std::unique_ptr<Checker>> all_checkers();

/// Says which message is meant, in every finding alike.
std::string describe(const DeliveredMessage& message);
std::string describe(const MessageFacts& message);

}  // namespace baton::simulation
