#pragma once
// The state machine of the broker: queues, leases, timers, producers, consumer sessions. Pure: no thread, clock,
// socket, file or random source; the same inputs give the same bytes.
//
// A round is: any number of apply() / answer() / tick() calls, then seal(). The caller commits the round's mutations as
// one batch and only then releases its effects; the next round may be built meanwhile. Owned and called by one thread.

#include "server/core/ids.hpp"
#include "server/core/mutation.hpp"
#include "server/core/request.hpp"
#include "server/core/round.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

struct State;

struct CoreOptions {
    /// Start-up count of the data directory; part of every token.
    std::uint64_t epoch = 1;
    /// How long messages that may have been delivered before a restart are held for their old token.
    DurationMs restart_grace_ms = limits::restart_grace_ms;
    /// Body bytes kept in memory for all queues together.
    std::size_t window_bytes_max = limits::window_bytes_total_max;
    std::size_t flows_in_memory_max = limits::flows_in_memory_max;
    /// Time moves by AdvanceClock only: the caller asks next_stop() where to.
    bool virtual_clock = false;
};

class Core {
public:
    explicit Core(CoreOptions options);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    /// One record of the store, at start-up, before anything else, in any order: PutShard, PutNamespace, PutQueue,
    /// PutQueueState, PutAckPage, PutLease, PutReturned, PutProducer. Others are ignored.
    void restore(const Mutation& record);
    /// After the last restore(): rebuilds what is derived and starts the grace of restored leases.
    void restored(TimeMs now);

    /// One request. Its reply may come in a later round (it waits for a read, a message, or a task).
    void apply(Request&& request, TimeMs now, Round& round);
    /// One finished read.
    void answer(ReadAnswer&& answer, TimeMs now, Round& round);
    /// Runs what is due at `now`; bounded work, see next_deadline().
    void tick(TimeMs now, Round& round);
    /// Ends the round: assigns messages to consumers and appends the records of everything touched.
    void seal(TimeMs now, Round& round);

    /// When tick() has work next; a time that has passed means at once. Absent: nothing is scheduled.
    std::optional<TimeMs> next_deadline() const;

    /// Where an advance of the virtual clock goes next: the next due timer or its end; `now` itself when it is done and
    /// tick() can answer it. Absent: no advance is under way, or work of `now` is left. Ask between rounds.
    std::optional<TimeMs> next_stop(TimeMs now) const;

    /// No further deliveries (shutdown). Leases stay; produces and settles go on.
    void stop_delivering();
    /// True when sealing now would look for consumers of messages that wait. Cheap; no side effect.
    bool has_ready() const;
    /// Refuse produces with storage_full until cleared; acks and the rest go on.
    void set_storage_full(bool full);

    /// A text form of all durable state, equal for a core restored from what this one wrote. For tests.
    std::string durable_digest() const;
    /// All queues as `show` sees them, for metrics.
    std::vector<QueueInfo> queue_infos(TimeMs now) const;
    std::uint64_t queue_count() const;
    std::size_t window_bytes() const;

private:
    std::unique_ptr<State> state_;
};

}  // namespace baton::core
