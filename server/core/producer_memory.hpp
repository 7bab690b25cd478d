#pragma once
// What a queue remembers of its producers, so that a produce repeated after a lost reply stores nothing twice: the
// sequences stored above what the client says it has seen answered. A refused sequence is never remembered.

#include "server/core/ids.hpp"
#include "server/core/mutation.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

namespace baton::core {

class ProducerMemory {
public:
    struct Producer {
        TimeMs created_at = 0;
        TimeMs used_at = 0;
        std::uint64_t acked_through = 0;
        std::map<std::uint64_t, PutProducer::Stored> stored;
    };
    /// New: store it. Otherwise what was stored before, or why the sequence cannot be taken.
    struct IsNew {};
    using Verdict = std::variant<IsNew, PutProducer::Stored, Refusal>;

    /// Judges a produce before anything is stored.
    Verdict judge(std::uint64_t producer, TimeMs created_at, std::uint64_t sequence, std::uint64_t acked_through,
                  TimeMs now) const;
    /// The produce was stored; what the client acknowledges is forgotten.
    void remember(std::uint64_t producer, TimeMs created_at, std::uint64_t acked_through, PutProducer::Stored&& stored,
                  TimeMs now);
    /// Drops producers idle since before `idle_since`. True when the queue's state record must be written for it.
    bool drop_idle(NamespaceId ns, QueueId id, TimeMs idle_since, std::vector<Mutation>& out);
    /// Puts what is remembered into the queue's state record while it is little, else what has changed into records of
    /// its own: most queues have one producer, and a second record would cost as much as the message.
    void write(PutQueueState& state, std::vector<Mutation>& out);
    /// From a record of its own, or from the queue's state.
    void restore(const PutProducer& record, bool own_record);
    const std::map<std::uint64_t, Producer>& all() const { return producers_; }

private:
    bool fits_in_state() const;

    std::map<std::uint64_t, Producer> producers_;
    /// The state record holds all of them. Once they have outgrown it they keep records of their own.
    bool in_state_ = true;
    std::set<std::uint64_t> changed_;
};

}  // namespace baton::core
