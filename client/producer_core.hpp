#pragma once
// The inside of a Producer: gathers messages into batches, numbers the batches, bounds what is in flight and hands
// results to the callbacks. Kept alive by the requests it has on their way. One lock guards the state; callbacks run
// without it.

#include "baton/producer.hpp"
#include "client/client_core.hpp"
#include "client/sequence_window.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace baton::detail {

class ProducerCore : public std::enable_shared_from_this<ProducerCore> {
public:
    ProducerCore(std::shared_ptr<ClientCore> client, std::string queue, ProducerOptions options);

    /// False, and nothing done, when it would block and `may_block` is false.
    bool send(const Message& message, SendCallback&& callback, bool may_block);
    bool send_batch(EncodedBatch& batch, BatchCallback&& callback, bool may_block);
    EncodedBatch new_batch();
    BatchReceipt produce(EncodedBatch batch);
    Receipt produce(const Message& message);
    /// False when time ran out.
    bool flush(std::chrono::milliseconds timeout);
    /// Everything unanswered and everything later is answered with `closed`.
    void close();

    std::size_t bytes_in_flight() const;
    const std::string& queue() const { return queue_name_; }

private:
    /// A batch that `send` gathers, with who wants to know about which message.
    struct Gathering {
        EncodedBatch batch;
        std::vector<std::pair<std::uint32_t, SendCallback>> callbacks;
    };

    void check(const Message& message) const;
    bool has_room() const;
    bool wait_for_room(std::unique_lock<std::mutex>& lock, bool may_block);
    bool schedule_pump(std::chrono::microseconds delay);
    void pump();
    void submit_gathered();
    void submit(EncodedBatch&& batch, bool per_item, BatchCallback&& callback);
    void tell_rejected();
    void on_answer(std::uint64_t sequence, const OutFramePtr& frame, const BatchCallback& callback,
                   const Result<Reply>& reply);

    // Constant after construction.
    const std::shared_ptr<ClientCore> client_;
    const std::string queue_name_;
    const ProducerOptions options_;
    const std::string defaults_;
    const std::uint64_t producer_id_;
    const std::int64_t created_ms_;

    mutable std::mutex mutex_;  // Guards all below.
    std::condition_variable answered_;
    SequenceWindow sequences_;
    Gathering open_;
    std::size_t bytes_in_flight_ = 0;
    std::uint32_t batches_in_flight_ = 0;
    bool pump_posted_ = false;
    bool closed_ = false;
    /// What the client did not take because it was closed; told when the lock is free.
    std::vector<ReplyHandler> rejected_;
    /// Buffers of answered batches.
    std::vector<std::string> spare_;
};

}  // namespace baton::detail
