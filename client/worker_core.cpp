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

/// How often leases are looked at. Much shorter than the shortest lease of a second.
constexpr milliseconds lease_look_interval{100};
/// Threads wake from waiting for a message by its arrival or by the stop; this only bounds the wait.
constexpr milliseconds receive_timeout{10'000};
/// After a refusal, for example since the connection is closed.
constexpr milliseconds close_deadline{5'000};

/// The failure with the exception's type as its class.
Outcome of_type(const std::exception& error, Outcome&& outcome) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> name(
        abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), std::free);
    outcome.failure.error_class = status == 0 ? name.get() : typeid(error).name();
    return std::move(outcome);
}

}  // namespace

ConsumerOptions WorkerCore::consumer_options() {
    ConsumerOptions out;
    out.credit_messages = std::max(1U, options_.concurrency) + options_.prefetch;
    out.lease = options_.lease;
    out.worker = options_.worker;
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
      handler_(std::move(handler)),
      options_(std::move(options)),
      consumer_(std::make_shared<ConsumerCore>(client_, queue, consumer_options())) {}

void WorkerCore::start() {
    *self_ = weak_from_this();
    consumer_->open();
    threads_left_ = std::max(1U, options_.concurrency);
    for (std::uint32_t i = threads_left_; i > 0; --i) {
        threads_.emplace_back([this] { run_jobs(); });
    }
    if (options_.extend_leases) {
        client_->post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->look_after_leases();
            }
        });
    }
}

void WorkerCore::run_jobs() {
    try {
        while (!stopping_) {
            const Batch batch = consumer_->receive(1, receive_timeout);
            if (!batch.empty()) {
                run(Received(batch));
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
    state.batch = received.batch().frame()->token.batch;
    Job job(received, state);
    std::multimap<std::uint64_t, JobState*>::iterator entry;
    {
        const std::lock_guard lock(mutex_);
        entry = jobs_.emplace(received.view().offset(), &state);
        if (const auto early = revoked_early_.find({state.batch, entry->first}); early != revoked_early_.end()) {
            stop(state, early->second);
            revoked_early_.erase(early);
        }
    }
    Outcome outcome = call_handler(job);
    {
        const std::lock_guard lock(mutex_);
        jobs_.erase(entry);
    }
    finished_ += outcome.penalty ? 0 : 1;
    if (!outcome.success && !outcome.penalty) {
        failed_ += 1;
    }
    if (options_.on_done) {
        options_.on_done(job, outcome);
    }
    if (outcome.penalty && outcome.scope == RateLimitScope::group) {
        received.penalise_group(*outcome.penalty);
    } else if (outcome.penalty) {
        received.penalise(*outcome.penalty);
    } else if (outcome.success && outcome.result) {
        received.ack(std::move(*outcome.result));
    } else if (outcome.success) {
        received.ack();
    } else {
        received.fail(std::move(outcome.failure));
    }
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

void WorkerCore::look_after_leases() {
    if (!extending_) {
        return;
    }
    consumer_->extend_held(options_.lease, [weak = weak_from_this()](const Result<SettleReport>& result) {
        if (const auto self = weak.lock()) {
            self->on_extended(result);
        }
    });
    client_->after(lease_look_interval, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->look_after_leases();
        }
    });
}

void WorkerCore::on_extended(const Result<SettleReport>& result) {
    if (!result) {
        return;
    }
    const std::lock_guard lock(mutex_);
    for (const SettleRefusal& refusal : result.value().refusals) {
        const auto end = jobs_.lower_bound(refusal.first.offset + refusal.count);
        for (auto job = jobs_.lower_bound(refusal.first.offset); job != end; ++job) {
            stop(*job->second, false);
        }
    }
}

void WorkerCore::on_revoked(const LeaseRevocation& revoked) {
    constexpr std::size_t early_max = 1'000;
    const bool cancelled = revoked.reason == LeaseRevocation::Reason::cancelled;
    const std::lock_guard lock(mutex_);
    for (std::uint64_t offset = revoked.first.offset; offset < revoked.first.offset + revoked.count; ++offset) {
        const auto [begin, end] = jobs_.equal_range(offset);
        const auto job = std::find_if(begin, end, [&](const auto& one) { return one.second->batch == revoked.batch; });
        if (job != end) {
            stop(*job->second, cancelled);
        } else {
            if (revoked_early_.size() == early_max) {
                revoked_early_.erase(revoked_early_.begin());  // Of the oldest delivery: settled without a run.
            }
            revoked_early_[{revoked.batch, offset}] = cancelled;
        }
    }
}

void WorkerCore::stop(JobState& job, bool cancelled) {
    (cancelled ? job.cancelled : job.lease_lost) = true;
    job.stop.request_stop();
}

void WorkerCore::begin_stop() {
    stopping_ = true;
    consumer_->stop_handing_out();
}

bool WorkerCore::stop(milliseconds deadline) {
    const auto until = steady_clock::now() + deadline;
    begin_stop();
    std::unique_lock lock(mutex_);
    const bool ended = idle_.wait_until(lock, until, [this] { return threads_left_ == 0; });
    lock.unlock();
    if (!ended) {
        extending_ = false;
        return false;
    }
    const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    // What was delivered while the stop was on its way goes back with the consumer.
    return consumer_->close(std::max(left, milliseconds{1}));
}

void WorkerCore::join() {
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
    extending_ = false;
    consumer_->close(close_deadline);
}

std::uint32_t WorkerCore::running() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(jobs_.size());
}

}  // namespace baton::detail
