#include "server/core/produce_plan.hpp"

#include "server/core/job_lookup.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace baton::core {

namespace {

Name id_name(const Queue& queue, const EntryOptions& options) { return {queue.id, NameKind::id, *options.id}; }
Name key_name(const Queue& queue, const EntryOptions& options) {
    return {queue.id, NameKind::dedup, options.dedup->key};
}

std::vector<Name> names_of(const Queue& queue, const Produce& produce) {
    std::set<Name> names;
    std::size_t next = 0;
    for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
        const EntryOptions options = options_of(produce, next, i);
        if (options.id) {
            names.insert(id_name(queue, options));
        }
        if (options.dedup) {
            names.insert(key_name(queue, options));
        }
    }
    return {names.begin(), names.end()};
}

/// Who has a name, when someone does.
struct NameHolder {
    Offset offset = 0;
    MessageState state{};
    /// It still carries the key, so that its end frees it: one that failed for good, and was retried, does not.
    bool keyed = false;
};

class Planner {
public:
    Planner(State& state, Queue& queue, const Produce& produce, TimeMs now)
        : state_(state), queue_(queue), produce_(produce), now_(now) {}

    ProducePlan run(const RefusedItems& refused);
    const std::vector<Offset>& unread() const { return unread_; }

private:
    std::optional<NameHolder> holder_of(const Name& name);
    bool decide_by_id(const EntryOptions& options, EntryFate& fate);
    void decide_by_key(std::uint32_t i, const EntryOptions& options, EntryFate& fate);
    void beside_twin(std::uint32_t i, std::uint32_t twin, const EntryOptions& options, EntryFate& fate);
    void takes_names(std::uint32_t i, const EntryOptions& options);

    State& state_;
    Queue& queue_;
    const Produce& produce_;
    TimeMs now_;
    ProducePlan plan_;
    /// Names that entries of this produce take, and what those entries ask for.
    std::map<Name, std::uint32_t> taken_;
    std::map<std::uint32_t, EntryOptions> takers_;
    std::vector<Offset> unread_;
    /// Holders that lose their place to an entry of this produce.
    std::set<Offset> replaced_;
};

std::optional<NameHolder> Planner::holder_of(const Name& name) {
    const std::optional<NameRecord>& record = *state_.names.find(name);
    if (!record || !is_held(queue_, name.kind, *record, now_)) {
        return std::nullopt;
    }
    if (replaced_.contains(record->holder)) {
        return std::nullopt;
    }
    if (record->remembered && !queue_.settings.keep_completed) {
        return NameHolder{record->holder, MessageState{}};
    }
    const JobLookup found = look_up_job(state_, queue_, record->holder, now_);
    if (std::holds_alternative<UnreadJob>(found)) {
        unread_.push_back(record->holder);
        return NameHolder{record->holder, MessageState{}};
    }
    const bool outlives = record->remembered || record->until != 0;
    if (const auto* job = std::get_if<FoundJob>(&found)) {
        const bool finished =
            name.kind == NameKind::dedup ? is_finished(job->state) : job->state == MessageState::completed;
        if (finished && !outlives) {
            return std::nullopt;
        }
        if (planted(PlantedBug::leased_holder_forgotten) && job->state == MessageState::leased) {
            return std::nullopt;
        }
        const MetaPtr& meta = job->record.meta;
        const bool keyed = meta && meta->identity && meta->identity->dedup;
        return NameHolder{record->holder, state_as_told(*job), keyed};
    }
    // Its message is gone: only a window or the memory of ids still holds the name.
    return outlives ? std::optional<NameHolder>(NameHolder{record->holder, MessageState{}}) : std::nullopt;
}

bool Planner::decide_by_id(const EntryOptions& options, EntryFate& fate) {
    const Name name = id_name(queue_, options);
    if (const auto twin = taken_.find(name); twin != taken_.end()) {
        fate.kind = EntryFate::Kind::duplicate;
        fate.twin = twin->second;
        fate.by_id = true;
        return true;
    }
    if (const auto holder = holder_of(name)) {
        fate = {EntryFate::Kind::duplicate, holder->offset, holder->state, std::nullopt, false, true};
        return true;
    }
    return false;
}

/// The key belongs to an earlier entry of this produce. One that may take its place leaves that one unstored.
void Planner::beside_twin(std::uint32_t i, std::uint32_t twin, const EntryOptions& options, EntryFate& fate) {
    const EntryOptions earlier = takers_.at(twin);
    const bool delayed = due_of(earlier, now_) > now_;
    if (!options.dedup->replace && !(options.dedup->mode == DedupMode::debounce && delayed)) {
        fate.kind = EntryFate::Kind::duplicate;
        fate.twin = twin;
        return;
    }
    fate = plan_.fates[twin];
    plan_.fates[twin] = {EntryFate::Kind::duplicate, 0, {}, i, false};
    if (earlier.id) {
        taken_.erase(id_name(queue_, earlier));
    }
    takes_names(i, options);
}

void Planner::decide_by_key(std::uint32_t i, const EntryOptions& options, EntryFate& fate) {
    const Dedup& dedup = *options.dedup;
    const Name name = key_name(queue_, options);
    if (const auto twin = taken_.find(name); twin != taken_.end()) {
        beside_twin(i, twin->second, options, fate);
        return;
    }
    const auto holder = holder_of(name);
    if (!holder) {
        takes_names(i, options);
        return;
    }
    const bool delayed = holder->state == MessageState::delayed;
    const bool waits = holder->state == MessageState::waiting || holder->state == MessageState::prioritized ||
                       holder->state == MessageState::grouped;
    fate.holder = holder->offset;
    fate.state = holder->state;
    // One that waits to be tried again keeps what is parked behind it: the newest of that is what counts.
    const bool parks = holder->state == MessageState::leased || queue_.names.parked.contains(dedup.key);
    if (dedup.mode == DedupMode::keep_last && holder->keyed && parks) {
        fate.kind = EntryFate::Kind::parked;
    } else if ((delayed && (dedup.replace || dedup.mode == DedupMode::debounce)) || (waits && dedup.replace)) {
        fate.kind = EntryFate::Kind::replaces;
        replaced_.insert(holder->offset);
        takes_names(i, options);
    } else {
        fate.kind = EntryFate::Kind::duplicate;
        fate.extends = dedup.extend && dedup.ttl_ms != 0;
    }
}

void Planner::takes_names(std::uint32_t i, const EntryOptions& options) {
    if (options.id) {
        taken_[id_name(queue_, options)] = i;
    }
    if (options.dedup) {
        taken_[key_name(queue_, options)] = i;
    }
    takers_[i] = options;
}

ProducePlan Planner::run(const RefusedItems& refused) {
    plan_.fates.resize(produce_.entries.count);
    std::size_t next = 0, skip = 0;
    for (std::uint32_t i = 0; i < produce_.entries.count; ++i) {
        EntryFate& fate = plan_.fates[i];
        if (skip < refused.size() && refused[skip].first == i) {
            ++skip;
            fate.kind = EntryFate::Kind::refused;
            continue;
        }
        const EntryOptions options = options_of(produce_, next, i);
        if (options.id && decide_by_id(options, fate)) {
            continue;
        }
        if (options.dedup) {
            decide_by_key(i, options, fate);
        } else if (options.id) {
            takes_names(i, options);
        }
    }
    for (std::uint32_t i = 0; i < produce_.entries.count; ++i) {
        const EntryFate::Kind kind = plan_.fates[i].kind;
        const std::uint64_t bytes = produce_.entries.size_of(i);
        plan_.messages += kind == EntryFate::Kind::stored ? 1 : 0;
        plan_.bytes += kind == EntryFate::Kind::stored ? bytes : 0;
        plan_.parked_bytes += kind == EntryFate::Kind::parked ? bytes : 0;
    }
    return std::move(plan_);
}

}  // namespace

std::optional<Refusal> check_names(const EntryOptions& options) {
    constexpr std::size_t most = limits::identity_bytes_max;
    if (options.id && (options.id->empty() || options.id->size() > most)) {
        return invalid("options.id", "an id has 1 to 256 bytes", most);
    }
    if (!options.dedup) {
        return std::nullopt;
    }
    const Dedup& dedup = *options.dedup;
    if (dedup.key.empty() || dedup.key.size() > most) {
        return invalid("options.dedup.id", "a deduplication id has 1 to 256 bytes", most);
    }
    if (dedup.ttl_ms < 0 || dedup.ttl_ms > limits::ten_years_ms) {
        return invalid("options.dedup.ttl_ms", "ttl_ms is at most ten years",
                       static_cast<std::uint64_t>(limits::ten_years_ms));
    }
    switch (dedup.mode) {
        case DedupMode::simple:
            if (dedup.ttl_ms != 0) {
                return invalid("options.dedup.ttl_ms", "mode simple holds until the message is finished");
            }
            break;
        case DedupMode::throttle:
            if (dedup.ttl_ms == 0) {
                return invalid("options.dedup.ttl_ms", "mode throttle needs a ttl_ms of at least 1", 1);
            }
            break;
        case DedupMode::keep_last:
            if (options.id) {
                return invalid("options.id", "with mode keep_last a message has no id of its own");
            }
            break;
        case DedupMode::debounce:
            break;
    }
    return std::nullopt;
}

bool has_names(const Produce& produce) {
    return produce.defaults.named() || std::any_of(produce.options.begin(), produce.options.end(),
                                                   [](const auto& own) { return own.second.named(); });
}

void read_names_ahead(State& state, Queue& queue, const Produce& produce, Round& round) {
    if (has_names(produce)) {
        names_known(state, queue, names_of(queue, produce), round);
    }
}

std::optional<Refusal> check_parked(const State& state, std::uint64_t bytes) {
    if (bytes == 0 || state.parked_bytes + bytes <= limits::parked_bytes_max) {
        return std::nullopt;
    }
    return Refusal{RefusalCode::parked_full,
                   "too much is parked behind leased messages",
                   "options.dedup.mode",
                   limits::parked_bytes_max,
                   true,
                   1'000};
}

std::optional<ProducePlan> plan_produce(State& state, Queue& queue, const Produce& produce, Request& request,
                                        const RefusedItems& refused, TimeMs now, Round& round) {
    if (!has_names(produce)) {
        ProducePlan plan;
        plan.messages = produce.entries.count - refused.size();
        plan.bytes = produce.entries.bytes().size();
        return plan;
    }
    if (!names_known(state, queue, names_of(queue, produce), round)) {
        queue.names.waiting_produce = std::make_unique<Request>(std::move(request));
        return std::nullopt;
    }
    Planner planner(state, queue, produce, now);
    ProducePlan plan = planner.run(refused);
    if (!planner.unread().empty()) {
        // What was read before is needed again: a holder that is gone leads on to the next name of its entry.
        read_jobs(state, queue, with_found_jobs(state, queue, planner.unread()), std::move(request), round);
        return std::nullopt;
    }
    return plan;
}

}  // namespace baton::core
