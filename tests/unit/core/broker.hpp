#pragma once
// A core at rest between calls: every request is applied, committed and answered before the call returns, reads
// included. One connection with one session unless a test opens more.

#include "server/core/core.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/printing.hpp"
#include "tests/support/round_driver.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace baton::tests {

/// One delivered message, taken out of its frame.
struct Delivered {
    std::string payload;
    core::Offset offset = 0;
    core::Token token;
    core::Counters counters{1, 0, 0};
    core::Cause cause = core::Cause::none;
    core::DurationMs lease_ms = 0;
    std::shared_ptr<const core::Origin> origin;
    std::shared_ptr<const core::ScheduledRun> scheduled = nullptr;
    std::uint64_t consumer = 0;
    std::uint64_t connection = 0;
    std::uint64_t request = 0;
    std::string group = {};
    std::string topic = {};
    core::Offset topic_offset = 0;
};

/// Settings that differ from the defaults in the lease alone.
inline core::QueueSettingsChange lease_of(core::DurationMs lease_ms) {
    core::QueueSettingsChange settings;
    settings.lease_ms = lease_ms;
    return settings;
}

inline core::EntryOptions of_priority(std::uint32_t level) {
    core::EntryOptions options;
    options.priority = level;
    return options;
}

class Broker {
public:
    explicit Broker(core::CoreOptions options = {}) : driver_(RoundDriver::Options{options, 1'700'000'000'000, false}) {
        connect(1);
    }

    RoundDriver& driver() { return driver_; }
    core::TimeMs now() const { return driver_.now(); }

    /// Opens connection `number` with a session of its own, or resumes one; what the core said.
    core::SessionOpened connect(std::uint64_t number, core::DurationMs grace_ms = 5'000, std::uint64_t resume = 0) {
        core::OpenSession open;
        open.resume = core::SessionId{resume};
        open.fresh = core::SessionId{number + 1'000};
        open.grace_ms = grace_ms;
        connection_ = number;
        return expect<core::SessionOpened>(open);
    }
    /// Whose requests follow.
    void use(std::uint64_t connection) { connection_ = connection; }
    void lose(std::uint64_t connection) {
        connection_ = connection;
        tell(core::ConnectionLost{});
    }

    /// Applies without an answer; everything that follows from it is done when it returns.
    std::uint64_t tell(core::RequestBody body) {
        const std::uint64_t id = next_request_++;
        core::Request request;
        request.connection = core::ConnectionId{connection_};
        request.id = core::RequestId{id};
        request.body = std::move(body);
        driver_.apply(std::move(request));
        settle();
        return id;
    }
    /// Applies and commits; the reads that it asks for wait for a later call.
    std::uint64_t begin(core::RequestBody body) {
        const std::uint64_t id = next_request_++;
        core::Request request;
        request.connection = core::ConnectionId{connection_};
        request.id = core::RequestId{id};
        request.body = std::move(body);
        driver_.apply(std::move(request));
        driver_.seal();
        driver_.finish_commit();
        return id;
    }
    core::ReplyBody ask(core::RequestBody body) {
        const std::uint64_t id = tell(std::move(body));
        REQUIRE(replies_.contains(id));
        return replies_.at(id);
    }
    /// The reply to an earlier request, when it has come.
    const core::ReplyBody* reply_to(std::uint64_t id) const {
        const auto found = replies_.find(id);
        return found == replies_.end() ? nullptr : &found->second;
    }
    /// The same, when it must have come.
    template <typename T>
    T answered(std::uint64_t id) const {
        REQUIRE(reply_to(id) != nullptr);
        return std::get<T>(*reply_to(id));
    }
    template <typename T>
    T expect(core::RequestBody body) {
        const core::ReplyBody reply = ask(std::move(body));
        INFO(to_text(reply));
        if constexpr (std::is_same_v<T, core::QueueInfo>) {
            REQUIRE(std::holds_alternative<core::QueueInfoPtr>(reply));
            return *std::get<core::QueueInfoPtr>(reply);
        } else if constexpr (std::is_same_v<T, core::ScheduleInfo>) {
            REQUIRE(std::holds_alternative<core::ScheduleInfoPtr>(reply));
            return *std::get<core::ScheduleInfoPtr>(reply);
        } else {
            REQUIRE(std::holds_alternative<T>(reply));
            return std::get<T>(reply);
        }
    }
    core::RefusalCode refusal(core::RequestBody body) { return expect<core::Refusal>(std::move(body)).code; }

    core::QueueInfo create(const std::string& name, core::QueueSettingsChange settings = {}) {
        return expect<core::QueueInfo>(core::CreateQueue{name, core::Profile::message, std::move(settings), false});
    }
    core::QueueInfo show(const std::string& name) { return expect<core::QueueInfo>(core::ShowQueue{name}); }
    void update(const std::string& name, core::QueueSettingsChange settings) {
        expect<core::QueueInfo>(core::UpdateQueue{name, std::move(settings)});
    }

    static core::Produce batch(const std::string& queue, const std::vector<std::string>& payloads,
                               core::EntryOptions options = {}) {
        core::Produce produce;
        produce.queue = queue;
        produce.defaults = options;
        produce.entries = make_entries(payloads);
        produce.largest_entry_bytes = largest_entry_bytes(produce.entries);
        return produce;
    }
    core::Produced produce(const std::string& queue, const std::vector<std::string>& payloads,
                           core::EntryOptions options = {}) {
        return expect<core::Produced>(batch(queue, payloads, options));
    }

    void consume(const std::string& queue, std::uint32_t credit = 100, std::uint64_t consumer = 1) {
        core::OpenConsumer open;
        open.consumer = core::ConsumerId{consumer};
        open.queue = queue;
        open.credit_messages = credit;
        open.worker = "worker-" + std::to_string(consumer);
        expect<core::Done>(open);
    }
    core::Fetch fetch_of(std::uint32_t messages, core::DurationMs wait_ms = 0, std::uint64_t consumer = 1) const {
        core::Fetch fetch;
        fetch.consumer = core::ConsumerId{consumer};
        fetch.max_messages = messages;
        fetch.wait_ms = wait_ms;
        return fetch;
    }
    /// Fetches and takes what came.
    std::vector<Delivered> fetch(std::uint32_t messages, std::uint64_t consumer = 1) {
        tell(fetch_of(messages, 0, consumer));
        return take();
    }

    std::vector<std::string> fetch_payloads(std::uint32_t messages = 100) {
        tell(fetch_of(messages));
        return take_payloads();
    }

    /// What was delivered since the last call.
    std::vector<Delivered> take() { return std::exchange(delivered_, {}); }
    /// Frames of the same time, empty ones included: answers to fetches.
    std::vector<core::Deliver> take_frames() { return std::exchange(frames_, {}); }
    std::vector<core::ConsumerClosed> take_closed() { return std::exchange(closed_, {}); }
    std::vector<core::LeaseRevoked> take_revoked() { return std::exchange(revoked_, {}); }
    std::vector<core::EventBatch> take_events() { return std::exchange(events_, {}); }
    std::vector<core::Heard> take_heard() { return std::exchange(heard_, {}); }
    std::vector<core::ProducerBlocked> take_notices() { return std::exchange(notices_, {}); }
    Delivered take_one() {
        const auto all = take();
        REQUIRE(all.size() == 1);
        return all.front();
    }
    std::vector<std::string> take_payloads() {
        std::vector<std::string> payloads;
        for (const Delivered& one : take()) {
            payloads.push_back(one.payload);
        }
        return payloads;
    }

    static core::Settle settle_of(const Delivered& message, core::SettleAction action) {
        core::Settle settle;
        settle.settlements.push_back({message.token, {{message.offset, 1}}, std::move(action)});
        return settle;
    }
    /// Settles one message, which must be taken.
    void settle_ok(const Delivered& message, core::SettleAction action) {
        const auto settled = expect<core::Settled>(settle_of(message, std::move(action)));
        INFO(to_text(core::ReplyBody(settled)));
        REQUIRE(settled.refused.empty());
    }
    /// Settles one message, which must be refused; why.
    core::RefusalCode settle_refused(const Delivered& message, core::SettleAction action) {
        const auto settled = expect<core::Settled>(settle_of(message, std::move(action)));
        REQUIRE(settled.refused.size() == 1);
        return settled.refused.front().code;
    }
    void ack(const Delivered& message) { settle_ok(message, core::Ack{}); }
    void fail(const Delivered& message, const std::string& reason = "no luck") {
        core::Fail failure;
        failure.reason = reason;
        settle_ok(message, failure);
    }

    core::MessageList peek(const std::string& queue, core::MessageState state, std::uint32_t limit = 100) {
        core::Peek look;
        look.queue = queue;
        look.state = state;
        look.limit = limit;
        return expect<core::MessageList>(look);
    }

    /// Moves the clock and stops at each due timer in order.
    void advance(core::DurationMs by) {
        const core::TimeMs target = driver_.now() + by;
        for (auto deadline = driver_.core().next_deadline(); deadline && *deadline <= target;
             deadline = driver_.core().next_deadline()) {
            driver_.advance_to(*deadline);
            settle();
        }
        driver_.advance_to(target);
        settle();
    }
    /// Stops without warning and starts again; connections are gone.
    void restart() {
        driver_.crash(0, true);
        settle();
    }

private:
    void settle() {
        REQUIRE(driver_.settle());
        for (Released& released : driver_.take_released()) {
            if (auto* reply = std::get_if<core::Reply>(&released.effect)) {
                replies_.insert_or_assign(core::value(reply->request), std::move(reply->body));
            } else if (auto* frame = std::get_if<core::Deliver>(&released.effect)) {
                unpack(*frame);
                frames_.push_back(std::move(*frame));
            } else if (auto* notice = std::get_if<core::ProducerBlocked>(&released.effect)) {
                notices_.push_back(std::move(*notice));
            } else if (auto* revoked = std::get_if<core::LeaseRevoked>(&released.effect)) {
                revoked_.push_back(std::move(*revoked));
            } else if (auto* events = std::get_if<core::EventBatch>(&released.effect)) {
                events_.push_back(std::move(*events));
            } else if (auto* heard = std::get_if<core::Heard>(&released.effect)) {
                heard_.push_back(std::move(*heard));
            } else {
                closed_.push_back(std::get<core::ConsumerClosed>(released.effect));
            }
        }
    }
    void unpack(const core::Deliver& frame) {
        for (const core::Deliver::Run& run : frame.runs) {
            for (std::uint32_t i = 0; i < run.entries.count; ++i) {
                Delivered one;
                one.payload = std::string(payload_of(run.entries, i));
                one.offset = run.first + i;
                one.token = frame.token;
                one.lease_ms = frame.lease_ms;
                one.consumer = core::value(frame.consumer);
                one.connection = core::value(frame.connection);
                one.request = core::value(frame.request);
                one.topic = run.topic;
                one.topic_offset = run.topic.empty() ? 0 : run.topic_offset + i;
                for (const core::Deliver::Detail& detail : frame.details) {
                    if (detail.offset == one.offset) {
                        one.counters = detail.counters;
                        one.cause = detail.cause;
                        one.origin = detail.origin;
                        one.scheduled = detail.scheduled;
                        one.group = detail.group ? detail.group->name : "";
                        one.lease_ms = detail.lease_ms != 0 ? detail.lease_ms : one.lease_ms;
                    }
                }
                delivered_.push_back(std::move(one));
            }
        }
    }

    RoundDriver driver_;
    std::uint64_t connection_ = 1;
    std::uint64_t next_request_ = 1;
    std::map<std::uint64_t, core::ReplyBody> replies_;
    std::vector<Delivered> delivered_;
    std::vector<core::Deliver> frames_;
    std::vector<core::ConsumerClosed> closed_;
    std::vector<core::ProducerBlocked> notices_;
    std::vector<core::LeaseRevoked> revoked_;
    std::vector<core::EventBatch> events_;
    std::vector<core::Heard> heard_;
};

}  // namespace baton::tests
