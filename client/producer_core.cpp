#include "client/producer_core.hpp"

#include "baton/v1/wire.pb.h"
#include "client/message_options.hpp"
#include "client/produce_encoder.hpp"
#include "client/producer_identity.hpp"
#include "client/proto_convert.hpp"
#include "client/receipts.hpp"

#include <algorithm>
#include <future>

namespace baton::detail {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::uint32_t field_produce = 6, reply_produced = 6;
/// While this many batches are on their way an incomplete one waits for an answer, so that batches grow under load.
constexpr std::uint32_t eager_batches_max = 4;
constexpr std::size_t spare_buffers_max = 32;
constexpr std::size_t spare_bytes_max = 1024 * 1024;

const Error closed_error{ErrorCode::closed, "the producer or its client is closed"};

std::string encoded(const MessageOptions& options) {
    std::string out;
    put_message_options(out, options);
    return out;
}

void tell_each(const std::vector<std::pair<std::uint32_t, SendCallback>>& callbacks,
               const Result<BatchReceipt>& result) {
    if (!result) {
        for (const auto& [index, callback] : callbacks) {
            callback(result.error());
        }
        return;
    }
    Receipts receipts(result.value());
    for (const auto& [index, callback] : callbacks) {
        callback(receipts.next(index));
    }
}

}  // namespace

ProducerCore::ProducerCore(std::shared_ptr<ClientCore> client, std::string queue, ProducerOptions options)
    : client_(std::move(client)),
      queue_name_(std::move(queue)),
      options_(std::move(options)),
      defaults_(encoded(options_.defaults)),
      producer_id_(random_producer_id()),
      created_ms_(wall_clock_ms()) {}

void ProducerCore::check(const Message& message) const {
    // One message that breaks a limit would have the whole gathered batch refused.
    const std::uint32_t bytes_max = client_->server().message_bytes_max;
    if (bytes_max != 0 && message.payload.size() > bytes_max) {
        throw Exception({ErrorCode::message_too_large, "the payload is too large", false, "payload", bytes_max});
    }
}

bool ProducerCore::has_room() const {
    if (batches_in_flight_ == 0) {
        return true;
    }
    return bytes_in_flight_ + open_.batch.bytes() < options_.in_flight_bytes &&
           batches_in_flight_ < options_.in_flight_batches && sequences_.has_room();
}

bool ProducerCore::wait_for_room(std::unique_lock<std::mutex>& lock, bool may_block) {
    if (!has_room() && !closed_) {
        // On the I/O thread waiting would be for ever: it is what brings the answers.
        if (!may_block) {
            return false;
        }
        if (!client_->on_io_thread()) {
            answered_.wait(lock, [this] { return closed_ || has_room(); });
        }
    }
    if (closed_) {
        throw Exception(closed_error);
    }
    return true;
}

bool ProducerCore::send(const Message& message, SendCallback&& callback, bool may_block) {
    check(message);
    std::unique_lock lock(mutex_);
    if (!wait_for_room(lock, may_block)) {
        return false;
    }
    if (callback) {
        open_.callbacks.emplace_back(open_.batch.count(), std::move(callback));
    }
    open_.batch.add(message);
    if (open_.batch.count() >= options_.batch_messages || open_.batch.bytes() >= options_.batch_bytes) {
        submit_gathered();
    } else if (!schedule_pump(options_.linger)) {
        lock.unlock();
        close();
        return true;
    }
    lock.unlock();
    tell_rejected();
    return true;
}

bool ProducerCore::send_batch(EncodedBatch& batch, BatchCallback&& callback, bool may_block) {
    if (batch.empty()) {
        throw Exception({ErrorCode::invalid_argument, "a batch has at least one message", false, "produce.entries"});
    }
    std::unique_lock lock(mutex_);
    if (!wait_for_room(lock, may_block)) {
        return false;
    }
    submit_gathered();  // What was sent before it stays before it.
    submit(std::move(batch), options_.per_item, std::move(callback));
    lock.unlock();
    tell_rejected();
    return true;
}

EncodedBatch ProducerCore::new_batch() {
    EncodedBatch batch;
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
        batch.entries().swap(spare_.back());
        spare_.pop_back();
    }
    return batch;
}

/// With the lock held. False when the client is closed.
bool ProducerCore::schedule_pump(microseconds delay) {
    if (pump_posted_) {
        return true;
    }
    if (delay > microseconds{0}) {
        pump_posted_ = client_->post(
            [self = shared_from_this(), delay] { self->client_->after(delay, [self] { self->pump(); }); });
    } else {
        pump_posted_ = client_->post([self = shared_from_this()] { self->pump(); });
    }
    return pump_posted_;
}

void ProducerCore::pump() {
    {
        const std::lock_guard lock(mutex_);
        pump_posted_ = false;
        if (batches_in_flight_ < eager_batches_max || options_.linger > microseconds{0}) {
            submit_gathered();
        }
    }
    tell_rejected();
}

/// With the lock held.
void ProducerCore::submit_gathered() {
    if (open_.batch.empty()) {
        return;
    }
    Gathering gathered = std::exchange(open_, Gathering{});
    if (!spare_.empty()) {
        open_.batch.entries().swap(spare_.back());
        spare_.pop_back();
    }
    BatchCallback callback;
    if (!gathered.callbacks.empty()) {
        callback = [callbacks = std::move(gathered.callbacks)](const Result<BatchReceipt>& result) {
            tell_each(callbacks, result);
        };
    }
    submit(std::move(gathered.batch), true, std::move(callback));
}

/// With the lock held.
void ProducerCore::submit(EncodedBatch&& batch, bool per_item, BatchCallback&& callback) {
    const std::uint64_t sequence = sequences_.next();
    const std::string head =
        encode_produce_head({queue_name_, producer_id_, created_ms_, sequence, sequences_.acked_through(), defaults_,
                             batch.options(), per_item, options_.refuse_unrouted});
    PendingRequest request;
    request.id = client_->next_id();
    request.frame =
        make_frame(request.id, client_->options().namespace_name, field_produce, head, std::move(batch.entries()));
    batch.clear();
    if (options_.timeout > milliseconds{0}) {
        request.deadline = steady_clock::now() + options_.timeout;
    }
    const std::size_t bytes = request.frame->bytes();
    request.handler = [self = shared_from_this(), sequence, frame = request.frame,
                       callback = std::move(callback)](const Result<Reply>& reply) {
        self->on_answer(sequence, frame, callback, reply);
        return true;
    };
    bytes_in_flight_ += bytes;
    batches_in_flight_ += 1;
    if (!client_->submit(std::move(request))) {
        closed_ = true;
        rejected_.push_back(std::move(request.handler));  // A request that is not taken is left as it was.
    }
}

void ProducerCore::tell_rejected() {
    std::vector<ReplyHandler> rejected;
    {
        const std::lock_guard lock(mutex_);
        rejected.swap(rejected_);
    }
    for (const ReplyHandler& handler : rejected) {
        handler(closed_error);
    }
}

void ProducerCore::on_answer(std::uint64_t sequence, const OutFramePtr& frame, const BatchCallback& callback,
                             const Result<Reply>& reply) {
    v1::Produced produced;
    const bool sound = reply && reply.value().field == reply_produced &&
                       produced.ParseFromArray(reply.value().body.data(), static_cast<int>(reply.value().body.size()));
    if (callback && sound) {
        callback(from_proto(produced));
    } else if (callback) {
        callback(reply ? Error{ErrorCode::protocol_violation, "the answer to a produce makes no sense"}
                       : reply.error());
    }
    const std::size_t bytes = frame->bytes();
    const std::lock_guard lock(mutex_);
    sequences_.answer(sequence);
    bytes_in_flight_ -= bytes;
    batches_in_flight_ -= 1;
    // An answer means that the frame has been written, and only the repeats of a broken connection could still want it.
    if (sound && frame.use_count() <= 2 && spare_.size() < spare_buffers_max &&
        frame->body.capacity() <= spare_bytes_max) {
        spare_.push_back(std::move(frame->body));
        spare_.back().clear();
    }
    if (!open_.batch.empty() && !closed_ && options_.linger == microseconds{0}) {
        schedule_pump(microseconds{0});
    }
    answered_.notify_all();
}

BatchReceipt ProducerCore::produce(EncodedBatch batch) {
    client_->require_may_block();
    const auto promise = std::make_shared<std::promise<Result<BatchReceipt>>>();
    auto answer = promise->get_future();
    send_batch(
        batch, [promise](const Result<BatchReceipt>& result) { promise->set_value(result); }, true);
    return answer.get().value();
}

Receipt ProducerCore::produce(const Message& message) {
    EncodedBatch batch = new_batch();
    batch.add(message);
    const BatchReceipt receipt = produce(std::move(batch));
    return Receipts(receipt).next(0).value();
}

bool ProducerCore::flush(milliseconds timeout) {
    client_->require_may_block();
    std::unique_lock lock(mutex_);
    if (!closed_) {
        submit_gathered();
    }
    lock.unlock();
    tell_rejected();
    lock.lock();
    const std::uint64_t target = sequences_.last();
    return answered_.wait_for(lock, timeout, [&] { return sequences_.acked_through() >= target; });
}

void ProducerCore::close() {
    Gathering left;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        std::swap(left, open_);
        answered_.notify_all();
    }
    tell_each(left.callbacks, closed_error);
}

std::size_t ProducerCore::bytes_in_flight() const {
    const std::lock_guard lock(mutex_);
    return bytes_in_flight_ + open_.batch.bytes();
}

}  // namespace baton::detail
