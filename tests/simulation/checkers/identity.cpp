// Only what was produced comes out, byte for byte, from where the broker said that it is.

#include "proto/entry_format.hpp"
#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

class Identity : public Checker {
public:
    const char* name() const override { return "identity"; }

    void delivered(const DeliveredMessage& message) override {
        if (proto::entry_checksum(message.wire) != message.checksum) {
            found("checksum does not fit the bytes: " + describe(message));
        }
        if (message.before == nullptr) {
            found("nobody produced this: " + describe(message));
            return;
        }
        const MessageFacts& before = *message.before;
        if (hash_of(message.wire) != before.wire_hash) {
            found("other bytes than were produced: " + describe(message));
        }
        if (before.stored == Stored::refused) {
            found("its produce was refused: " + describe(message));
        }
        const MessageFacts* other = ledger().message_at(message.queue, message.offset);
        if (other != nullptr && other->number != before.number) {
            found("another message stands at this offset: " + describe(message) + ", " + describe(*other));
        }
    }

    void audited(const std::vector<QueueAudit>& queues, core::TimeMs) override {
        for (const QueueAudit& queue : queues) {
            for (const auto* list : {&queue.waiting, &queue.delayed, &queue.leased, &queue.failed}) {
                for (const QueueAudit::Listed& listed : *list) {
                    const MessageFacts* facts = ledger().message(listed.number);
                    if (facts == nullptr || facts->wire_hash != hash_of(listed.message.body.bytes())) {
                        found("peek shows other bytes than were produced in " + queue.info.name + " at " +
                              std::to_string(listed.message.offset));
                    }
                }
            }
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_identity() { return std::make_unique<Identity>(); }

}  // namespace baton::simulation
