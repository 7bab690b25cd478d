#include "client/worker_core.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <typeinfo>
#include <utility>

namespace baton::detail {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Threads wake from waiting for a message by its arrival or by the stop; this only bounds the wait.
constexpr milliseconds receive_timeout{10'000};
/// After a refusal, for example since the connection is closed.
constexpr milliseconds close_deadline{5'000};

/// Leases are looked at so often.
constexpr milliseconds extend_interval_min{100};

/// The failure with the exception's type as its class.
Outcome of_type(const std::exception& error, Outcome&& outcome) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> name(
        abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), std::free);
    outcome.failure.error_class = status == 0 ? name.get() : typeid(error).name();
    return std::move(outcome);
}

WorkerOptions checked(WorkerOptions&& options) {
    options.concurrency = std::max(1U, options.concurrency);
    if (options.extend_interval && *options.extend_interval < extend_interval_min) {
        throw Exception({ErrorCode::invalid_argument, "at least 100 ms", false, "extend_interval",
                         static_cast<std::uint64_t>(extend_interval_min.count())});
    }
    return std::move(options);
}

}  // namespace

ConsumerOptions WorkerCore::consumer_options() {
    ConsumerOptions out;
    out.credit_messages = gate_.room().messages;
    out.lease = options_.lease;
    out.worker = options_.worker;
    out.priority = options_.priority;
    out.on_revoked = [back = self_](const LeaseRevocation& revoked) {
        if (const auto self = back->lock()) {
            self->on_revoked(revoked);
        }
    };
    return out;
}

WorkerCore::WorkerCore(std::shared_ptr<ClientCore> client, const std::string& queue, Worker::Handler handler,
                       WorkerOptions options)
    : client_(std::move(client)),
      queue_name_(queue),
      handler_(std::move(handler)),
      options_(checked(std::move(options))),
      gate_(options_.concurrency, options_.prefetch, options_.rate_limit),
      consumer_(std::make_shared<ConsumerCore>(client_, queue, consumer_options())) {
    credit_ = gate_.room().messages;
}

void WorkerCore::start() {
    *self_ = weak_from_this();
    consumer_->open();
    add_threads(options_.concurrency);
    if (options_.extend_leases) {
        client_->post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->look_after_leases();
            }
        });
    }
}

void WorkerCore::add_threads(std::uint32_t wanted) {
    const std::lock_guard lock(mutex_);
    while (!stopping_ && threads_.size() < wanted) {
        threads_left_ += 1;
        threads_.emplace_back([this] { run_jobs(); });
    }
}

void WorkerCore::set_concurrency(std::uint32_t concurrency) {
    concurrency = std::max(1U, concurrency);
    gate_.set_concurrency(concurrency);
    add_threads(concurrency);  // Fewer need no fewer threads: the gate and the credit hold the rest back.
    adjust_credit();
}

/// So that the server delivers no more than may be begun.
void WorkerCore::adjust_credit() {
    const std::lock_guard lock(credit_mutex_);
    if (stopping_) {
        return;
    }
    const JobGate::Room room = gate_.room();
    try {
        if (room.messages != std::exchange(credit_, room.messages)) {
            consumer_->set_credit(room.messages, 0);
        }
    } catch (const Exception&) {
        return;  // The consumer is closed, which ends the threads.
    }
    if (room.more_at != TimePoint::max() && !credit_timer_) {
        credit_timer_ = client_->post([weak = weak_from_this(), at = room.more_at] {
            if (const auto self = weak.lock()) {
                self->adjust_credit_at(at);
            }
        });
    }
}

void WorkerCore::adjust_credit_at(TimePoint time) {
    const auto left = std::chrono::ceil<std::chrono::microseconds>(time - steady_clock::now());
    client_->after(std::max(left, std::chrono::microseconds{0}), [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            {
                const std::lock_guard lock(self->credit_mutex_);
                self->credit_timer_ = false;
            }
            self->adjust_credit();
        }
    });
}

void WorkerCore::run_jobs() {
    try {
        while (!stopping_) {
            const Batch batch = consumer_->receive(1, receive_timeout);
            if (!batch.empty() && gate_.enter()) {
                run(Received(batch));
            } else if (!batch.empty()) {
                batch.release();  // The worker stops.
            }
        }
    } catch (const Exception&) {
        // The consumer or the client is closed: there is nothing more to work on.
    }
    const std::lock_guard lock(mutex_);
    threads_left_ -= 1;
    idle_.notify_all();
}

void WorkerCore::run(const Received& received) {
    JobState state;
    state.stopping = &stopping_;
    state.received = &received;
    state.batch = received.batch().frame()->token.batch;
    Job job(received, state);
    std::multimap<std::uint64_t, JobState*>::iterator entry;
    std::optional<Received> lost;
    {
        const std::lock_guard lock(mutex_);
        entry = jobs_.emplace(received.view().offset(), &state);
        if (const auto early = revoked_early_.find({state.batch, entry->first}); early != revoked_early_.end()) {
            lost = lose(state, early->second);
            revoked_early_.erase(early);
        }
    }
    if (lost) {
        client_->post([weak = weak_from_this(), one = std::vector{*lost}] {
            if (const auto self = weak.lock()) {
                self->tell_stalled(one);
            }
        });
    }
    Outcome outcome = call_handler(job);
    {
        const std::lock_guard lock(mutex_);
        jobs_.erase(entry);
    }
    if (state.given_up) {
        // It waits for its children, and comes again.
        gate_.leave();
        adjust_credit();
        return;
    }
    finished_ += outcome.penalty ? 0 : 1;
    if (!outcome.success && !outcome.penalty) {
        failed_ += 1;
    }
    if (options_.on_done) {
        options_.on_done(job, outcome);
    }
    gate_.leave();
    adjust_credit();  // Before the settle, which makes room at the server.
    settle(received, std::move(outcome));
}

Outcome WorkerCore::call_handler(Job& job) {
    try {
        return handler_(job);
    } catch (const JobError& error) {
        return Outcome::failed(error.error_class(), error.what(), error.stack());
    } catch (const PermanentError& error) {
        return of_type(error, Outcome::permanent(error.what()));
    } catch (const RateLimited& error) {
        return Outcome::rate_limited(error.penalty(), error.scope());
    } catch (const RetryAfter& error) {
        return of_type(error, Outcome::retry_after(error.delay(), error.what()));
    } catch (const std::exception& error) {
        return of_type(error, Outcome::retry(error.what()));
    } catch (...) {
        return Outcome::retry("the handler threw something that is no exception");
    }
}

void WorkerCore::begin_stop() {
    stopping_ = true;
    gate_.close();
    const std::lock_guard lock(credit_mutex_);  // Nobody gives credit after it.
    consumer_->stop_handing_out();
}

bool WorkerCore::stop(milliseconds deadline) {
    const auto until = steady_clock::now() + deadline;
    begin_stop();
    std::unique_lock lock(mutex_);
    const bool ended = idle_.wait_until(lock, until, [this] { return threads_left_ == 0; });
    if (!ended) {
        extending_ = false;
        for (const auto& [offset, job] : jobs_) {
            job->stop.request_stop();
        }
        return false;
    }
    lock.unlock();
    const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    // What was delivered while the stop was on its way goes back with the consumer.
    return consumer_->close(std::max(left, milliseconds{1}));
}

void WorkerCore::join() {
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        threads.swap(threads_);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    extending_ = false;
    consumer_->close(close_deadline);
}

std::uint32_t WorkerCore::running() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(jobs_.size());
}

}  // namespace baton::detail
