#include "client/consumer_core.hpp"

#include "baton/v1/wire.pb.h"
#include "client/wire_time.hpp"
#include "client/wire_writer.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace baton::detail {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::uint32_t field_open_consumer = 9, field_close_consumer = 10, field_set_credit = 11;
constexpr std::uint32_t reply_done = 9;

/// Empty unless the queue is a subscription of one topic; of a pattern the server says each topic.
std::string topic_of(const std::string& queue) {
    const std::size_t slash = queue.find('/');
    const bool many = slash == std::string::npos || queue.find_first_of("*#>") < slash;
    return many ? std::string() : queue.substr(0, slash);
}

}  // namespace

ConsumerCore::ConsumerCore(std::shared_ptr<ClientCore> client, std::string queue, ConsumerOptions options)
    : client_(std::move(client)),
      queue_name_(std::move(queue)),
      topic_(topic_of(queue_name_)),
      options_(std::move(options)),
      id_(client_->next_id()),
      credit_messages_(options_.credit_messages),
      credit_bytes_(options_.credit_bytes) {}

void ConsumerCore::open() {
    v1::OpenConsumer open;
    open.ParseFromString(open_fields(false));
    // Before the answer, since deliveries may come right behind it.
    client_->add_consumer(id_, weak_from_this());
    try {
        client_->call(field_open_consumer, open, reply_done);
    } catch (...) {
        client_->remove_consumer(id_);
        throw;
    }
}

std::string ConsumerCore::open_fields(bool with_held) {
    std::string out;
    put_varint_field(out, 1, id_);
    put_bytes_field(out, 2, queue_name_);
    put_varint_field(out, 3, credit_messages_);
    put_varint_field(out, 4, credit_bytes_);
    if (options_.lease) {
        put_varint_field(out, 5, count_of(*options_.lease));
    }
    put_bytes_field(out, 6, options_.worker.empty() ? client_->default_worker() : options_.worker);
    // Also for the first time: when the answer was lost, the repeat finds a consumer that exists.
    put_varint_field(out, 7, 1);
    if (options_.priority != 0) {
        put_varint_field(out, 9, options_.priority);
    }
    if (with_held) {
        for (const auto& [batch, frame] : held_) {
            if (!frame.expired()) {
                put_varint_field(out, 8, batch);
            }
        }
    }
    return out;
}

void ConsumerCore::require_open() const {
    if (closed_) {
        throw Exception(*closed_);
    }
}

Batch ConsumerCore::receive(std::size_t max, milliseconds timeout) {
    client_->require_may_block();
    const auto until = steady_clock::now() + timeout;
    std::unique_lock lock(mutex_);
    while (true) {
        if (!handing_out_) {
            return {};
        }
        if (!queued_.empty()) {
            if (Batch batch = hand_out(max); !batch.empty()) {
                return batch;
            }
            continue;
        }
        require_open();
        if (arrived_.wait_until(lock, until) == std::cv_status::timeout && queued_.empty()) {
            require_open();
            return {};
        }
    }
}

Batch ConsumerCore::hand_out(std::size_t max) {
    Queued& front = queued_.front();
    const DeliveredFramePtr frame = front.frame;
    if (frame->lease_end <= steady_clock::now()) {
        // The lease ran out while it waited here: somebody else may have the messages by now.
        queued_.pop_front();
        return {};
    }
    // What was revoked meanwhile has been given back.
    while (front.next < frame->count() && frame->is_settled(front.next)) {
        front.next += 1;
    }
    const std::uint32_t from = front.next;
    std::uint32_t count = 0;
    while (from + count < frame->count() && count < std::max<std::size_t>(max, 1) && !frame->is_settled(from + count)) {
        count += 1;
    }
    front.next += count;
    if (front.next == frame->count()) {
        queued_.pop_front();
    }
    if (count == 0) {
        return {};
    }
    report_started(frame, from, count);
    if (!queued_.empty()) {
        arrived_.notify_one();  // A delivery wakes one receiver, and may be enough for more.
    }
    return {shared_from_this(), frame, from, count};
}

void ConsumerCore::set_credit(std::uint32_t messages, std::uint32_t bytes) {
    {
        const std::lock_guard lock(mutex_);
        require_open();
    }
    submit_credit(messages, bytes);
}

void ConsumerCore::submit_credit(std::uint32_t messages, std::uint32_t bytes) {
    v1::SetCredit credit;
    credit.set_consumer_id(id_);
    credit.set_credit_messages(messages);
    credit.set_credit_bytes(bytes);
    {
        const std::lock_guard lock(mutex_);
        credit_messages_ = messages;
        credit_bytes_ = bytes;
    }
    const std::uint64_t id = client_->next_id();
    PendingRequest request{id, make_frame(id, client_->options().namespace_name, field_set_credit, credit),
                           [](const Result<Reply>&) { return true; }};
    client_->submit(std::move(request));
}

std::size_t ConsumerCore::buffered() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const Queued& queued : queued_) {
        count += queued.frame->count() - queued.next;
    }
    return count;
}

void ConsumerCore::stop_handing_out() {
    submit_credit(0, 0);  // Before anything is given back, or it would come straight back.
    const std::lock_guard lock(mutex_);
    handing_out_ = false;
    drop_queued();
    arrived_.notify_all();
}

/// Gives back what was not handed out. With the lock held.
void ConsumerCore::drop_queued() {
    const SettleAction release{.kind = SettleAction::Kind::release};
    for (const Queued& queued : queued_) {
        const DeliveredFrame& frame = *queued.frame;
        // The result does not matter: when it is refused, the server has taken the messages back already.
        const bool added = settles_.add(queued.frame, frame.settle(queued.next, frame.count() - queued.next), release,
                                        [](const Result<SettleReport>&) {});
        settles_added_ += added ? 1 : 0;  // What was revoked while it waited here is settled already.
    }
    queued_.clear();
    schedule_pump();
}

void ConsumerCore::hold(const DeliveredFramePtr& frame) { held_[frame->token.batch] = frame; }

void ConsumerCore::on_delivery(DeliveredFramePtr frame) {
    const std::lock_guard lock(mutex_);
    if (closed_ || closing_) {
        return;
    }
    frame->lease_end = steady_clock::now() + frame->lease_min();
    hold(frame);
    queued_.push_back({std::move(frame), 0});
    if (!handing_out_) {
        drop_queued();
        return;
    }
    arrived_.notify_one();
}

PendingRequest ConsumerCore::declare_again(bool resumed) {
    const std::lock_guard lock(mutex_);
    std::erase_if(held_, [](const auto& entry) { return entry.second.expired(); });
    if (!resumed) {
        // The session is gone, and the server has taken back, or will soon, what was prefetched.
        drop_queued();
    }
    for (const auto& [batch, weak] : held_) {
        const auto frame = weak.lock();
        const bool waits =
            std::any_of(queued_.begin(), queued_.end(), [&](const Queued& q) { return q.frame == frame; });
        if (resumed && frame != nullptr && !waits) {
            report_started(frame, 0, frame->count());  // The report may have been lost with the connection.
        }
    }
    schedule_pump();
    const std::uint64_t id = client_->next_id();
    PendingRequest request{id,
                           make_frame(id, client_->options().namespace_name, field_open_consumer, open_fields(true)),
                           [self = shared_from_this()](const Result<Reply>& reply) {
                               const bool gone = !reply && reply.error().code != ErrorCode::connection_lost &&
                                                 reply.error().code != ErrorCode::closed;
                               if (gone) {
                                   self->on_server_closed(reply.error());
                               }
                               return true;
                           }};
    request.repeatable = false;
    return request;
}

void ConsumerCore::on_server_closed(const Error& error) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_ || closing_) {
            return;
        }
        closed_ = error;
        queued_.clear();
        arrived_.notify_all();
        settled_.notify_all();
    }
    if (options_.on_closed) {
        options_.on_closed(error);
    }
}

void ConsumerCore::on_client_closed(const Error& error) {
    std::vector<Settlement> unsent;
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) {
            closed_ = error;
        }
        queued_.clear();
        while (!settles_.empty()) {
            auto taken = settles_.take();
            std::move(taken.begin(), taken.end(), std::back_inserter(unsent));
        }
        arrived_.notify_all();
        settled_.notify_all();
    }
    for (const Settlement& settlement : unsent) {
        for (const SettleTicket& ticket : settlement.tickets) {
            ticket.callback(error);
        }
    }
}

bool ConsumerCore::close(milliseconds deadline) {
    const auto until = steady_clock::now() + deadline;
    {
        const std::lock_guard lock(mutex_);
        if (closing_) {
            return true;
        }
        closing_ = true;
        queued_.clear();  // The server gives back what it holds for a consumer that closes.
        arrived_.notify_all();
    }
    const bool settled = !client_->on_io_thread() && flush(deadline);
    client_->remove_consumer(id_);
    v1::CloseConsumer close;
    close.set_consumer_id(id_);
    const auto answered = std::make_shared<std::promise<void>>();
    auto done = answered->get_future();
    const std::uint64_t id = client_->next_id();
    PendingRequest request{id, make_frame(id, client_->options().namespace_name, field_close_consumer, close),
                           [answered](const Result<Reply>&) {
                               answered->set_value();
                               return true;
                           }};
    request.deadline = std::max(until, steady_clock::now() + milliseconds{200});
    request.repeatable = false;
    if (client_->submit(std::move(request)) && !client_->on_io_thread()) {
        done.wait();
    }
    on_client_closed({ErrorCode::closed, "the consumer was closed"});
    return settled;
}

}  // namespace baton::detail
