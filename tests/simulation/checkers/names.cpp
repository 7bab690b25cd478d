// Ids and deduplication keys: no two messages of a queue have one at a time, and what is gone holds none.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

namespace baton::simulation {

namespace {

using namespace core;

class Names : public Checker {
public:
    const char* name() const override { return "names"; }

    void produced(const ProducedBatch& batch) override {
        if (batch.produced == nullptr || batch.produced->duplicate || batch.open->tries_before != 0) {
            return;
        }
        std::size_t refused = 0;
        for (std::uint32_t i = 0; i < batch.open->numbers.size(); ++i) {
            if (refused < batch.produced->refused.size() && batch.produced->refused[refused].first == i) {
                refused += 1;
                continue;
            }
            const MessageFacts& facts = *ledger().message(batch.open->numbers[i]);
            if (const ItemOutcome* outcome = outcome_of(*batch.produced, i)) {
                check_outcome(facts, *outcome, *batch.produced);
            } else if (!facts.id.empty() || !facts.key.empty()) {
                check_stored(facts, batch);
            }
        }
    }

private:
    /// Nothing that may have happened can have taken it away, or out of its queue.
    bool surely_alive(const MessageFacts& facts) const {
        const QueueFacts* in = ledger().queue(facts.queue);
        if (in == nullptr || in->deleted || in->maybe_deleted || in->ever_ttl || in->ever_drops ||
            in->repairs_open != 0 || facts.ttl_low != 0 || !facts.surely_here() || facts.comeback.redriven ||
            facts.moved || facts.repaired || facts.cancelled || facts.edits_open != 0) {
            return false;
        }
        const bool untouched = !facts.lease && facts.comeback.restarts == 0;
        return untouched || (in->dead_letter_ids.empty() && !in->settings_open());
    }
    /// Neither done nor failed for good.
    bool surely_unfinished(const MessageFacts& facts, TimeMs now) const {
        if (!surely_alive(facts) || facts.failed != Presence::no) {
            return false;
        }
        if (!facts.lease) {
            return facts.comeback.restarts == 0;
        }
        return facts.lease->settles_open == 0 && !facts.lease->settled && facts.lease->ends_from > now &&
               facts.lease->lost_from > now && facts.comeback.restarts == 0;
    }

    void check_stored(const MessageFacts& stored, const ProducedBatch& batch) {
        for (const auto& [number, other] : ledger().messages()) {
            if (number == stored.number || other.queue != batch.produced->queue || other.stored != Stored::yes) {
                continue;
            }
            if (!stored.id.empty() && other.id == stored.id && surely_alive(other)) {
                found("stored although " + describe(other) + " has its id: " + describe(stored));
            }
            if (!stored.key.empty() && other.key == stored.key && other.key_until_finished &&
                surely_unfinished(other, batch.decided_at)) {
                found("stored although " + describe(other) + " has its key: " + describe(stored));
            }
        }
    }

    void check_outcome(const MessageFacts& facts, const ItemOutcome& outcome, const Produced& produced) {
        const bool of_this_batch = outcome.offset >= produced.first && outcome.offset < produced.first + produced.count;
        const MessageFacts* holder = ledger().message_at(produced.queue, outcome.offset);
        if (of_this_batch || holder == nullptr) {
            return;
        }
        const bool by_id = !facts.id.empty() && holder->id == facts.id;
        const bool by_key = !facts.key.empty() && holder->key == facts.key;
        const QueueFacts* in = ledger().queue(produced.queue);
        if (!by_id && !by_key) {
            found("held up by " + describe(*holder) + " which has none of its names: " + describe(facts));
        } else if (holder->acked || holder->gone == Presence::yes) {
            const bool window = by_key && facts.key.front() != 's' && facts.key.front() != 'k';
            const bool remembered = by_id && in != nullptr && in->ever_remembers;
            if (!window && !remembered) {
                found("held up by " + describe(*holder) + " which is gone: " + describe(facts));
            }
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_names() { return std::make_unique<Names>(); }

}  // namespace baton::simulation
