#include "server/engine/inbox.hpp"

#include <utility>

namespace baton::engine {

void Inbox::Batch::clear() {
    requests.clear();
    answers.clear();
    questions.clear();
}

bool Inbox::put(core::Request&& request, std::size_t bytes, std::function<void()> resume) {
    const std::size_t total = bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    std::unique_lock lock(mutex_);
    waiting_.requests.push_back(Item{std::move(request), bytes});
    const bool full = total > bytes_max_;
    if (full && resume) {
        blocked_.push_back(std::move(resume));
        has_blocked_.store(true, std::memory_order_release);
    }
    news_.store(true, std::memory_order_release);
    return !full;
}

void Inbox::flush() {
    std::unique_lock lock(mutex_);
    notify(lock);
}

void Inbox::put(core::ReadAnswer&& answer) {
    std::unique_lock lock(mutex_);
    waiting_.answers.push_back(std::move(answer));
    notify(lock);
}

void Inbox::ask(std::function<void()> question) {
    std::unique_lock lock(mutex_);
    waiting_.questions.push_back(std::move(question));
    notify(lock);
}

void Inbox::wake() {
    std::unique_lock lock(mutex_);
    woken_ = true;
    notify(lock);
}

void Inbox::notify(std::unique_lock<std::mutex>& lock) {
    news_.store(true, std::memory_order_release);
    const bool wake_up = sleeping_ && worth_waking();
    sleeping_ = sleeping_ && !wake_up;
    lock.unlock();
    if (wake_up) {
        changed_.notify_one();
    }
}

bool Inbox::worth_waking() const {
    return waiting_.requests.size() >= wanted_ || woken_ || !waiting_.answers.empty() || !waiting_.questions.empty();
}

void Inbox::take(Batch& out, std::chrono::steady_clock::time_point until, std::size_t wanted) {
    std::unique_lock lock(mutex_);
    wanted_ = wanted;
    while (!worth_waking()) {
        sleeping_ = true;
        if (changed_.wait_until(lock, until) == std::cv_status::timeout) {
            break;
        }
    }
    sleeping_ = false;
    woken_ = false;
    news_.store(false, std::memory_order_relaxed);
    std::swap(out.requests, waiting_.requests);
    std::swap(out.answers, waiting_.answers);
    std::swap(out.questions, waiting_.questions);
}

void Inbox::applied(std::size_t bytes) {
    const std::size_t left = bytes_.fetch_sub(bytes, std::memory_order_relaxed) - bytes;
    if (left > bytes_max_ / 2 || !has_blocked_.load(std::memory_order_acquire)) {
        return;
    }
    std::vector<std::function<void()>> blocked;
    {
        const std::scoped_lock lock(mutex_);
        std::swap(blocked, blocked_);
        has_blocked_.store(false, std::memory_order_release);
    }
    for (const auto& resume : blocked) {
        resume();
    }
}

}  // namespace baton::engine
