// The index of names: who holds one, until when, and what the end of a message means for its names.
#include "server/core/names.hpp"

#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

/// Where the record of its end is filed.
TimeMs filed_until(const NameRecord& record) { return record.until != 0 ? record.until : INT64_MAX; }

void remove_end(State& state, Queue& queue, const std::optional<NameRecord>& before, Round& round) {
    if (before && before->number != 0) {
        remove_name_end(state, queue, filed_until(*before), before->number, round);
    }
}

}  // namespace

void remove_name_end(State& state, Queue& queue, TimeMs until, std::uint64_t number, Round& round) {
    round.mutations.push_back(RemoveNameEnd{queue.ns, queue.id, until, number});
    (until != INT64_MAX ? queue.names.counts.timed : queue.names.counts.counted) -= 1;
    state.touch(queue, round);
}

bool is_held(const Queue& queue, NameKind kind, const NameRecord& record, TimeMs now) {
    if (kind == NameKind::dedup || !record.remembered) {
        return record.until == 0 || now < record.until;
    }
    const std::uint64_t kept = queue.settings.id_memory_count;
    const bool in_count = kept == 0 ? record.until != 0 : record.turn + kept > queue.names.counts.turns;
    return in_count && (record.until == 0 || now < record.until);
}

void put_name(State& state, Queue& queue, const Name& name, NameRecord record, const std::optional<NameRecord>& before,
              Round& round) {
    remove_end(state, queue, before, round);
    queue.names.counts.used = true;
    record.number = 0;
    if (record.until != 0 || record.remembered) {
        record.number = ++queue.names.counts.numbers;
        (record.until != 0 ? queue.names.counts.timed : queue.names.counts.counted) += 1;
        round.mutations.push_back(PutNameEnd{queue.ns, {filed_until(record), record.number, record.turn, name}});
        queue.names.ends_at = std::min(queue.names.ends_at, filed_until(record));
        if (record.until != 0) {
            state.arm(queue, record.until);
        } else if (queue.names.counts.counted > queue.settings.id_memory_count) {
            state.arm(queue, INT64_MIN);
        }
    }
    state.names.changed(name, record);
    round.mutations.push_back(PutName{queue.ns, name, record});
    state.touch(queue, round);
}

void remove_name(State& state, Queue& queue, const Name& name, const std::optional<NameRecord>& before, Round& round) {
    remove_end(state, queue, before, round);
    state.names.changed(name, std::nullopt);
    round.mutations.push_back(RemoveName{queue.ns, name});
    state.touch(queue, round);
}

void names_ended(State& state, Queue& queue, const MetaPtr& meta, Offset offset, NameEnding ending, TimeMs now,
                 Round& round) {
    if (!meta || !meta->identity) {
        return;
    }
    const std::shared_ptr<const Identity> own = meta->identity;
    if (!own->id.empty() && ending != NameEnding::kept) {
        const Name name{queue.id, NameKind::id, own->id};
        const QueueSettings& settings = queue.settings;
        if (ending == NameEnding::finished && (settings.id_memory_ms != 0 || settings.id_memory_count != 0)) {
            const TimeMs until = settings.id_memory_ms != 0 ? now + settings.id_memory_ms : 0;
            put_name(state, queue, name, {offset, true, until, 0, ++queue.names.counts.turns}, std::nullopt, round);
        } else {
            remove_name(state, queue, name, std::nullopt, round);
        }
    }
    if (!own->dedup) {
        return;
    }
    const auto waits = queue.names.parked.find(own->dedup->key);
    if (waits != queue.names.parked.end() && waits->second.holder == offset) {
        release_parked(state, queue, *take_parked(state, queue, own->dedup->key, round), now, round);
    } else if (!has_window(*own->dedup) && !planted(PlantedBug::key_outlives_holder)) {
        remove_name(state, queue, {queue.id, NameKind::dedup, own->dedup->key}, std::nullopt, round);
    }
}

MetaPtr without_key(const MetaPtr& meta) {
    if (!meta || !meta->identity || !meta->identity->dedup) {
        return meta;
    }
    auto changed = std::make_shared<MessageMeta>(*meta);
    changed->identity = std::make_shared<const Identity>(Identity{meta->identity->id, std::nullopt});
    return changed;
}

}  // namespace baton::core
