#pragma once
// How a handler of a Worker ends: by an exception of these, or by an Outcome. worker.hpp says what each leads to.

#include "baton/batch.hpp"
#include "baton/limits.hpp"
#include "baton/result.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace baton {

class RetryableError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};
class PermanentError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};
class RetryAfter : public std::runtime_error {
public:
    explicit RetryAfter(std::chrono::milliseconds delay, const std::string& reason = "retry later")
        : std::runtime_error(reason), delay_(delay) {}
    std::chrono::milliseconds delay() const { return delay_; }

private:
    std::chrono::milliseconds delay_;
};

/// A failure that says what kind it is, for the queue's retry rules and the message's history.
class JobError : public std::runtime_error {
public:
    JobError(std::string error_class, const std::string& reason, std::string stack = {})
        : std::runtime_error(reason), error_class_(std::move(error_class)), stack_(std::move(stack)) {}
    const std::string& error_class() const { return error_class_; }
    const std::string& stack() const { return stack_; }

private:
    std::string error_class_;
    std::string stack_;
};

/// The provider behind the queue, or behind the message's group, said to slow down.
class RateLimited : public std::runtime_error {
public:
    explicit RateLimited(std::chrono::milliseconds penalty, RateLimitScope scope = RateLimitScope::queue)
        : std::runtime_error("rate limited"), penalty_(penalty), scope_(scope) {}
    std::chrono::milliseconds penalty() const { return penalty_; }
    RateLimitScope scope() const { return scope_; }

private:
    std::chrono::milliseconds penalty_;
    RateLimitScope scope_;
};

/// The result of a handler that would rather return than throw.
struct Outcome {
    bool success = true;
    FailOptions failure;
    /// Neither success nor failure: see RateLimited.
    std::optional<std::chrono::milliseconds> penalty;
    RateLimitScope scope = RateLimitScope::queue;
    /// Of a success.
    std::optional<JobResult> result = std::nullopt;

    static Outcome ok() { return {}; }
    static Outcome ok(JobResult result) { return {true, {}, {}, RateLimitScope::queue, std::move(result)}; }
    static Outcome rate_limited(std::chrono::milliseconds by, RateLimitScope of = {}) { return {false, {}, by, of}; }
    static Outcome retry(std::string reason) { return {false, {std::move(reason)}, {}}; }
    static Outcome retry_after(std::chrono::milliseconds delay, std::string reason) {
        return {false, {std::move(reason), false, delay}, {}};
    }
    static Outcome permanent(std::string reason) { return {false, {std::move(reason), true}, {}}; }
    /// The queue's retry rules decide by the class what becomes of it.
    static Outcome failed(std::string error_class, std::string reason, std::string stack = {}) {
        return {false, {std::move(reason), false, std::nullopt, std::move(error_class), std::move(stack)}, {}};
    }
};

}  // namespace baton
