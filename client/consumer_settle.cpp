// How a consumer's settles travel: gathered, at most two requests at a time, and what becomes of their answers.
#include "baton/v1/wire.pb.h"
#include "client/consumer_core.hpp"
#include "client/wire_writer.hpp"

#include <algorithm>
#include <utility>

namespace baton::detail {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::uint32_t field_settle = 7;
/// Enough to keep the connection busy while the server commits; more would only make the requests smaller.
constexpr std::uint32_t flights_max = 2;

std::uint64_t messages_in(const Settlement& settlement) {
    std::uint64_t count = 0;
    for (const OffsetRange& range : settlement.ranges) {
        count += range.count;
    }
    return count;
}

/// Whether a refusal is one. What was done before is done, and after a reconnect the first try may have been it.
bool is_refusal(const SettleAction& action, ErrorCode code) {
    return code != ErrorCode::already_settled || action.kind == SettleAction::Kind::fail;
}

}  // namespace

void ConsumerCore::settle(const DeliveredFramePtr& frame, std::uint32_t from, std::uint32_t count,
                          const SettleAction& action, SettleCallback callback) {
    std::vector<OffsetRange> ranges;
    std::optional<Error> refusal;
    {
        const std::lock_guard lock(mutex_);
        const bool gone = closed_ && closed_->code == ErrorCode::closed;
        if (!gone) {
            ranges = action.ends_lease() ? frame->settle(from, count) : frame->unsettled(from, count);
        }
        if (!ranges.empty()) {
            settles_added_ += settles_.add(frame, std::move(ranges), action, std::move(callback)) ? 1 : 0;
            schedule_pump();
            return;
        }
        if (gone && !callback) {
            throw Exception(*closed_);
        }
        if (gone) {
            refusal = closed_;
        }
    }
    if (refusal) {
        callback(*refusal);
    } else if (callback) {
        callback(SettleReport{});
    }
}

std::vector<OffsetRange> ConsumerCore::unsettled_of(const Batch& messages) const {
    const std::lock_guard lock(mutex_);
    return messages.frame()->unsettled(messages.from(), static_cast<std::uint32_t>(messages.size()));
}

void ConsumerCore::settled_in_transaction(const Batch& messages) {
    const std::lock_guard lock(mutex_);
    const DeliveredFrame& frame = *messages.frame();
    for (const OffsetRange& range : frame.settle(messages.from(), static_cast<std::uint32_t>(messages.size()))) {
        frame.confirmed_count += range.count;
    }
    if (frame.confirmed_count >= frame.count()) {
        held_.erase(frame.token.batch);
    }
}

void ConsumerCore::extend_held(std::optional<milliseconds> lease, std::optional<milliseconds> interval,
                               const ExtendCallback& callback) {
    const std::lock_guard lock(mutex_);
    const auto now = steady_clock::now();
    for (const auto& [batch, weak] : held_) {
        const auto frame = weak.lock();
        if (frame == nullptr) {
            continue;
        }
        const auto whole = lease.value_or(frame->lease_min());
        if (frame->lease_end - now > whole - std::min(interval.value_or(whole / 3), whole * 2 / 3)) {
            continue;
        }
        auto ranges = frame->unsettled(0, frame->count());
        if (ranges.empty()) {
            continue;
        }
        frame->lease_end = now + whole;
        const SettleAction extend{.kind = SettleAction::Kind::extend,
                                  .time_ms = static_cast<std::uint64_t>(whole.count())};
        const bool added = settles_.add(frame, std::move(ranges), extend,
                                        [callback, number = batch](const auto& result) { callback(number, result); });
        settles_added_ += added ? 1 : 0;
        schedule_pump();
    }
}

bool ConsumerCore::holds_nothing() const {
    const std::lock_guard lock(mutex_);
    return std::all_of(held_.begin(), held_.end(), [](const auto& entry) { return entry.second.expired(); });
}

void ConsumerCore::report_started(const DeliveredFramePtr& frame, std::uint32_t from, std::uint32_t count) {
    if (!options_.report_started) {
        return;
    }
    auto ranges = frame->unsettled(from, count);
    if (!ranges.empty()) {
        started_.push_back({frame, std::move(ranges), {.kind = SettleAction::Kind::started}, {}});
        schedule_pump();
    }
}

/// With the lock held.
void ConsumerCore::schedule_pump() {
    if (!pump_posted_) {
        pump_posted_ = client_->post([self = shared_from_this()] { self->pump(); });
    }
}

void ConsumerCore::pump() {
    const std::lock_guard lock(mutex_);
    pump_posted_ = false;
    send_started();
    while (flights_ < flights_max && !settles_.empty()) {
        if (!send_flight(settles_.take())) {
            return;
        }
    }
}

void ConsumerCore::send_started() {
    // What was settled meanwhile needs no report.
    std::erase_if(started_, [](const Settlement& s) { return s.frame->settled_count == s.frame->count(); });
    if (!started_.empty()) {
        client_->send_unanswered(
            make_frame(0, client_->options().namespace_name, field_settle, encode_settlements(started_)));
        started_.clear();
    }
}

std::shared_ptr<ConsumerCore::Flight> ConsumerCore::make_flight(const Batch* done) {
    const std::lock_guard lock(mutex_);
    require_open();
    if (done == nullptr || done->empty()) {
        return nullptr;
    }
    auto ranges = done->frame()->settle(done->from(), static_cast<std::uint32_t>(done->size()));
    if (ranges.empty()) {
        return nullptr;
    }
    auto flight = std::make_shared<Flight>();
    flight->settlements.push_back({done->frame(), std::move(ranges), {}, {}});
    settles_added_ += 1;
    flights_ += 1;
    return flight;
}

OutFramePtr ConsumerCore::make_settle_frame(std::uint64_t id, const Flight& flight, std::string_view fetch) const {
    std::string fields = encode_settlements(flight.settlements);
    if (!fetch.empty()) {
        put_bytes_field(fields, 2, fetch);
    }
    return make_frame(id, client_->options().namespace_name, field_settle, fields);
}

/// With the lock held. False when the client is closed: the settlements wait to be told so.
bool ConsumerCore::send_flight(std::vector<Settlement>&& settlements) {
    auto flight = std::make_shared<Flight>();
    flight->settlements = std::move(settlements);
    PendingRequest request;
    request.id = client_->next_id();
    request.frame = make_settle_frame(request.id, *flight, {});
    request.handler = [self = shared_from_this(), flight](const Result<Reply>& reply) {
        self->on_settled(*flight, reply);
        return true;
    };
    if (!client_->submit(std::move(request))) {
        settles_.put_back(std::move(flight->settlements));
        return false;
    }
    flights_ += 1;
    return true;
}

void ConsumerCore::on_settled(Flight& flight, const Result<Reply>& reply) {
    if (std::exchange(flight.answered, true)) {
        return;  // Repeated together with a fetch whose delivery was lost.
    }
    v1::Settled settled;
    std::optional<Error> failure;
    if (!reply) {
        failure = reply.error();
    } else if (!settled.ParseFromArray(reply.value().body.data(), static_cast<int>(reply.value().body.size()))) {
        failure = Error{ErrorCode::protocol_violation, "the answer to a settle makes no sense"};
    }
    std::vector<SettleReport> reports(flight.settlements.size());
    for (const v1::SettleRefusal& refusal : settled.refusals()) {
        const auto code = static_cast<ErrorCode>(refusal.code());
        if (refusal.settlement() >= reports.size() ||
            !is_refusal(flight.settlements[refusal.settlement()].action, code)) {
            continue;
        }
        const std::uint64_t queue = flight.settlements[refusal.settlement()].frame->token.queue_id;
        reports[refusal.settlement()].refusals.push_back(
            {{queue, refusal.range().first()}, refusal.range().count(), code, refusal.message()});
    }
    tell_results(flight, failure, reports);
    confirm(flight);
}

void ConsumerCore::tell_results(Flight& flight, const std::optional<Error>& failure,
                                const std::vector<SettleReport>& reports) const {
    for (std::size_t i = 0; i < flight.settlements.size(); ++i) {
        Settlement& settlement = flight.settlements[i];
        for (const SettleTicket& ticket : settlement.tickets) {
            if (failure) {
                ticket.callback(*failure);
                continue;
            }
            SettleReport mine;
            for (const SettleRefusal& refusal : reports[i].refusals) {
                for (const OffsetRange& part : overlap(ticket.ranges, {refusal.first.offset, refusal.count})) {
                    mine.refusals.push_back(
                        {{refusal.first.queue_id, part.first}, part.count, refusal.code, refusal.message});
                }
            }
            ticket.callback(std::move(mine));
        }
        if (settlement.tickets.empty() && options_.on_refused && !failure) {
            std::for_each(reports[i].refusals.begin(), reports[i].refusals.end(), options_.on_refused);
        }
    }
}

void ConsumerCore::confirm(Flight& flight) {
    const std::lock_guard lock(mutex_);
    flights_ -= 1;
    for (const Settlement& settlement : flight.settlements) {
        settles_answered_ += settlement.calls;
        if (!settlement.action.ends_lease()) {
            continue;
        }
        const DeliveredFrame& frame = *settlement.frame;
        frame.confirmed_count += static_cast<std::uint32_t>(messages_in(settlement));
        if (frame.confirmed_count >= frame.count()) {
            held_.erase(frame.token.batch);
        }
    }
    settled_.notify_all();
    if (!settles_.empty()) {
        schedule_pump();
    }
}

bool ConsumerCore::flush(milliseconds timeout) {
    client_->require_may_block();
    std::unique_lock lock(mutex_);
    const std::uint64_t target = settles_added_;
    schedule_pump();
    settled_.wait_for(lock, timeout, [&] { return settles_answered_ >= target || closed_; });
    return settles_answered_ >= target;
}

}  // namespace baton::detail
