// Storing a produce whose entries have names, as its plan says.
#include "server/core/event_log.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/names.hpp"
#include "server/core/outcome.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

namespace {

class NamedStore {
public:
    NamedStore(State& state, Queue& queue, const Produce& produce, const ProducePlan& plan, TimeMs now, Round& round)
        : state_(state), queue_(queue), produce_(produce), plan_(plan), now_(now), round_(round) {
        offsets_.resize(produce.entries.count);
        delayed_.resize(produce.entries.count);
        for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
            const EntryFate& fate = plan.fates[i];
            twins_.push_back(fate.kind == EntryFate::Kind::duplicate ? fate.twin.value_or(i) : i);
        }
    }

    std::uint32_t run(std::vector<ItemOutcome>& outcomes);

private:
    void store(std::uint32_t i, const EntryOptions& options);
    void remove_replaced(Offset holder);
    void take_place(std::uint32_t i, const EntryOptions& options);
    void extend(const EntryFate& fate, const Dedup& dedup);
    std::uint32_t stored_twin(std::uint32_t i);
    void tell(const ItemOutcome& outcome, const EntryOptions& options);
    void keep(std::uint32_t i, const EntryFate& fate, const EntryOptions& options);
    std::optional<NameRecord> known(const Name& name) const {
        const auto* record = state_.names.find(name);
        return record == nullptr ? std::nullopt : *record;
    }
    Name key_of(const Dedup& dedup) const { return {queue_.id, NameKind::dedup, dedup.key}; }

    State& state_;
    Queue& queue_;
    const Produce& produce_;
    const ProducePlan& plan_;
    TimeMs now_;
    Round& round_;
    /// Of the entries that were stored, by index.
    std::vector<Offset> offsets_;
    std::vector<bool> delayed_;
    /// Which entry of the produce each gives way to; itself when to none.
    std::vector<std::uint32_t> twins_;
    std::uint32_t stored_ = 0;
};

void NamedStore::store(std::uint32_t i, const EntryOptions& options) {
    const Offset offset = queue_.end;
    offsets_[i] = offset;
    delayed_[i] = due_of(options, now_) > now_;
    ++stored_;
    store_message(state_, queue_, produce_.entries.slice(i, 1), options, now_, round_);
    if (options.id) {
        const Name name{queue_.id, NameKind::id, *options.id};
        put_name(state_, queue_, name, {offset}, known(name), round_);
    }
    if (options.dedup) {
        const Name name = key_of(*options.dedup);
        NameRecord record{offset};
        record.until = has_window(*options.dedup) ? now_ + options.dedup->ttl_ms : 0;
        put_name(state_, queue_, name, record, known(name), round_);
        // What an older holder left parked is older than this one.
        take_parked(state_, queue_, options.dedup->key, round_);
    }
}

void NamedStore::remove_replaced(Offset holder) {
    JobLookup found = look_up_job(state_, queue_, holder, now_);
    require(std::holds_alternative<FoundJob>(found), "what is replaced was read for the plan");
    const MessageRecord gone = take_job(state_, queue_, std::move(std::get<FoundJob>(found)), round_);
    queue_.lane_fences.erase(holder);
    queue_.live_bytes -= gone.body.size_of(0);
    queue_.totals.purged += 1;
    names_ended(state_, queue_, without_key(gone.meta), holder, NameEnding::removed, now_, round_);
    if (queue_.watched()) {
        ended(state_, queue_, {JobOutcome::removed, holder, 1, "replaced", nullptr, gone.meta}, round_);
    }
}

void NamedStore::take_place(std::uint32_t i, const EntryOptions& options) {
    const Name name = key_of(*options.dedup);
    const std::optional<NameRecord> before = known(name);
    take_parked(state_, queue_, options.dedup->key, round_);
    store(i, options);
    // A throttle's window runs on from the first one. Where the new one has no window, the key is held until it ends.
    const bool runs_on = options.dedup->mode == DedupMode::throttle && !options.dedup->extend;
    if (runs_on && before && before->until != 0) {
        put_name(state_, queue_, name, {offsets_[i], false, before->until}, known(name), round_);
    }
}

void NamedStore::extend(const EntryFate& fate, const Dedup& dedup) {
    const Name name = key_of(dedup);
    const std::optional<NameRecord> before = known(name);
    if (fate.twin || !before || before->until == 0) {
        return;
    }
    NameRecord record = *before;
    record.until = now_ + dedup.ttl_ms;
    put_name(state_, queue_, name, record, before, round_);
}

void NamedStore::keep(std::uint32_t i, const EntryFate& fate, const EntryOptions& options) {
    const TimeMs due = due_of(options, now_);
    Parked parked{
        fate.holder, now_, due - now_, options.ttl_ms.value_or(0), meta_of(options, due), produce_.entries.slice(i, 1)};
    park(state_, queue_, std::move(parked), round_);
}

std::uint32_t NamedStore::run(std::vector<ItemOutcome>& outcomes) {
    // First, for an entry may have the id of a message whose place only a later one takes.
    for (const EntryFate& fate : plan_.fates) {
        if (fate.kind == EntryFate::Kind::replaces) {
            remove_replaced(fate.holder);
        }
    }
    std::size_t next = 0;
    for (std::uint32_t i = 0; i < produce_.entries.count; ++i) {
        const EntryFate& fate = plan_.fates[i];
        const EntryOptions options = options_of(produce_, next, i);
        switch (fate.kind) {
            case EntryFate::Kind::stored:
                store(i, options);
                break;
            case EntryFate::Kind::replaces:
                take_place(i, options);
                outcomes.push_back({i, ItemOutcome::Kind::replaced, fate.holder, fate.state});
                break;
            case EntryFate::Kind::parked:
                keep(i, fate, options);
                outcomes.push_back({i, ItemOutcome::Kind::parked, fate.holder, fate.state});
                break;
            case EntryFate::Kind::duplicate:
                if (fate.extends) {
                    extend(fate, *options.dedup);
                }
                outcomes.push_back({i, ItemOutcome::Kind::duplicate, fate.holder, fate.state});
                break;
            case EntryFate::Kind::refused:
                break;
        }
    }
    for (ItemOutcome& outcome : outcomes) {
        const std::uint32_t twin = stored_twin(outcome.index);
        if (twin != outcome.index) {
            outcome.offset = offsets_[twin];
            outcome.state = delayed_[twin] ? MessageState::delayed : MessageState::waiting;
        }
    }
    next = 0;
    for (const ItemOutcome& outcome : outcomes) {
        tell(outcome, options_of(produce_, next, outcome.index));
    }
    return stored_;
}

/// The event names the message that is there, and the name that both have.
void NamedStore::tell(const ItemOutcome& outcome, const EntryOptions& options) {
    const bool by_id = plan_.fates[outcome.index].by_id;
    const Offset there = outcome.kind == ItemOutcome::Kind::replaced ? offsets_[outcome.index] : outcome.offset;
    add_event(state_, queue_, by_id ? EventType::duplicated : EventType::deduplicated, there, 1, round_,
              event_text(by_id ? *options.id : options.dedup->key));
}

/// Shortens the way for those that come by later: a batch may be one long chain.
std::uint32_t NamedStore::stored_twin(std::uint32_t i) {
    std::uint32_t last = i;
    while (twins_[last] != last) {
        last = twins_[last];
    }
    while (twins_[i] != last) {
        i = std::exchange(twins_[i], last);
    }
    return last;
}

}  // namespace

std::uint32_t store_named(State& state, Queue& queue, const Produce& produce, const ProducePlan& plan,
                          std::vector<ItemOutcome>& outcomes, TimeMs now, Round& round) {
    return NamedStore(state, queue, produce, plan, now, round).run(outcomes);
}

}  // namespace baton::core
