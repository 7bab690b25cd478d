#pragma once
// Delivered messages and how to settle them. A Batch and a Received keep the receive buffer of their delivery alive,
// and the views into it valid; both are cheap handles that may be copied and used by any thread. Settling a message
// twice does nothing the second time. What is never settled comes back when its lease ends.

#include "baton/children_wait.hpp"
#include "baton/error.hpp"
#include "baton/job_log.hpp"
#include "baton/message.hpp"
#include "baton/result.hpp"
#include "baton/settle_report.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

namespace detail {
class ConsumerCore;
struct SettleAction;
}  // namespace detail

/// Some or all messages of one delivery.
class Batch {
public:
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = MessageView;
        using difference_type = std::ptrdiff_t;
        Iterator(const detail::DeliveredFrame* frame, std::uint32_t index) : frame_(frame), index_(index) {}
        MessageView operator*() const { return MessageView(*frame_, index_); }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++index_;
            return before;
        }
        bool operator==(const Iterator& other) const { return index_ == other.index_; }

    private:
        const detail::DeliveredFrame* frame_;
        std::uint32_t index_;
    };

    Batch() = default;
    Batch(std::shared_ptr<detail::ConsumerCore> consumer, std::shared_ptr<const detail::DeliveredFrame> frame,
          std::uint32_t from, std::uint32_t count);

    bool empty() const { return count_ == 0; }
    std::size_t size() const { return count_; }
    MessageView operator[](std::size_t i) const { return {*frame_, from_ + static_cast<std::uint32_t>(i)}; }
    Iterator begin() const { return {frame_.get(), from_}; }
    Iterator end() const { return {frame_.get(), from_ + count_}; }
    /// Messages [from, from + count) of this batch.
    Batch slice(std::size_t from, std::size_t count) const;

    /// Done: the messages are gone for good.
    void ack(SettleCallback callback = {}) const;
    /// Done, with what each of them returned.
    void ack(JobResult result, SettleCallback callback = {}) const;
    /// Counts a failure: retried by the queue's backoff, or moved to the failed set.
    void fail(FailOptions options, SettleCallback callback = {}) const;
    /// Gives the messages back without counting a failure.
    void release(std::chrono::milliseconds delay = {}, SettleCallback callback = {}) const;
    /// Gives the messages back to their place, uncounted, and holds their whole queue back: its provider said so.
    void penalise(std::chrono::milliseconds penalty, SettleCallback callback = {}) const;
    /// Holds back only the groups of the messages; one without a group is just given back.
    void penalise_group(std::chrono::milliseconds penalty, SettleCallback callback = {}) const;
    /// Prolongs the leases, from now; 0: by the lease that the batch was given.
    void extend(std::chrono::milliseconds lease = {}, SettleCallback callback = {}) const;

    const std::shared_ptr<const detail::DeliveredFrame>& frame() const { return frame_; }
    const std::shared_ptr<detail::ConsumerCore>& consumer() const { return consumer_; }
    std::uint32_t from() const { return from_; }

private:
    void settle(const detail::SettleAction& action, SettleCallback callback) const;

    std::shared_ptr<detail::ConsumerCore> consumer_;
    std::shared_ptr<const detail::DeliveredFrame> frame_;
    std::uint32_t from_ = 0;
    std::uint32_t count_ = 0;
};

/// One delivered message: a batch of one, with the accessors of a view.
class Received {
public:
    /// `batch` has exactly one message.
    explicit Received(Batch batch) : batch_(std::move(batch)) {}

    MessageView view() const { return batch_[0]; }
    std::string_view payload() const { return view().payload(); }
    std::string_view name() const { return view().name(); }
    MessageId id() const { return view().id(); }

    void ack(SettleCallback callback = {}) const { batch_.ack(std::move(callback)); }
    void ack(JobResult result, SettleCallback callback = {}) const {
        batch_.ack(std::move(result), std::move(callback));
    }
    void fail(FailOptions options, SettleCallback callback = {}) const {
        batch_.fail(std::move(options), std::move(callback));
    }
    void release(std::chrono::milliseconds delay = {}, SettleCallback callback = {}) const {
        batch_.release(delay, std::move(callback));
    }
    void penalise(std::chrono::milliseconds penalty, SettleCallback callback = {}) const {
        batch_.penalise(penalty, std::move(callback));
    }
    void penalise_group(std::chrono::milliseconds penalty, SettleCallback callback = {}) const {
        batch_.penalise_group(penalty, std::move(callback));
    }
    void extend(std::chrono::milliseconds lease = {}, SettleCallback callback = {}) const {
        batch_.extend(lease, std::move(callback));
    }
    // What running work says of itself, by its lease. Each waits for the server's answer, and throws what a settle
    // would be refused with when the lease is no longer held; set_progress, append_log and clear_log throw
    // wrong_profile in a queue that is not of profile job. Not to be called on the client's I/O thread.

    /// Any bytes, at most 4 KiB. The last value is kept with the job, and each is an event.
    void set_progress(const std::string& value) const;
    /// At most 1,000 lines of UTF-8, each of at most 4 KiB. Not repeated after a lost connection.
    LogBounds append_log(const std::vector<std::string>& lines) const;
    /// Forgets all but the newest lines.
    LogBounds clear_log(std::uint64_t keep = 0) const;
    /// What a redelivery, and the record of its end, carry from now on; this delivery keeps what it has. Options are
    /// not looked at.
    void set_data(const Message& data) const;
    /// Gives the job up until its children are over (Flows::add_children). Unless go_on is returned the lease has
    /// ended, and nothing settles the job any more: after `waits` it is delivered again from the start, when it has
    /// nothing left to wait for. Only in a queue of profile job.
    ChildrenWait wait_for_children() const;
    const Batch& batch() const { return batch_; }

private:
    Batch batch_;
};

}  // namespace baton
