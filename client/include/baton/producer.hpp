#pragma once
// A producer for one queue. Every batch carries the producer's id and a sequence number, so a batch that is repeated
// after a lost reply, also across a restart of the daemon, is stored once. All member functions may be called from any
// thread; callbacks run on the client's I/O thread and may send again from there (such a send is cheap and never
// blocks).
//
// `send` gathers messages into batches: a batch leaves when it is full, when `linger` is over, or, with linger 0, as
// soon as the connection has nothing better to do, so a lone message is not held back. Each message has its own result.
// `send_batch` sends its messages as one batch, all or nothing unless `per_item`.

#include "baton/connection.hpp"
#include "baton/encoded_batch.hpp"
#include "baton/produce_outcome.hpp"
#include "baton/queue.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace baton {

namespace detail {
class ProducerCore;
}

struct ProducerOptions {
    /// For `send`: a batch leaves when it has this many messages or bytes.
    std::uint32_t batch_messages = 1'000;
    std::size_t batch_bytes = 256 * 1024;
    /// How long `send` may hold an incomplete batch back.
    std::chrono::microseconds linger{0};
    /// What may be sent and unanswered before `send` and `send_batch` block. One batch is always let through.
    std::size_t in_flight_bytes = 16 * 1024 * 1024;
    std::uint32_t in_flight_batches = 512;
    /// For `send_batch` and `produce`: messages are accepted or refused one by one instead of all or nothing.
    bool per_item = false;
    /// To a topic: throws no_subscription when no subscription and no binding gets any of a batch, instead of leaving
    /// it to those that come later.
    bool refuse_unrouted = false;
    /// From send to answer, reconnects included; then timed_out. 0: no limit.
    std::chrono::milliseconds timeout{30'000};
    /// For messages that have none of their own.
    MessageOptions defaults;
};

struct Receipt {
    /// Where it is stored; when it was not stored, outcome.other.
    MessageId id;
    /// It had been stored before by an earlier try.
    bool duplicate = false;
    Durability durability = Durability::unspecified;
    /// Created, or what else a message with an id or a deduplication id came to.
    ProduceOutcome outcome = {};
    /// Of a topic: how many subscriptions and bindings get it.
    std::uint32_t subscriptions = 0;
};

struct BatchReceipt {
    std::uint64_t queue_id = 0;
    /// Accepted messages have the offsets first_offset, first_offset + 1, ... in order.
    std::uint64_t first_offset = 0;
    std::uint32_t accepted = 0;
    bool duplicate = false;
    Durability durability = Durability::unspecified;
    std::uint32_t subscriptions = 0;
    struct Refusal {
        std::uint32_t index = 0;
        Error error;
    };
    /// per_item only.
    std::vector<Refusal> refusals;
    /// Messages that were not simply stored, ascending by index. Only those that replaced another take an offset.
    std::vector<std::pair<std::uint32_t, ProduceOutcome>> outcomes;
};

using SendCallback = std::function<void(const Result<Receipt>&)>;
using BatchCallback = std::function<void(const Result<BatchReceipt>&)>;

class Producer {
public:
    /// Does not wait for the server; a missing queue is found out by the first message.
    Producer(const Client& client, std::string queue, ProducerOptions options = {});
    /// Flushes for at most 5 s; what is unanswered then is answered with `closed`.
    ~Producer();
    Producer(Producer&&) noexcept;
    Producer& operator=(Producer&&) noexcept;

    /// Queues the message; the callback (may be empty) gets its result. Blocks while too much is in flight.
    void send(const Message& message, SendCallback callback = {});
    /// As send, but false at once, and nothing queued, when it would block.
    bool try_send(const Message& message, SendCallback callback = {});

    /// An empty batch, with a recycled buffer when there is one.
    EncodedBatch new_batch();
    /// Sends the batch as one request; pipelined. Blocks while too much is in flight.
    void send_batch(EncodedBatch batch, BatchCallback callback = {});
    void send_batch(std::span<const Message> messages, BatchCallback callback = {});
    /// Payloads only.
    void send_batch(std::span<const std::string_view> payloads, BatchCallback callback = {});
    bool try_send_batch(EncodedBatch& batch, BatchCallback callback = {});

    /// Sends and waits until it is durable. Throws what went wrong.
    Receipt produce(const Message& message);
    BatchReceipt produce(std::span<const Message> messages);
    BatchReceipt produce(EncodedBatch batch);

    /// Sends what is gathered and waits until everything sent so far is answered. Throws timed_out. Results are told
    /// to the callbacks, not here.
    void flush(std::chrono::milliseconds timeout = std::chrono::milliseconds{30'000});

    std::size_t bytes_in_flight() const;
    const std::string& queue() const;

private:
    void close() noexcept;

    std::shared_ptr<detail::ProducerCore> core_;
};

}  // namespace baton
