// Ids and deduplication keys: what becomes of an entry whose names another message has.

#include "tests/simulation/ledger.hpp"

#include <algorithm>

namespace baton::simulation {

using namespace core;

const ItemOutcome* outcome_of(const Produced& produced, std::uint32_t index) {
    const auto found = std::find_if(produced.outcomes.begin(), produced.outcomes.end(),
                                    [&](const ItemOutcome& outcome) { return outcome.index == index; });
    return found == produced.outcomes.end() ? nullptr : &*found;
}

void Ledger::set_names(MessageFacts& facts, const EntryOptions& options) {
    facts.id = options.id.value_or("");
    if (options.dedup) {
        facts.key = options.dedup->key;
        facts.key_until_finished = !has_window(*options.dedup);
        facts.replaceable = options.dedup->mode == DedupMode::debounce || facts.key.front() == 'm';
    }
}

bool Ledger::take_outcome(MessageFacts& facts, const OpenProduce& open, const Produced& produced,
                          const ItemOutcome& outcome, std::uint64_t commit) {
    switch (outcome.kind) {
        case ItemOutcome::Kind::replaced: {
            const auto at = at_.find({value(produced.queue), outcome.offset});
            if (MessageFacts* gone = at == at_.end() ? nullptr : find(at->second)) {
                save(*gone, commit);
                gone->gone = Presence::yes;
                unready(*gone);
            }
            return true;
        }
        case ItemOutcome::Kind::parked:
            // It is stored when its holder is finished, and its times count from then.
            facts.place_unsure = facts.times_unsure = true;
            return false;
        case ItemOutcome::Kind::duplicate:
            break;
    }
    if (facts.stored == Stored::asked && open.tries_before == 0) {
        facts.stored = Stored::refused;
    }
    return false;
}

}  // namespace baton::simulation
