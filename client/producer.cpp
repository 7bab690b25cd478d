#include "baton/producer.hpp"

#include "client/producer_core.hpp"

#include <utility>

namespace baton {

Producer::Producer(const Client& client, std::string queue, ProducerOptions options)
    : core_(std::make_shared<detail::ProducerCore>(client.core(), std::move(queue), std::move(options))) {}

Producer::~Producer() { close(); }

void Producer::close() noexcept {
    if (core_ == nullptr) {
        return;
    }
    try {
        core_->flush(std::chrono::milliseconds{5'000});
    } catch (const Exception&) {
        // Closed, or on the I/O thread: the callbacks are told below.
    }
    core_->close();
    core_ = nullptr;
}

Producer::Producer(Producer&&) noexcept = default;

Producer& Producer::operator=(Producer&& other) noexcept {
    if (this != &other) {
        close();
        core_ = std::move(other.core_);
    }
    return *this;
}

void Producer::send(const Message& message, SendCallback callback) { core_->send(message, std::move(callback), true); }

bool Producer::try_send(const Message& message, SendCallback callback) {
    return core_->send(message, std::move(callback), false);
}

EncodedBatch Producer::new_batch() { return core_->new_batch(); }

void Producer::send_batch(EncodedBatch batch, BatchCallback callback) {
    core_->send_batch(batch, std::move(callback), true);
}

void Producer::send_batch(std::span<const Message> messages, BatchCallback callback) {
    EncodedBatch batch = core_->new_batch();
    for (const Message& message : messages) {
        batch.add(message);
    }
    core_->send_batch(batch, std::move(callback), true);
}

void Producer::send_batch(std::span<const std::string_view> payloads, BatchCallback callback) {
    EncodedBatch batch = core_->new_batch();
    for (const std::string_view payload : payloads) {
        batch.add(payload);
    }
    core_->send_batch(batch, std::move(callback), true);
}

bool Producer::try_send_batch(EncodedBatch& batch, BatchCallback callback) {
    return core_->send_batch(batch, std::move(callback), false);
}

Receipt Producer::produce(const Message& message) { return core_->produce(message); }

BatchReceipt Producer::produce(std::span<const Message> messages) {
    EncodedBatch batch = core_->new_batch();
    for (const Message& message : messages) {
        batch.add(message);
    }
    return core_->produce(std::move(batch));
}

BatchReceipt Producer::produce(EncodedBatch batch) { return core_->produce(std::move(batch)); }

void Producer::flush(std::chrono::milliseconds timeout) {
    if (!core_->flush(timeout)) {
        throw Exception({ErrorCode::timed_out, "messages were not answered within the time given", true});
    }
}

std::size_t Producer::bytes_in_flight() const { return core_->bytes_in_flight(); }

const std::string& Producer::queue() const { return core_->queue(); }

}  // namespace baton
