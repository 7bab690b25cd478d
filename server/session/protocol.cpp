#include "server/session/protocol.hpp"

#include "proto/frame_reader.hpp"
#include "server/core/limits.hpp"
#include "server/core/transaction.hpp"
#include "server/session/encode/encode.hpp"

#include <utility>

namespace baton::session {

namespace {

template <typename... Cases>
struct Match : Cases... {
    using Cases::operator()...;
};

}  // namespace

Protocol::Protocol(const ProtocolContext& context, core::ConnectionId connection, SendQueue& out)
    : context_(context), connection_(connection), out_(out) {}

bool Protocol::receive(ReceiveBuffer& in, std::size_t bytes_max, std::vector<ProtocolInput>& inputs) {
    std::size_t handled = 0;
    wanted_ = 0;
    while (!closing_) {
        const std::size_t frame_max =
            state_ == State::hello_expected ? core::limits::first_frame_bytes_max : core::limits::frame_bytes_max;
        const proto::FrameView view = proto::next_frame(in.unread(), frame_max);
        switch (view.status) {
            case proto::FrameStatus::partial:
                wanted_ = view.wanted;
                return false;
            case proto::FrameStatus::too_large:
                refuse(wire_error(WireCode::frame_too_large, "the frame is too large", "frame", frame_max));
                return false;
            case proto::FrameStatus::empty:
                refuse(malformed("a frame has at least one byte", "frame"));
                return false;
            case proto::FrameStatus::complete:
                break;
        }
        if (handled >= bytes_max) {
            return true;
        }
        handled += view.consumed;
        handle(decode_frame(core::Buffer{in.pin(), view.frame}), view.consumed, inputs);
        in.consume(view.consumed);
    }
    return false;
}

void Protocol::refuse(WireError&& error) {
    encode_error(core::RequestId{}, error, out_);
    closing_ = true;
    refused_ = true;
}

void Protocol::handle(ClientRequest&& request, std::size_t bytes, std::vector<ProtocolInput>& inputs) {
    if (auto* error = std::get_if<WireError>(&request.body)) {
        if (error->fatal || state_ == State::hello_expected) {
            refuse(std::move(*error));
        } else if (request.id != core::RequestId{}) {
            encode_error(request.id, *error, out_);
        }
        return;
    }
    if (auto* hello = std::get_if<Hello>(&request.body)) {
        open_session(request.id, std::move(*hello), inputs);
        return;
    }
    if (state_ != State::open) {
        refuse(state_ == State::goodbye
                   ? malformed("nothing follows a Goodbye")
                   : wire_error(WireCode::hello_expected, "the first frame of a connection is a Hello", "body"));
        return;
    }
    std::visit(
        Match{
            [](WireError&) {}, [](Hello&) {}, [&](Ping&) { encode_pong(request.id, out_); },
            [&](StatusRequest&) {
                if (take_id(request.id)) {
                    inputs.push_back({StatusAsked{request.id}, bytes});
                }
            },
            [&](BackupRequest& backup) {
                if (take_id(request.id)) {
                    inputs.push_back({BackupAsked{request.id, std::move(backup.directory)}, bytes});
                }
            },
            [&](DoctorRequest& doctor) {
                if (take_id(request.id)) {
                    inputs.push_back({DoctorAsked{request.id, std::move(request.ns), std::move(doctor.queue)}, bytes});
                }
            },
            [&](core::RequestBody& body) { pass_on(std::move(request), std::move(body), bytes, inputs); }},
        request.body);
}

void Protocol::open_session(core::RequestId id, Hello&& hello, std::vector<ProtocolInput>& inputs) {
    if (state_ != State::hello_expected) {
        refuse(malformed("only the first frame of a connection is a Hello", "hello"));
        return;
    }
    state_ = State::open;
    // A wrong secret is answered with a new session: the data directory may have been replaced, and nothing is given
    // away.
    const bool known = hello.resume != core::SessionId{} && context_.secrets.secret_of(hello.resume) == hello.secret;
    core::OpenSession open;
    open.resume = known ? hello.resume : core::SessionId{};
    open.fresh = context_.fresh_session();
    open.grace_ms = hello.grace_ms.value_or(context_.session_grace_ms);
    open.client = std::move(hello.client);
    in_flight_.insert(core::value(id));
    inputs.push_back({core::Request{connection_, id, {}, std::move(open)}, 0});
}

bool Protocol::take_id(core::RequestId id) {
    if (id == core::RequestId{}) {
        return true;
    }
    if (in_flight_.size() >= core::limits::in_flight_requests_max) {
        WireError error = wire_error(core::Refusal{core::RefusalCode::too_many_requests, "too many requests in flight",
                                                   "request_id", core::limits::in_flight_requests_max, true, 0});
        encode_error(id, error, out_);
        return false;
    }
    if (!in_flight_.insert(core::value(id)).second) {
        // Answering under an id that is in use would be taken for the other request's answer.
        refuse(malformed("a request with this id is in flight", "request_id"));
        return false;
    }
    return true;
}

void Protocol::pass_on(ClientRequest&& request, core::RequestBody&& body, std::size_t bytes,
                       std::vector<ProtocolInput>& inputs) {
    if (std::holds_alternative<core::CancelRequest>(body)) {
        if (request.id != core::RequestId{}) {
            encode_done(request.id, out_);
        }
        inputs.push_back({core::Request{connection_, core::RequestId{}, std::move(request.ns), std::move(body)}, 0});
        return;
    }
    if (!take_id(request.id)) {
        return;
    }
    if (std::holds_alternative<core::CloseSession>(body)) {
        state_ = State::goodbye;
        goodbye_ = request.id;
        closing_ = request.id == core::RequestId{};
    } else if (const auto* settle = std::get_if<core::Settle>(&body); settle && settle->fetch) {
        fetch_follows_.insert(core::value(request.id));
    }
    inputs.push_back({core::Request{connection_, request.id, std::move(request.ns), std::move(body)}, bytes});
}

void Protocol::apply(core::Effect&& effect) {
    if (closing_) {
        return;
    }
    std::visit(Match{[this](core::Reply& answer) { reply(std::move(answer)); },
                     [this](core::Deliver& delivery) {
                         answered(delivery.request);
                         encode_delivery(delivery, out_);
                     },
                     [this](core::ConsumerClosed& closed) { encode_consumer_closed(closed, out_); },
                     [this](core::ProducerBlocked& notice) { encode_blocked(notice.blocked, notice.reason, out_); },
                     [this](core::LeaseRevoked& revoked) { encode_lease_revoked(revoked, out_); },
                     [this](core::EventBatch& batch) { encode_event_batch(batch, out_); },
                     [this](core::Heard& heard) { encode_heard(heard, out_); }},
               effect);
}

void Protocol::welcome(core::RequestId id, const core::SessionOpened& opened) {
    session_ = opened.session;
    encode_welcome(id,
                   WelcomeFacts{context_.server_version, opened.session, context_.secrets.secret_of(opened.session),
                                opened.resumed, context_.epoch, opened.grace_ms},
                   out_);
}

void Protocol::reply(core::Reply&& reply) {
    const core::RequestId id = reply.request;
    const bool settled = std::holds_alternative<core::Settled>(reply.body);
    if (!settled || fetch_follows_.erase(core::value(id)) == 0) {
        answered(id);
    }
    if (auto* opened = std::get_if<core::SessionOpened>(&reply.body)) {
        welcome(id, *opened);
        return;
    }
    if (id == core::RequestId{}) {
        return;
    }
    std::visit(Match{[&](core::Refusal& refusal) {
                         fetch_follows_.erase(core::value(id));
                         encode_error(id, wire_error(std::move(refusal)), out_);
                     },
                     [&](core::Done&) { encode_done(id, out_); },
                     [](core::SessionOpened&) {},
                     [&](core::Produced& produced) { encode_produced(id, std::move(produced), out_); },
                     [&](core::Settled& settle) { encode_settled(id, settle, out_); },
                     [&](core::QueueInfoPtr& info) { encode_queue_info(id, *info, out_); },
                     [&](core::QueueList& list) { encode_queue_list(id, list, out_); },
                     [&](core::MessageList& list) { encode_message_list(id, list, out_); },
                     [&](core::GroupInfoPtr& info) { encode_group_info(id, *info, out_); },
                     [&](core::GroupList& list) { encode_group_list(id, list, out_); },
                     [&](core::ScheduleInfoPtr& info) { encode_schedule_info(id, *info, out_); },
                     [&](core::ScheduleList& list) { encode_schedule_list(id, list, out_); },
                     [&](core::ScheduleTimes& times) { encode_schedule_times(id, times, out_); },
                     [&](core::FlowAdded& added) { encode_flow_added(id, added, out_); },
                     [&](core::FlowInfo& info) { encode_flow_info(id, info, out_); },
                     [&](core::ChildList& list) { encode_child_list(id, list, out_); },
                     [&](core::ChildrenAwaited& awaited) { encode_children_awaited(id, awaited, out_); },
                     [&](core::FlowActed& acted) { encode_flow_acted(id, acted, out_); },
                     [&](core::ConsumerList& list) { encode_consumer_list(id, list, out_); },
                     [&](core::PriorityCounts& counts) { encode_priority_counts(id, counts, out_); },
                     [&](core::JobMetrics& metrics) { encode_job_metrics(id, metrics, out_); },
                     [&](core::MessageTrace& trace) { encode_message_trace(id, trace, out_); },
                     [&](core::BindingList& list) { encode_binding_list(id, list, out_); },
                     [&](core::ListenStarted& started) { encode_listen_started(id, started, out_); },
                     [&](core::Counted& counted) { encode_counted(id, counted, out_); },
                     [&](core::TaskInfoPtr& task) { encode_task_info(id, *task, out_); },
                     [&](core::TaskList& list) { encode_task_list(id, list, out_); },
                     [&](core::LogBounds& bounds) { encode_log_bounds(id, bounds, out_); },
                     [&](core::LogPage& page) { encode_log_page(id, page, out_); },
                     [&](core::JobEnded& ended) { encode_job_ended(id, ended, out_); },
                     [&](core::ClockShown& clock) { encode_clock(id, clock, out_); },
                     [&](core::ExplanationPtr& why) { encode_explanation(id, *why, out_); },
                     [&](core::DedupShown& dedup) { encode_dedup(id, dedup, out_); },
                     [&](const core::TransactionDonePtr& done) { encode_transaction_done(id, *done, out_); },
                     [&](core::JobsRemoved& removed) { encode_jobs_removed(id, std::move(removed), out_); },
                     [&](core::JobsCancelled& cancelled) { encode_jobs_cancelled(id, std::move(cancelled), out_); }},
               reply.body);
    if (state_ == State::goodbye && id == goodbye_) {
        closing_ = true;
    }
}

void Protocol::answer_status(core::RequestId request, const StatusFacts& facts) {
    answered(request);
    if (!closing_) {
        encode_status(request, facts, out_);
    }
}

void Protocol::answer_backup(core::RequestId request, const BackupFacts& facts) {
    answered(request);
    if (!closing_) {
        encode_backup(request, facts, out_);
    }
}

void Protocol::answer_doctor(core::RequestId request, const DoctorFacts& facts) {
    answered(request);
    if (!closing_) {
        encode_diagnosis(request, facts, out_);
    }
}

void Protocol::notify_draining() {
    if (state_ == State::open && !closing_) {
        encode_draining(out_);
    }
}

void Protocol::notify_blocked(bool blocked, const std::string& reason) {
    if (state_ == State::open && !closing_) {
        encode_blocked(blocked, reason, out_);
    }
}

}  // namespace baton::session
