#pragma once
// Takes a core through its rounds against a MemoryStore, one step at a time and at a time of the caller's choosing: the
// same duties as the engine has, without its threads. At most one commit is in flight while the next round is built.
//
// One thread. The clock is a number that only the caller moves.

#include "server/core/core.hpp"
#include "tests/support/memory_store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton::tests {

/// An effect that has left the broker, with what is needed to judge it.
struct Released {
    core::Effect effect;
    /// The commit it waited for, counted from 1 over the life of the driver.
    std::uint64_t commit = 0;
    /// When its round was sealed: the time at which deliveries were decided.
    core::TimeMs decided_at = 0;
};

class RoundDriver {
public:
    struct Options {
        core::CoreOptions core;
        core::TimeMs start = 1'700'000'000'000;
        /// The planted bug of the driver: effects leave before their commit is durable.
        bool release_before_commit = false;
    };

    explicit RoundDriver(Options options);

    core::Core& core() { return *core_; }
    const core::Core& core() const { return *core_; }
    const MemoryStore& store() const { return store_; }
    /// Called when a commit has reached the disk, before its reads are answered.
    void watch_commits(std::function<void()> watcher) { watcher_ = std::move(watcher); }
    /// Called with the mutations of every commit that reaches the disk and its number, before the disk takes them.
    void watch_mutations(std::function<void(const std::vector<core::Mutation>&, std::uint64_t)> watcher) {
        mutation_watcher_ = std::move(watcher);
    }
    std::uint64_t epoch() const { return options_.core.epoch; }
    /// Commits up to this can no longer be lost.
    std::uint64_t last_durable() const { return last_durable_; }

    core::TimeMs now() const { return now_; }
    /// Moves the clock; it never goes back.
    void advance_to(core::TimeMs now);
    void advance(core::DurationMs by) { advance_to(now_ + by); }

    /// Goes on with an advance of a virtual clock, if one is under way and nothing is left to do; else false.
    bool step_clock();

    /// Into the round being built.
    void apply(core::Request&& request);
    /// Runs what is due into the round being built; false when work was left after many slices.
    bool tick();
    /// Whether a round would have something to do: requests were applied, answers came, or something is due.
    bool wants_round() const;
    /// Seals the round being built and sends it to the disk. Only when no commit is in flight.
    void seal();
    bool commit_in_flight() const { return in_flight_ != nullptr; }
    /// The commit in flight reaches the disk; its effects leave and its reads begin.
    void finish_commit();

    std::size_t reads() const { return reads_.size(); }
    const core::ReadRequest& read(std::size_t i) const { return reads_.at(i).request; }
    /// The reader fetches what read `i` asks for, as the disk is now; the answer is given later.
    void fetch_read(std::size_t i);
    /// Read `i` enters the round being built, fetched now if it was not before.
    void answer_read(std::size_t i);

    /// Effects that have left since the last call, in order.
    std::vector<Released> take_released();
    /// Rounds, commits and reads until there is nothing to do at this time; false when it does not come to rest.
    bool settle();

    struct Crash {
        /// Commits with a higher number never happened.
        std::uint64_t last_commit = 0;
    };
    /// Stops without warning and starts again from the disk with the next epoch. What was not synced is lost but for
    /// the first `survivors` commits; `written` says whether a commit in flight had reached the disk. Nothing of it
    /// leaves.
    Crash crash(std::size_t survivors, bool written);

    /// A fresh core that was restored from what is committed.
    std::unique_ptr<core::Core> restored_copy() const;

    /// Folds every effect and mutation into a number, to compare two runs. Costs time, so it is off unless asked for.
    void keep_digest() { digest_kept_ = true; }
    std::uint64_t digest() const { return digest_; }

private:
    struct PendingRead {
        core::ReadRequest request;
        std::unique_ptr<core::ReadAnswer> answer;
    };
    struct InFlight {
        core::Round round;
        core::TimeMs sealed_at = 0;
        std::uint64_t number = 0;
    };
    void release(InFlight& commit);
    /// Puts what a commit changes on the disk.
    void write(InFlight& commit);
    void fold(const core::Round& round);
    std::unique_ptr<core::Core> load(std::uint64_t epoch) const;

    Options options_;
    core::TimeMs now_;
    MemoryStore store_;
    std::unique_ptr<core::Core> core_;
    core::Round building_;
    bool touched_ = false;
    std::unique_ptr<InFlight> in_flight_;
    std::vector<PendingRead> reads_;
    std::vector<Released> released_;
    std::uint64_t commits_ = 0;
    /// Numbers of the commits since the last synced one.
    std::vector<std::uint64_t> unsynced_;
    std::uint64_t last_durable_ = 0;
    bool digest_kept_ = false;
    std::uint64_t digest_ = 0xCBF29CE484222325ULL;
    std::function<void()> watcher_;
    std::function<void(const std::vector<core::Mutation>&, std::uint64_t)> mutation_watcher_;
};

}  // namespace baton::tests
