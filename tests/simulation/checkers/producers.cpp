// A repeated produce stores nothing twice, and a refused one is never taken for stored.

#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/ledger.hpp"

#include <algorithm>

namespace baton::simulation {

namespace {

class Producers : public Checker {
public:
    const char* name() const override { return "producers"; }

    void produced(const ProducedBatch& batch) override {
        if (batch.produced == nullptr) {
            return;
        }
        const core::Produced& produced = *batch.produced;
        const std::string which = " (producer " + std::to_string(batch.open->producer) + " sequence " +
                                  std::to_string(batch.open->sequence) + " at " + std::to_string(batch.decided_at) +
                                  ")";
        if (produced.duplicate && batch.open->tries_before == batch.open->refused_before) {
            found("called a duplicate although it was never tried or was refused" + which);
        }
        const auto unstored = static_cast<std::size_t>(std::count_if(
            produced.outcomes.begin(), produced.outcomes.end(),
            [](const core::ItemOutcome& outcome) { return outcome.kind != core::ItemOutcome::Kind::replaced; }));
        const std::size_t answered = produced.count + produced.refused.size() + unstored;
        if (answered != batch.open->numbers.size()) {
            found("answers for " + std::to_string(answered) + " of " + std::to_string(batch.open->numbers.size()) +
                  " messages" + which);
        }
        core::Offset next = produced.first;
        std::size_t refused = 0;
        for (std::uint32_t i = 0; i < batch.open->numbers.size(); ++i) {
            if (refused < produced.refused.size() && produced.refused[refused].first == i) {
                refused += 1;
                continue;
            }
            const core::ItemOutcome* outcome = outcome_of(produced, i);
            if (outcome != nullptr && outcome->kind != core::ItemOutcome::Kind::replaced) {
                continue;
            }
            check_one(*ledger().message(batch.open->numbers[i]), produced, next++, batch.open->tries_before != 0,
                      which);
        }
    }

private:
    void check_one(const MessageFacts& before, const core::Produced& produced, core::Offset offset, bool repeated,
                   const std::string& which) {
        // A repeat may be taken when the refused first try found the queue full and this one did not, and be a
        // duplicate when a try in between, of which nothing was heard, was the one that was taken.
        if (before.stored == Stored::refused && !repeated) {
            found("taken for stored after it was refused: " + describe(before) + which);
        }
        const QueueFacts* in = ledger().queue(before.queue);
        const bool made_anew = in != nullptr && (in->deleted || in->maybe_deleted) && before.queue != produced.queue;
        const bool elsewhere = !made_anew && before.stored == Stored::yes && !before.moved &&
                               (before.queue != produced.queue || before.offset != offset);
        if (elsewhere) {
            found("stored again at " + std::to_string(offset) + ": " + describe(before) + which);
        }
        const MessageFacts* other = ledger().message_at(produced.queue, offset);
        if (other != nullptr && other->number != before.number) {
            found("the offset " + std::to_string(offset) + " belongs to " + describe(*other) + which);
        }
    }
};

}  // namespace

std::unique_ptr<Checker> make_producers() { return std::make_unique<Producers>(); }

}  // namespace baton::simulation
