// What is parked behind the leased holder of a deduplication key: the newest of each key, in memory and on disk, until
// the holder is finished.
#include "server/core/lane_placing.hpp"
#include "server/core/names.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

void park(State& state, Queue& queue, Parked&& parked, Round& round) {
    const std::string key = parked.meta->identity->dedup->key;
    const auto before = queue.names.parked.find(key);
    const std::size_t old_bytes = before == queue.names.parked.end() ? 0 : before->second.body.size_of(0);
    const std::size_t bytes = parked.body.size_of(0);
    state.parked_bytes += bytes - old_bytes;
    round.bytes += bytes;
    round.mutations.push_back(PutParked{queue.ns, queue.id, key, parked});
    queue.names.parked.insert_or_assign(key, std::move(parked));
    state.touch(queue, round);
}

std::optional<Parked> take_parked(State& state, Queue& queue, const std::string& key, Round& round) {
    auto node = queue.names.parked.extract(key);
    if (!node) {
        return std::nullopt;
    }
    state.parked_bytes -= node.mapped().body.size_of(0);
    round.mutations.push_back(RemoveParked{queue.ns, queue.id, key});
    state.touch(queue, round);
    return std::move(node.mapped());
}

void release_parked(State& state, Queue& queue, Parked&& parked, TimeMs now, Round& round) {
    const TimeMs due = now + parked.delay_ms;
    auto meta = std::make_shared<MessageMeta>(*parked.meta);
    meta->expires_at = parked.ttl_ms != 0 ? due + parked.ttl_ms : 0;
    const Name name{queue.id, NameKind::dedup, meta->identity->dedup->key};
    const Offset offset = queue.end;
    store_in_lane(state, queue, parked.body, std::move(meta), due, now, round);
    queue.totals.produced += 1;
    put_name(state, queue, name, {offset}, std::nullopt, round);
}

void purge_parked(State& state, Queue& queue, Round& round) {
    for (auto one = queue.names.parked.begin(); one != queue.names.parked.end();) {
        const Offset holder = one->second.holder;
        const std::string key = (one++)->first;
        if (!queue.is_out(holder)) {
            take_parked(state, queue, key, round);
        }
    }
}

}  // namespace baton::core
