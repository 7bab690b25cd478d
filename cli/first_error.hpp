#pragma once
// The first error that a callback of a load saw, for the thread that started it all.

#include "baton/baton.hpp"

#include <atomic>
#include <mutex>
#include <optional>

namespace baton::cli {

class FirstError {
public:
    /// A callback for Producer::send_batch. This object outlives it.
    BatchCallback watch() {
        return [this](const Result<BatchReceipt>& result) {
            if (!result.ok()) {
                const std::lock_guard lock(mutex_);
                error_ = error_ ? error_ : std::optional<Error>(result.error());
                failed_ = true;
            }
        };
    }
    /// Throws the error when there was one.
    void check() {
        if (failed_) {
            const std::lock_guard lock(mutex_);
            throw Exception(*error_);
        }
    }

private:
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::optional<Error> error_;
};

}  // namespace baton::cli
