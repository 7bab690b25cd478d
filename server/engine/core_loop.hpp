#pragma once
// The core thread: one turn takes what waits, applies it at one `now`, runs due timers, and seals the round when the
// committer is free or the round is full. All members but the ones marked are touched by this thread alone.

#include "server/core/core.hpp"
#include "server/engine/broker_clock.hpp"
#include "server/engine/commit_pipe.hpp"
#include "server/engine/fetch_waits.hpp"
#include "server/engine/group_linger.hpp"
#include "server/engine/inbox.hpp"
#include "server/engine/read_queue.hpp"
#include "server/engine/settle_linger.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace baton::engine {

/// What other threads may see of the core thread.
struct CoreGauges {
    std::atomic<std::uint64_t> rounds{0}, requests{0}, queues{0};
    std::atomic<std::int64_t> broker_time{0};
    /// Steady microseconds: when the next timer is due (the maximum: none), and when the last turn began.
    std::atomic<std::int64_t> due_us{std::numeric_limits<std::int64_t>::max()}, turned_us{0};
    std::atomic<storage::SpaceState> space{storage::SpaceState::ample};
};

class CoreLoop {
public:
    CoreLoop(core::Core& core, BrokerClock clock, storage::Store& store, Inbox& inbox, CommitPipe& pipe,
             ReadQueue& reads, bool linger, std::chrono::milliseconds stop_wait);

    /// Runs until stop() and all is answered, or until fail().
    void run();
    /// Any thread.
    void stop() { stopping_.store(true, std::memory_order_release); }
    void fail() { failed_.store(true, std::memory_order_release); }
    const CoreGauges& gauges() const { return gauges_; }

private:
    using Steady = std::chrono::steady_clock;

    bool finished();
    Steady::time_point next_turn() const;
    void turn();
    /// A virtual clock: goes to where an advance has to stop next; true when the core is to look at it.
    bool move_clock();
    void end_fetch_waits();
    void apply_requests();
    void check_space();
    bool round_full() const;
    bool linger_on();
    /// The round at hand only settles, and the next message is on its way.
    bool hold_settles();
    void seal_when_possible();
    void seal();
    void publish_deadline();

    core::Core& core_;
    BrokerClock clock_;
    storage::Store& store_;
    Inbox& inbox_;
    CommitPipe& pipe_;
    ReadQueue& reads_;
    GroupLinger linger_;
    SettleLinger settle_linger_;
    const bool linger_allowed_;
    const std::chrono::milliseconds stop_wait_;

    core::Round round_;
    Inbox::Batch batch_;
    FetchWaits fetch_waits_;
    core::TimeMs now_ = 0;
    /// Something was applied since the last seal.
    bool unsealed_ = false;
    std::size_t requests_in_round_ = 0;
    /// Until when the round at hand is held for company; the epoch when it is not.
    Steady::time_point linger_until_{};
    /// The same for a round that only settles.
    Steady::time_point settles_until_{};
    Steady::time_point space_checked_{};
    Steady::time_point stop_by_{};
    CoreGauges gauges_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> failed_{false};
};

}  // namespace baton::engine
