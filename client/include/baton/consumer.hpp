#pragma once
// A consumer of one queue. The server pushes messages while fewer than `credit` are delivered and unsettled; or, with
// credit 0, only `fetch` brings any. It is declared again after a reconnect, with the batches it still holds.
// All member functions may be called from any thread, and several threads may receive from one consumer.
//
// Settling (ack, fail, release, extend) does not block: settles are gathered, adjacent offsets become one range, and a
// request carries all that came together while the last ones were on their way. A callback, when given, gets the result
// on the client's I/O thread; one that has nothing to wait for, at once. flush() waits for all.

#include "baton/batch.hpp"
#include "baton/connection.hpp"
#include "baton/revocation.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace baton {

struct ConsumerOptions {
    /// How much may be delivered and unsettled. Small numbers share a queue fairly, large ones are fast; 0: fetch only.
    std::uint32_t credit_messages = 32;
    /// 0 = the server's maximum.
    std::uint32_t credit_bytes = 0;
    /// Absent = the queue's.
    std::optional<std::chrono::milliseconds> lease;
    /// Shown in histories; empty = client name and process id.
    std::string worker;
    /// In a queue with failover the highest goes first.
    std::uint32_t priority = 0;
    /// Tell the server which messages were handed to the application, so that losing their lease counts. Off: for
    /// consumers that would rather have a crash go uncounted than pay for the reports.
    bool report_started = true;
    /// Settles that were refused and had no callback. Called on the I/O thread.
    std::function<void(const SettleRefusal&)> on_refused;
    /// Messages that were handed out and are to be given up. Those that were not are given back unseen. Called on the
    /// I/O thread.
    std::function<void(const LeaseRevocation&)> on_revoked;
    /// The server closed the consumer (its queue was deleted). Called on the I/O thread.
    std::function<void(const Error&)> on_closed;
};

class Consumer {
public:
    /// Opens the consumer and waits for the server's answer. Throws queue_not_found, ...
    Consumer(const Client& client, std::string queue, ConsumerOptions options = {});
    /// Closes, within 5 s.
    ~Consumer();
    Consumer(Consumer&&) noexcept;
    Consumer& operator=(Consumer&&) noexcept;

    /// The next message; empty after `timeout`. Throws `closed`, or why the server closed the consumer.
    std::optional<Received> receive(std::chrono::milliseconds timeout);
    /// What has arrived, at most `max` messages and never across two deliveries; empty after `timeout`.
    Batch receive_batch(std::size_t max, std::chrono::milliseconds timeout);
    /// Asks for at most `max` messages and waits at the server until there is at least one, at most `wait` (20 s at
    /// most).
    Batch fetch(std::uint32_t max, std::chrono::milliseconds wait);
    /// Acks all of `done` and fetches in the same request: one round trip for each batch.
    Batch ack_and_fetch(const Batch& done, std::uint32_t max, std::chrono::milliseconds wait);

    void ack(const Received& message, SettleCallback callback = {}) { message.ack(std::move(callback)); }
    void ack(const Batch& batch, SettleCallback callback = {}) { batch.ack(std::move(callback)); }
    void fail(const Received& message, FailOptions options, SettleCallback callback = {}) {
        message.fail(std::move(options), std::move(callback));
    }
    void fail(const Batch& batch, FailOptions options, SettleCallback callback = {}) {
        batch.fail(std::move(options), std::move(callback));
    }

    /// Waits until every settle so far was answered. Throws timed_out.
    void flush(std::chrono::milliseconds timeout = std::chrono::milliseconds{30'000});
    /// Changes the credit; 0 stops deliveries.
    void set_credit(std::uint32_t messages, std::uint32_t bytes = 0);
    /// Messages delivered and not yet handed out. A snapshot.
    std::size_t buffered() const;

    /// Flushes the settles; gives back what is still held. Idempotent.
    void close(std::chrono::milliseconds deadline = std::chrono::milliseconds{5'000});

    /// For the other classes of the library.
    const std::shared_ptr<detail::ConsumerCore>& core() const { return core_; }

private:
    std::shared_ptr<detail::ConsumerCore> core_;
};

}  // namespace baton
