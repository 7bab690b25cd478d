// Fetching: a request that waits at the server, alone or together with the settle of what came before.
#include "client/consumer_core.hpp"
#include "client/wire_time.hpp"
#include "client/wire_writer.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace baton::detail {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::uint32_t field_fetch = 8;
constexpr milliseconds wait_max{20'000};

}  // namespace

Batch ConsumerCore::fetch(std::uint32_t max, milliseconds wait, const Batch* done) {
    client_->require_may_block();
    std::string fetch;
    put_varint_field(fetch, 1, id_);
    put_varint_field(fetch, 2, max);
    put_varint_field(fetch, 4, count_of(std::min(wait, wait_max)));
    if (options_.lease) {
        put_varint_field(fetch, 5, count_of(*options_.lease));
    }
    const auto result = std::make_shared<std::promise<Result<DeliveredFramePtr>>>();
    auto answer = result->get_future();
    const auto flight = make_flight(done);
    PendingRequest request;
    request.id = client_->next_id();
    const std::string& ns = client_->options().namespace_name;
    request.frame = flight == nullptr ? make_frame(request.id, ns, field_fetch, fetch)
                                      : make_settle_frame(request.id, *flight, fetch);
    request.deadline = steady_clock::now() + wait + client_->options().request_timeout;
    request.handler = [self = shared_from_this(), flight, result](const Result<Reply>& reply) {
        return self->on_fetched(flight, reply, *result);
    };
    if (!client_->submit(std::move(request))) {
        throw Exception({ErrorCode::closed, "the client is closed"});
    }
    const DeliveredFramePtr frame = answer.get().value();
    const std::lock_guard lock(mutex_);
    if (frame->count() == 0) {
        // A delivery that came too late for the fetch that asked for it waits here.
        return queued_.empty() || !handing_out_ ? Batch{} : hand_out(max);
    }
    report_started(frame, 0, frame->count());
    return {shared_from_this(), frame, 0, frame->count()};
}

bool ConsumerCore::on_fetched(const std::shared_ptr<Flight>& flight, const Result<Reply>& reply,
                              std::promise<Result<DeliveredFramePtr>>& result) {
    constexpr std::uint32_t reply_settled = 7, reply_delivery = 8;
    if (reply && reply.value().field == reply_settled && flight != nullptr) {
        on_settled(*flight, reply);
        return false;
    }
    if (!reply) {
        if (flight != nullptr) {
            on_settled(*flight, reply);
        }
        result.set_value(reply.error());
        return true;
    }
    std::shared_ptr<DeliveredFrame> frame;
    if (reply.value().field == reply_delivery) {
        frame = read_delivery(reply.value().body, *reply.value().buffer);
    }
    if (frame == nullptr) {
        result.set_value(Error{ErrorCode::protocol_violation, "the answer to a fetch makes no sense"});
        return true;
    }
    {
        frame->topic = topic_;
        // Held before anybody waits for it: a reconnect may come first.
        const std::lock_guard lock(mutex_);
        frame->lease_end = steady_clock::now() + frame->lease_min();
        if (frame->count() != 0) {
            hold(frame);
        }
    }
    result.set_value(DeliveredFramePtr(std::move(frame)));
    return true;
}

}  // namespace baton::detail
