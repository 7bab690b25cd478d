// Messages that are changed, promoted or removed by their ids.

#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

const std::string& queue_name(const RequestBody& body) {
    static const std::string none;
    if (const auto* change = std::get_if<ChangeJob>(&body)) {
        return change->queue;
    }
    if (const auto* promote = std::get_if<PromoteJob>(&body)) {
        return promote->queue;
    }
    if (const auto* all = std::get_if<PromoteAll>(&body)) {
        return all->queue;
    }
    if (const auto* cancel = std::get_if<CancelJobs>(&body)) {
        return cancel->queue;
    }
    const auto* remove = std::get_if<RemoveJobs>(&body);
    return remove == nullptr ? none : remove->queue;
}

std::vector<Offset> named_offsets(const RequestBody& body) {
    if (const auto* change = std::get_if<ChangeJob>(&body)) {
        return {change->offset};
    }
    if (const auto* promote = std::get_if<PromoteJob>(&body)) {
        return {promote->offset};
    }
    if (const auto* cancel = std::get_if<CancelJobs>(&body)) {
        return cancel->offsets;
    }
    const auto* remove = std::get_if<RemoveJobs>(&body);
    return remove == nullptr ? std::vector<Offset>{} : remove->offsets;
}

bool moves_time(const RequestBody& body) {
    const auto* change = std::get_if<ChangeJob>(&body);
    return change == nullptr || change->delay_ms || change->due_at;
}

}  // namespace

void Ledger::may_edit(MessageFacts& facts, bool times) {
    unready(facts);
    if (times) {
        facts.place_unsure = facts.times_unsure = true;
    }
}

/// Whoever has the key may have lost it, and what is parked behind it may come.
void Ledger::sent_clear(const ClearDedup& clear) {
    open_clears_[{clear.queue, clear.key}] += 1;
    const QueueFacts* queue = find_queue(clear.queue);
    for (auto& [number, facts] : messages_) {
        if (facts.key == clear.key && (queue == nullptr || facts.queue == queue->id || facts.stored == Stored::asked)) {
            facts.key_until_finished = false;
            may_edit(facts, false);
        }
    }
}

void Ledger::answer_clear(const ClearDedup& clear) {
    const auto open = open_clears_.find({clear.queue, clear.key});
    if (open != open_clears_.end() && --open->second == 0) {
        open_clears_.erase(open);
    }
}

void Ledger::sent_edit(OpenAdmin& open) {
    if (const auto* clear = std::get_if<ClearDedup>(&open.body)) {
        sent_clear(*clear);
        return;
    }
    QueueFacts* queue = find_queue(queue_name(open.body));
    if (queue == nullptr) {
        return;
    }
    open.queue = value(queue->id);
    if (std::holds_alternative<PromoteAll>(open.body)) {
        queue->promotions_open += 1;
        for (auto& [number, facts] : messages_) {
            if (facts.queue == queue->id || facts.stored == Stored::asked) {
                may_edit(facts, true);
            }
        }
        return;
    }
    const bool removes = std::holds_alternative<RemoveJobs>(open.body) || std::holds_alternative<CancelJobs>(open.body);
    queue->repairs_open += removes ? 1 : 0;
    for (const Offset offset : named_offsets(open.body)) {
        const auto at = at_.find({open.queue, offset});
        MessageFacts* facts = at == at_.end() ? nullptr : find(at->second);
        if (facts == nullptr) {
            continue;
        }
        open.numbers.emplace_back(facts->number, facts->lease ? facts->lease->token.batch : 0);
        if (removes) {
            facts->gone = facts->gone == Presence::no ? Presence::maybe : facts->gone;
            unready(*facts);
        } else {
            facts->edits_open += 1;
            may_edit(*facts, moves_time(open.body));
        }
    }
}

void Ledger::answer_cancel(const OpenAdmin& open, const JobsCancelled& done, TimeMs decided_at, std::uint64_t commit) {
    const auto named = [](const std::vector<Offset>& offsets, Offset offset) {
        return std::find(offsets.begin(), offsets.end(), offset) != offsets.end();
    };
    for (const auto& [number, batch] : open.numbers) {
        MessageFacts& facts = *find(number);
        save(facts, commit);
        if (facts.queue != QueueId{open.queue}) {
            continue;
        }
        if (named(done.cancelled, facts.offset)) {
            facts.cancelled = true;
            facts.gone_by = decided_at;
        } else if (named(done.cancelling, facts.offset)) {
            facts.cancelled = true;
            facts.gone_by = std::min(facts.gone_by, decided_at + std::get<CancelJobs>(open.body).grace_ms);
        }
        reconsider(facts);
    }
}

void Ledger::answer_edit(const OpenAdmin& open, const ReplyBody& body, TimeMs decided_at, std::uint64_t commit) {
    QueueFacts& in = *find_queue(QueueId{open.queue});
    if (std::holds_alternative<PromoteAll>(open.body)) {
        in.promotions_open -= std::min(in.promotions_open, 1U);
        return;
    }
    if (std::holds_alternative<CancelJobs>(open.body)) {
        in.repairs_open -= 1;
        if (const auto* done = std::get_if<JobsCancelled>(&body)) {
            answer_cancel(open, *done, decided_at, commit);
        }
        return;
    }
    const auto* removed = std::get_if<JobsRemoved>(&body);
    in.repairs_open -= std::holds_alternative<RemoveJobs>(open.body) ? 1 : 0;
    for (const auto& [number, batch] : open.numbers) {
        MessageFacts& facts = *find(number);
        save(facts, commit);
        if (removed != nullptr) {
            const bool refused = std::any_of(removed->refused.begin(), removed->refused.end(),
                                             [&](const auto& one) { return one.first == facts.offset; });
            const bool untouched = (facts.lease ? facts.lease->token.batch : 0) == batch;
            if (!refused && untouched && facts.queue == in.id) {
                facts.gone = Presence::yes;
            }
            continue;
        }
        facts.edits_open -= std::min(facts.edits_open, 1U);
        const auto* change = std::get_if<ChangeJob>(&open.body);
        if (change != nullptr && std::holds_alternative<Done>(body)) {
            facts.priority = change->priority.value_or(facts.priority);
            facts.lifo = change->lifo.value_or(facts.lifo);
            facts.place_unsure = facts.place_unsure || change->lifo;
        }
        reconsider(facts);
    }
}

}  // namespace baton::simulation
