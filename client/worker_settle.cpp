// How the end of a job is told to the server, and the server's answer to the application.
#include "baton/v1/wire.pb.h"
#include "client/worker_core.hpp"

#include <utility>

namespace baton::detail {

namespace {

constexpr std::uint32_t field_show_queue = 23, reply_queue_info = 20;

}  // namespace

void WorkerCore::settle(const Received& received, Outcome&& outcome) {
    SettleCallback settled = on_settled(received, outcome);
    if (outcome.penalty && outcome.scope == RateLimitScope::group) {
        received.penalise_group(*outcome.penalty, std::move(settled));
    } else if (outcome.penalty) {
        received.penalise(*outcome.penalty, std::move(settled));
    } else if (outcome.success && outcome.result) {
        received.ack(std::move(*outcome.result), std::move(settled));
    } else if (outcome.success) {
        received.ack(std::move(settled));
    } else {
        received.fail(std::move(outcome.failure), std::move(settled));
    }
}

/// Empty when nobody listens: then settles of one delivery need no answers of their own.
SettleCallback WorkerCore::on_settled(const Received& received, const Outcome& outcome) {
    const WorkerEvents& events = options_.events;
    if (!events.completed && !events.failed && !events.refused && !events.drained) {
        return {};
    }
    return [weak = weak_from_this(), received, outcome](const Result<SettleReport>& result) {
        if (const auto self = weak.lock()) {
            self->tell_settled(received, outcome, result);
        }
    };
}

void WorkerCore::tell_settled(const Received& received, const Outcome& outcome, const Result<SettleReport>& result) {
    const WorkerEvents& events = options_.events;
    if (!result || !result.value().refusals.empty()) {
        if (events.refused) {
            const Error error =
                result ? Error{result.value().refusals[0].code, result.value().refusals[0].message} : result.error();
            events.refused(received, error);
        }
    } else if (!outcome.penalty) {
        const WorkerEvents::Ended& ended = outcome.success ? events.completed : events.failed;
        if (ended) {
            ended(received, outcome);
        }
    }
    if (events.drained) {
        // Not now: the consumer has yet to note that this settle was answered.
        client_->post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->ask_whether_drained();
            }
        });
    }
}

void WorkerCore::ask_whether_drained() {
    if (stopping_ || !consumer_->holds_nothing()) {
        return;
    }
    v1::ShowQueue show;
    show.set_name(queue_name_);
    PendingRequest request;
    request.id = client_->next_id();
    request.frame = make_frame(request.id, client_->options().namespace_name, field_show_queue, show);
    request.handler = [weak = weak_from_this(), question = ++questions_](const Result<Reply>& reply) {
        const auto self = weak.lock();
        return self == nullptr || self->on_queue_shown(question, reply);
    };
    client_->submit(std::move(request));
}

bool WorkerCore::on_queue_shown(std::uint64_t question, const Result<Reply>& reply) {
    v1::QueueInfo info;
    const bool shown = reply && reply.value().field == reply_queue_info &&
                       info.ParseFromArray(reply.value().body.data(), static_cast<int>(reply.value().body.size()));
    const bool empty = shown && info.waiting() + info.prioritized() + info.grouped() == 0;
    // A later question means that there was more to do meanwhile; its answer decides.
    if (empty && question == questions_ && consumer_->holds_nothing()) {
        options_.events.drained();
    }
    return true;
}

}  // namespace baton::detail
