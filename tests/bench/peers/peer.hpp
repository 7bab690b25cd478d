#pragma once
// What a broker's client must be able to do to be measured: workloads.cpp is written against this, and one source a
// broker implements it with that broker's own C library.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace baton::peers {

struct Options {
    std::string workload;
    /// What the broker calls a kind of queue; RabbitMQ: `quorum` or `classic`.
    std::string kind;
    int port = 0;
    int pid = 0;
    std::uint64_t messages = 1'000'000;
    std::size_t size = 100;
    /// No workload sends for longer than this.
    double seconds = 10;
    std::uint64_t rate = 2'000;
    /// Queues, groups or consumers that each get every message.
    std::uint32_t groups = 1;
    /// Messages in flight to the broker before the producer waits for confirmations.
    std::uint32_t window = 4'096;
    /// How far a producer may be ahead of the consumers' acks.
    std::uint64_t lead = 0;
};

/// One connection that sends. Errors are thrown, also those of messages sent earlier.
class Producer {
public:
    virtual ~Producer() = default;
    /// May keep the message back until `push`; waits while the window is full.
    virtual void send(std::string_view payload) = 0;
    virtual void push() = 0;
    /// Returns when the broker has confirmed every message.
    virtual void finish() = 0;
};

using Seen = std::function<void(std::string_view payload)>;

/// One connection that receives and acks.
class Consumer {
public:
    virtual ~Consumer() = default;
    /// Shows and acks what is there; waits for the first message, and returns how many came: 0 after `wait`.
    virtual std::uint64_t receive(const Seen& seen, std::chrono::milliseconds wait) = 0;
    /// Returns when the broker has the acks.
    virtual void finish() = 0;
};

class Peer {
public:
    virtual ~Peer() = default;
    /// Makes the queues on a server that was just started.
    virtual void prepare() = 0;
    virtual std::unique_ptr<Producer> producer() = 0;
    virtual std::unique_ptr<Consumer> consumer(std::uint32_t group) = 0;
};

/// The one broker that is linked with the workloads.
std::unique_ptr<Peer> make_peer(const Options& options);

}  // namespace baton::peers
