#include "server/core/producer_memory.hpp"

#include "server/core/limits.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// The state record is written by every commit that touches the queue, so it must stay small.
constexpr std::size_t in_state_producers_max = 2;
constexpr std::size_t in_state_sequences_max = 4;

PutProducer record_of(NamespaceId ns, QueueId id, std::uint64_t number, const ProducerMemory::Producer& producer) {
    PutProducer record{ns, id, number, producer.created_at, producer.used_at, producer.acked_through, {}};
    record.stored.reserve(producer.stored.size());
    for (const auto& [sequence, stored] : producer.stored) {
        record.stored.push_back(stored);
    }
    return record;
}

}  // namespace

ProducerMemory::Verdict ProducerMemory::judge(std::uint64_t producer, TimeMs created_at, std::uint64_t sequence,
                                              std::uint64_t acked_through, TimeMs now) const {
    if (sequence == 0) {
        return invalid("produce.sequence", "a producer's sequences start at 1", 1);
    }
    const auto found = producers_.find(producer);
    if (found == producers_.end()) {
        if (created_at < now - limits::producer_idle_ms_max) {
            return Refusal{RefusalCode::producer_too_old,
                           "this producer is older than the server's memory of producers: begin a new one",
                           "produce.producer_created_ms", static_cast<std::uint64_t>(limits::producer_idle_ms_max)};
        }
        if (sequence <= acked_through) {
            return Refusal{RefusalCode::sequence_too_old, "the sequence was acknowledged before", "produce.sequence",
                           acked_through};
        }
        return IsNew{};
    }
    const Producer& known = found->second;
    const std::uint64_t acked = std::max(known.acked_through, acked_through);
    if (sequence <= acked) {
        return Refusal{RefusalCode::sequence_too_old, "the sequence was acknowledged before", "produce.sequence",
                       acked};
    }
    if (const auto stored = known.stored.find(sequence); stored != known.stored.end()) {
        return stored->second;
    }
    const auto open = std::distance(known.stored.upper_bound(acked), known.stored.end());
    if (static_cast<std::uint64_t>(open) >= limits::open_sequences_max) {
        return Refusal{RefusalCode::sequence_gap, "too many sequences are open: raise acked_through",
                       "produce.acked_through", limits::open_sequences_max};
    }
    return IsNew{};
}

void ProducerMemory::remember(std::uint64_t producer, TimeMs created_at, std::uint64_t acked_through,
                              PutProducer::Stored&& stored, TimeMs now) {
    Producer& known = producers_[producer];
    known.acked_through = std::max(known.acked_through, acked_through);
    known.stored.erase(known.stored.begin(), known.stored.upper_bound(known.acked_through));
    known.created_at = created_at;
    known.used_at = now;
    known.stored[stored.sequence] = std::move(stored);
    changed_.insert(producer);
}

bool ProducerMemory::drop_idle(NamespaceId ns, QueueId id, TimeMs idle_since, std::vector<Mutation>& out) {
    bool dropped = false;
    for (auto producer = producers_.begin(); producer != producers_.end();) {
        if (producer->second.used_at >= idle_since) {
            ++producer;
            continue;
        }
        if (!in_state_) {
            out.push_back(RemoveProducer{ns, id, producer->first});
        }
        dropped = true;
        changed_.erase(producer->first);
        producer = producers_.erase(producer);
    }
    return dropped && in_state_;
}

bool ProducerMemory::fits_in_state() const {
    return producers_.size() <= in_state_producers_max &&
           std::all_of(producers_.begin(), producers_.end(), [](const auto& known) {
               const auto& stored = known.second.stored;
               return stored.size() <= in_state_sequences_max &&
                      std::all_of(stored.begin(), stored.end(),
                                  [](const auto& one) { return one.second.refused.empty(); });
           });
}

void ProducerMemory::write(PutQueueState& state, std::vector<Mutation>& out) {
    if (in_state_ && fits_in_state()) {
        for (const auto& [number, producer] : producers_) {
            state.producers.push_back(record_of(state.ns, state.id, number, producer));
        }
    } else if (in_state_) {
        in_state_ = false;
        for (const auto& [number, producer] : producers_) {
            out.push_back(record_of(state.ns, state.id, number, producer));
        }
    } else {
        for (const std::uint64_t number : changed_) {
            out.push_back(record_of(state.ns, state.id, number, producers_.at(number)));
        }
    }
    changed_.clear();
}

void ProducerMemory::restore(const PutProducer& record, bool own_record) {
    in_state_ = in_state_ && !own_record;
    Producer& producer = producers_[record.producer];
    producer.created_at = record.created_at;
    producer.used_at = record.used_at;
    producer.acked_through = record.acked_through;
    for (const PutProducer::Stored& stored : record.stored) {
        producer.stored[stored.sequence] = stored;
    }
}

}  // namespace baton::core
