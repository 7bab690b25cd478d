#pragma once
// Several things done together or not at all: messages settled, others produced into any queues, a message changed, a
// schedule made. What a worker has to pass on is passed on exactly when its message is acked, and never twice.
//
//     baton::Transactions transactions(client);
//     baton::Transaction step = transactions.begin();
//     step.ack(order);
//     step.produce("invoices", {.payload = invoice});
//     step.produce("mails", {.payload = mail});
//     step.commit();
//
// The parts see the state from before the transaction: what it acks makes no room for what it produces. A queue whose
// producers wait for room refuses a transaction instead.

#include "baton/batch.hpp"
#include "baton/connection.hpp"
#include "baton/job.hpp"
#include "baton/message.hpp"
#include "baton/producer.hpp"
#include "baton/schedules.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

namespace detail {
class TransactionsCore;
struct TransactionParts;
}  // namespace detail

struct TransactionReceipt {
    /// It was carried out by an earlier try, whose answer was lost.
    bool repeated = false;
    /// Of each message, in the order of produce().
    std::vector<Receipt> receipts;
    /// With upsert_schedule(), unless it was repeated.
    std::optional<ScheduleInfo> schedule;
};

/// Not thread-safe. Keeps what it settles from being settled elsewhere only from the commit on.
class Transaction {
public:
    ~Transaction();
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) noexcept;

    /// These three note what is to be settled: they ask nothing of the server and do not block, and the batch is kept
    /// until the transaction goes, so that the caller's may go before commit(). What is wrong with them is found out by
    /// commit() only: it throws already_settled for what was settled elsewhere meanwhile, lease_expired and the like.
    /// The messages must have been received by the same client.
    /// Done; `result` is kept with each message where its queue keeps completed ones, at most 64 KiB.
    void ack(const Batch& messages, std::optional<JobResult> result = {});
    void ack(const Received& message, std::optional<JobResult> result = {});
    /// The attempt has failed; whether and when there is another one is as with Received::fail.
    void fail(const Received& message, FailOptions options);
    /// Gives it back uncounted, ready at once or after `delay`.
    void release(const Received& message, std::chrono::milliseconds delay = {});
    /// Messages of one queue go as one atomic batch. At most 100 queues.
    void produce(const std::string& queue, const Message& message);
    /// At most one message, which nobody holds; a second call takes the place of the first.
    void change_job(const std::string& queue, const JobName& job, const JobChange& change);
    /// At most one schedule; a second call takes the place of the first.
    void upsert_schedule(const std::string& name, const Schedule& schedule,
                         std::optional<std::uint64_t> if_generation = {});

    /// Blocks until all of it is done; not to be called on the client's I/O thread. Throws the refusal of the part that
    /// cannot be done: then nothing was. After connection_lost or timed_out it may have been done: commit() again
    /// carries it out exactly once. Throws frame_too_large when it does not fit into one request.
    TransactionReceipt commit();

private:
    friend class Transactions;
    explicit Transaction(std::shared_ptr<detail::TransactionsCore> core);

    std::shared_ptr<detail::TransactionsCore> core_;
    std::unique_ptr<detail::TransactionParts> parts_;
};

/// What transactions are begun with; one for a client is enough. May be used by several threads at once. One whose
/// commit fails is remembered by the server until it is committed or destroyed, and so is what comes behind it: after
/// 1,000 of these commit() waits, and throws too_many_requests when that takes longer than the client's request
/// timeout.
class Transactions {
public:
    explicit Transactions(const Client& client);

    /// An empty one, which asks nothing of the server and does not throw. It is the caller's and may outlive this
    /// object; commit() then still needs the client to be connected.
    Transaction begin() const;

private:
    std::shared_ptr<detail::TransactionsCore> core_;
};

}  // namespace baton
