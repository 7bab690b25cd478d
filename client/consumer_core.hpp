#pragma once
// The inside of a Consumer: what was delivered and not handed out, what is held, and the settles on their way. Shared
// by the Consumer and its batches; the client knows it weakly.
//
// One lock guards the state. Functions marked [io] are called by the client on its I/O thread, all others by any
// thread; callbacks of the user run without the lock.

#include "baton/consumer.hpp"
#include "client/client_core.hpp"
#include "client/delivered_frame.hpp"
#include "client/settle_queue.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace baton::detail {

using ExtendCallback = std::function<void(std::uint64_t batch, const Result<SettleReport>&)>;

class ConsumerCore : public std::enable_shared_from_this<ConsumerCore> {
public:
    ConsumerCore(std::shared_ptr<ClientCore> client, std::string queue, ConsumerOptions options);

    /// Waits for the server's answer; throws.
    void open();
    Batch receive(std::size_t max, std::chrono::milliseconds timeout);
    /// `done` may be null.
    Batch fetch(std::uint32_t max, std::chrono::milliseconds wait, const Batch* done);
    /// Settles messages [from, from + count) of a delivery, as far as they are not.
    void settle(const DeliveredFramePtr& frame, std::uint32_t from, std::uint32_t count, const SettleAction& action,
                SettleCallback callback);
    /// False when time ran out.
    bool flush(std::chrono::milliseconds timeout);
    void set_credit(std::uint32_t messages, std::uint32_t bytes);
    std::size_t buffered() const;
    const std::shared_ptr<ClientCore>& client() const { return client_; }
    const std::string& topic() const { return topic_; }
    /// False when not every settle was answered in time.
    bool close(std::chrono::milliseconds deadline);

    /// From now on receive() returns nothing, at once; what was not handed out is given back.
    void stop_handing_out();
    /// What of these messages is not settled yet, for a transaction.
    std::vector<OffsetRange> unsettled_of(const Batch& messages) const;
    /// A transaction has settled them.
    void settled_in_transaction(const Batch& messages);
    /// Prolongs the leases of held deliveries that began, or were prolonged, `interval` ago: a third of the lease when
    /// absent, two thirds at most. The callback is also given the number of the delivery.
    void extend_held(std::optional<std::chrono::milliseconds> lease, std::optional<std::chrono::milliseconds> interval,
                     const ExtendCallback& callback);
    /// Nothing that was delivered waits here, is worked on, or has a settle without an answer.
    bool holds_nothing() const;

    void on_delivery(DeliveredFramePtr frame);   // [io]
    PendingRequest declare_again(bool resumed);  // [io]
    void on_revoked(const Token& token, OffsetRange revoked, LeaseRevocation::Reason reason,
                    std::chrono::milliseconds grace);  // [io]
    void on_server_closed(const Error& error);         // [io]
    void on_client_closed(const Error& error);         // [io]

private:
    struct Queued {
        DeliveredFramePtr frame;
        std::uint32_t next = 0;
    };
    /// A settle request on its way.
    struct Flight {
        std::vector<Settlement> settlements;
        bool answered = false;
    };

    std::string open_fields(bool with_held);
    bool on_fetched(const std::shared_ptr<Flight>& flight, const Result<Reply>& reply,
                    std::promise<Result<DeliveredFramePtr>>& result);
    Batch hand_out(std::size_t max);
    void hold(const DeliveredFramePtr& frame);
    void drop_queued();
    /// Takes messages out of what was not handed out, with the lock held, and gives them back when they are still held.
    std::vector<OffsetRange> drop_revoked(std::uint64_t batch, OffsetRange revoked, bool held);
    void report_started(const DeliveredFramePtr& frame, std::uint32_t from, std::uint32_t count);
    void schedule_pump();
    void pump();
    void send_started();
    bool send_flight(std::vector<Settlement>&& settlements);
    std::shared_ptr<Flight> make_flight(const Batch* done);
    OutFramePtr make_settle_frame(std::uint64_t id, const Flight& flight, std::string_view fetch) const;
    void on_settled(Flight& flight, const Result<Reply>& reply);
    void tell_results(Flight& flight, const std::optional<Error>& failure,
                      const std::vector<SettleReport>& reports) const;
    void confirm(Flight& flight);
    void submit_credit(std::uint32_t messages, std::uint32_t bytes);
    void require_open() const;

    // Constant after construction.
    const std::shared_ptr<ClientCore> client_;
    const std::string queue_name_;
    /// When it is a subscription of one topic: that.
    const std::string topic_;
    const ConsumerOptions options_;
    const std::uint64_t id_;

    mutable std::mutex mutex_;  // Guards all below.
    std::condition_variable arrived_;
    std::condition_variable settled_;
    std::uint32_t credit_messages_;
    std::uint32_t credit_bytes_;
    std::deque<Queued> queued_;
    /// Deliveries of which something may be unsettled, by batch. Weak: a batch that the application dropped is no
    /// longer held, and is given back at the next reconnect.
    std::map<std::uint64_t, std::weak_ptr<const DeliveredFrame>> held_;
    SettleQueue settles_;
    std::vector<Settlement> started_;
    std::uint32_t flights_ = 0;
    std::uint64_t settles_added_ = 0;
    std::uint64_t settles_answered_ = 0;
    bool pump_posted_ = false;
    bool handing_out_ = true;
    bool closing_ = false;
    std::optional<Error> closed_;
};

}  // namespace baton::detail
