#pragma once
// A worker: runs a handler for each message of a queue, `concurrency` at a time, on threads of its own. Leases are
// prolonged from the client's I/O thread, which a busy handler cannot starve. How the handler ends settles the message:
//   returns (void or Outcome::ok())       ack
//   returns a JobResult or a string        ack, and the result is kept with the completed job
//   Outcome::retry, throws RetryableError  a failure; tried again by the queue's backoff
//   Outcome::retry_after, throws RetryAfter  a failure; tried again after that time
//   Outcome::permanent, throws PermanentError  not tried again: failed set or dead-letter queue
//   Outcome::rate_limited, throws RateLimited  no failure: given back to its place; queue or group held back
//   Outcome::failed, Job::fail, throws JobError  a failure of an error class, for which the queue may have a retry rule
//   throws anything else                   as RetryableError, with what()
// What is thrown and names no error class has that of its C++ type, such as "std::out_of_range".
// The member functions may be called from any thread but the handler's own.

#include "baton/consumer.hpp"
#include "baton/outcome.hpp"
#include "baton/worker_options.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

namespace baton {

namespace detail {
class WorkerCore;
struct JobState;
}  // namespace detail

/// The message that a handler works on; valid during the call.
class Job {
public:
    Job(const Received& received, const detail::JobState& state) : received_(received), state_(state) {}

    MessageView message() const { return received_.view(); }
    std::string_view payload() const { return received_.payload(); }
    std::string_view name() const { return received_.name(); }
    MessageId id() const { return received_.id(); }
    /// For a transaction, which settles it together with other things; what the handler returns then changes nothing.
    const Received& received() const { return received_; }
    /// 1 for the first attempt.
    std::uint32_t attempt() const { return message().failures() + 1; }
    /// The lease was lost: another worker may have the message, and this one's result will not count.
    bool lease_lost() const;
    /// Somebody cancelled the message: an ack within the grace still counts, any other end makes it gone.
    bool cancelled() const;
    /// Asked to stop when the message was cancelled, ran longer than it may, or lost its lease; and when Worker::stop()
    /// waits no longer.
    std::stop_token stop_token() const;
    /// The worker is stopping: a long handler may end early with Outcome::retry or RetryAfter.
    bool stopping() const;
    /// How far it is, in the handler's own words or bytes (see Received::set_progress).
    void progress(const std::string& value) const { received_.set_progress(value); }
    /// Appends to the log of the job; returns how many lines it has.
    std::uint64_t log(const std::string& line) const { return received_.append_log({line}).lines; }
    LogBounds clear_log(std::uint64_t keep = 0) const { return received_.clear_log(keep); }
    /// Another payload for whoever runs it next, with the same name and headers.
    void set_data(std::string payload) const;
    /// Waits for the children that were added to it with Flows::add_children. The handler returns at once unless this
    /// is go_on; what it returns then changes nothing, and the job comes again when its children are over:
    ///     if (!job.message().has_children()) flows.add_children(job.received(), parts);
    ///     if (job.wait_for_children() != baton::ChildrenWait::go_on) return;
    ChildrenWait wait_for_children() const;
    /// How a handler ends that has failed: `return job.fail("HTTP-500", "the server is down");`
    [[nodiscard]] static Outcome fail(std::string error_class, std::string reason, std::string stack = {}) {
        return Outcome::failed(std::move(error_class), std::move(reason), std::move(stack));
    }

private:
    const Received& received_;
    const detail::JobState& state_;
};

class Worker {
public:
    using Handler = std::function<Outcome(Job&)>;

    /// Opens the consumer and starts the threads. Throws what Consumer throws, and invalid_argument for an option out
    /// of bounds.
    Worker(const Client& client, std::string queue, Handler handler, WorkerOptions options = {});
    /// For handlers that return nothing and throw to fail.
    template <typename F, typename = std::enable_if_t<std::is_void_v<std::invoke_result_t<F&, Job&>>>>
    Worker(const Client& client, std::string queue, F handler, WorkerOptions options = {})
        : Worker(client, std::move(queue), Handler([h = std::move(handler)](Job& job) mutable {
                     h(job);
                     return Outcome::ok();
                 }),
                 std::move(options)) {}
    /// For handlers that take the stop token of their job beside it.
    template <typename F, std::enable_if_t<std::is_invocable_v<F&, Job&, std::stop_token>, int> = 0>
    Worker(const Client& client, std::string queue, F handler, WorkerOptions options = {})
        : Worker(
              client, std::move(queue), [h = std::move(handler)](Job& job) mutable { return h(job, job.stop_token()); },
              std::move(options)) {}
    /// For handlers that return what is to be kept with the job: a JobResult, or a text.
    template <typename F, typename R = std::invoke_result_t<F&, Job&>,
              std::enable_if_t<std::is_same_v<R, JobResult> || std::is_convertible_v<R, std::string>, int> = 0>
    Worker(const Client& client, std::string queue, F handler, WorkerOptions options = {})
        : Worker(client, std::move(queue), Handler([h = std::move(handler)](Job& job) mutable {
                     if constexpr (std::is_same_v<R, JobResult>) {
                         return Outcome::ok(h(job));
                     } else {
                         return Outcome::ok(JobResult{h(job), "text/plain"});
                     }
                 }),
                 std::move(options)) {}
    /// Stops, and waits for running handlers however long they take, prolonging their leases.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Takes no more messages, gives back those not begun, waits for the running handlers and for their settles to be
    /// answered. False when some still ran at the deadline: their stop tokens fire, and their leases are no longer
    /// prolonged. Idempotent.
    bool stop(std::chrono::milliseconds deadline = std::chrono::milliseconds{30'000});

    /// From now on so many handlers run at a time; those that run already end as usual. 0 counts as 1.
    void set_concurrency(std::uint32_t concurrency);

    /// Handlers running now.
    std::uint32_t running() const;
    /// Jobs ended so far, and those of them that failed; a rate-limited one has done neither.
    std::uint64_t finished() const;
    std::uint64_t failed() const;

private:
    std::shared_ptr<detail::WorkerCore> core_;
};

}  // namespace baton
