#pragma once
// What is done while a daemon is killed, or loses its power, again and again: one thread produces numbered messages,
// and others read queues and subscriptions until nothing is left.

#include "tests/crash/kill_history.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace baton::tests {

/// Batches go to these queues in turn; what is unanswered is repeated for as long as it takes.
class KillProducer {
public:
    /// `keyed`: with one of kill_keys keys each, as groups.
    KillProducer(const Client& client, SentMessages& sent, const std::vector<std::string>& queues, bool keyed = false);

    /// Nothing new is sent meanwhile; what is unanswered is still repeated.
    void pause(bool paused) { paused_ = paused; }
    /// No more is sent; waits for what was.
    void finish();

private:
    void produce();
    void send(std::uint64_t first);

    SentMessages& sent_;
    const bool keyed_;
    std::vector<std::unique_ptr<Producer>> producers_;
    std::atomic<bool> stop_{false}, paused_{false};
    std::thread thread_;
};

/// A consumer with a thread of its own. Of a subscription that is shared by key, several feed one reader.
class Reading {
public:
    Reading(const Client& client, const std::string& queue, KillReader& reader);

    /// Waits until nothing is left in the queue, and ends; what is left then.
    std::uint64_t finish(Admin& admin);

    const std::string name;
    const KillReader& reader;

private:
    Consumer consumer_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

/// Nothing is left, and nothing was lost, came back, or came without a cause.
void check(Reading& reading, Admin& admin);

}  // namespace baton::tests
