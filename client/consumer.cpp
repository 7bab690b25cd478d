#include "baton/consumer.hpp"

#include "client/consumer_core.hpp"

#include <utility>

namespace baton {

Consumer::Consumer(const Client& client, std::string queue, ConsumerOptions options)
    : core_(std::make_shared<detail::ConsumerCore>(client.core(), std::move(queue), std::move(options))) {
    core_->open();
}

Consumer::~Consumer() {
    if (core_ != nullptr) {
        core_->close(std::chrono::milliseconds{5'000});
    }
}

Consumer::Consumer(Consumer&&) noexcept = default;

Consumer& Consumer::operator=(Consumer&& other) noexcept {
    std::swap(core_, other.core_);
    return *this;
}

std::optional<Received> Consumer::receive(std::chrono::milliseconds timeout) {
    Batch batch = core_->receive(1, timeout);
    if (batch.empty()) {
        return std::nullopt;
    }
    return Received(std::move(batch));
}

Batch Consumer::receive_batch(std::size_t max, std::chrono::milliseconds timeout) {
    return core_->receive(max, timeout);
}

Batch Consumer::fetch(std::uint32_t max, std::chrono::milliseconds wait) { return core_->fetch(max, wait, nullptr); }

Batch Consumer::ack_and_fetch(const Batch& done, std::uint32_t max, std::chrono::milliseconds wait) {
    return core_->fetch(max, wait, &done);
}

void Consumer::flush(std::chrono::milliseconds timeout) {
    if (!core_->flush(timeout)) {
        throw Exception({ErrorCode::timed_out, "settles were not answered within the time given", true});
    }
}

void Consumer::set_credit(std::uint32_t messages, std::uint32_t bytes) { core_->set_credit(messages, bytes); }

std::size_t Consumer::buffered() const { return core_->buffered(); }

void Consumer::close(std::chrono::milliseconds deadline) { core_->close(deadline); }

}  // namespace baton
