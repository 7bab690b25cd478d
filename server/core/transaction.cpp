#include "server/core/transaction.hpp"

#include "server/core/job_change.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/lease_tokens.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/overflow.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/schedule_upsert.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

class Transacting {
public:
    Transacting(State& state, Request& request, const Transaction& parts, TimeMs now, Round& round)
        : state_(state), request_(request), parts_(parts), now_(now), round_(round) {}

    void run();

private:
    // Each is false when the request was answered, or waits for a read.
    bool begin();
    bool not_repeated();
    bool settles_ready();
    bool change_ready();
    bool schedule_ready();
    bool produces_ready();
    bool produce_possible(std::size_t i);
    bool room_made(std::size_t i);
    /// Whether one that is so far can be gone on with.
    bool go_on(Queue& queue, Readiness readiness, PreparedProduce& out);

    bool waits_for_attach();
    bool find_changed(const ChangeJob& change);
    void carry_out();
    const FlowsSeen& flows_seen() const { return std::get<RunTransaction>(request_.body).flows_seen; }
    bool refuse(Refusal&& refusal) {
        reply(request_, std::move(refusal), round_);
        return false;
    }

    State& state_;
    Request& request_;
    const Transaction& parts_;
    TimeMs now_;
    Round& round_;

    /// Of the produces, in their order.
    std::vector<Queue*> queues_;
    std::vector<PreparedProduce> prepared_;
    Queue* changed_queue_ = nullptr;
    Offset changed_offset_ = 0;
    FoundJob changed_;
    PreparedUpsert upsert_;
};

bool Transacting::waits_for_attach() {
    Queue* waited_for = nullptr;
    for (Queue* queue : queues_) {
        waited_for = room_unknown(*queue) ? queue : waited_for;
    }
    for (const Settlement& settlement : parts_.settlements) {
        Queue* queue = state_.find(settlement.token.queue);
        const bool old = settlement.token.epoch < state_.options.epoch;
        waited_for = queue != nullptr && queue->attaching != 0 && old ? queue : waited_for;
    }
    if (changed_queue_ != nullptr && changed_queue_->attaching != 0) {
        waited_for = changed_queue_;
    }
    if (waited_for == nullptr) {
        return false;
    }
    waited_for->waiting_attach.push_back(std::move(request_));
    return true;
}

/// Limits, and the queues that the parts name.
bool Transacting::begin() {
    if (auto fault = check_parts(parts_)) {
        return refuse(std::move(*fault));
    }
    for (const Produce& produce : parts_.produces) {
        Queue* queue = state_.find(request_.ns, produce.queue);
        if (queue == nullptr) {
            return refuse(no_such_queue(produce.queue));
        }
        queues_.push_back(queue);
    }
    if (parts_.change) {
        changed_queue_ = state_.find(request_.ns, parts_.change->queue);
        if (changed_queue_ == nullptr) {
            return refuse(no_such_queue(parts_.change->queue));
        }
        if (changed_queue_->kind == QueueKind::topic) {
            return refuse({RefusalCode::wrong_kind, "messages of a topic are changed at its subscriptions",
                           "transaction.change.queue"});
        }
        if (auto fault = check_change(*parts_.change, *changed_queue_)) {
            return refuse(std::move(*fault));
        }
    }
    return !waits_for_attach();
}

/// A produce that is remembered was answered together with everything else of its transaction.
bool Transacting::not_repeated() {
    auto done = std::make_shared<TransactionDone>();
    for (std::size_t i = 0; i < queues_.size(); ++i) {
        std::optional<ReplyBody> answer = remembered_produce(state_, *queues_[i], parts_.produces[i], now_);
        if (!answer) {
            continue;
        }
        if (auto* refusal = std::get_if<Refusal>(&*answer)) {
            return refuse(std::move(*refusal));
        }
        done->produced.push_back(std::get<Produced>(std::move(*answer)));
    }
    if (done->produced.empty()) {
        return true;
    }
    if (done->produced.size() != queues_.size()) {
        return refuse(invalid("transaction.produces.sequence", "some of the sequences were used before"));
    }
    done->repeated = true;
    reply(request_, TransactionDonePtr(std::move(done)), round_);
    return false;
}

bool Transacting::settles_ready() {
    std::uint64_t open = 0, already = 0;
    for (const Settlement& settlement : parts_.settlements) {
        Queue* queue = state_.find(settlement.token.queue);
        if (queue == nullptr) {
            return refuse({RefusalCode::queue_deleted, "the queue of the messages is deleted", "transaction.settle"});
        }
        if (settlement_parked(state_, *queue, settlement, request_, round_)) {
            return false;
        }
        const LeaseBatch* batch = batch_of(state_, *queue, settlement.token);
        for (const OffsetRange& range : settlement.ranges) {
            for (Offset offset = range.first; offset < range.first + range.count; ++offset) {
                if (batch != nullptr && token_holds(*queue, *batch, settlement.token, offset)) {
                    if (const auto kept = why_not_ackable(flows_seen(), *queue, offset, settlement.action)) {
                        return refuse({*kept, "message " + std::to_string(offset) + " waits for its own children",
                                       "transaction.settle.settlements.ranges", offset});
                    }
                    ++open;
                    continue;
                }
                const RefusalCode why = offset >= queue->end ? RefusalCode::token_unknown
                                                             : why_not_held(state_, *queue, settlement.token, offset);
                if (why != RefusalCode::already_settled) {
                    return refuse({why, "message " + std::to_string(offset) + " is not held by its token",
                                   "transaction.settle.settlements.ranges", offset});
                }
                ++already;
            }
        }
    }
    if (already == 0) {
        return true;
    }
    if (open != 0 || !parts_.produces.empty()) {
        return refuse({RefusalCode::already_settled, "some of the messages were settled before", "transaction.settle"});
    }
    auto done = std::make_shared<TransactionDone>();
    done->repeated = true;
    reply(request_, TransactionDonePtr(std::move(done)), round_);
    return false;
}

/// Whether the offset of the changed message is known.
bool Transacting::find_changed(const ChangeJob& change) {
    changed_offset_ = change.offset;
    if (change.id.empty()) {
        return true;
    }
    const Name name{changed_queue_->id, NameKind::id, change.id};
    const std::optional<NameRecord>* record = state_.names.find(name);
    if (record == nullptr) {
        read_names(state_, *changed_queue_, {name}, std::move(request_), round_);
        return false;
    }
    if (!*record) {
        return refuse({RefusalCode::message_not_found, "the queue has no message with this id", "change.id"});
    }
    changed_offset_ = (*record)->holder;
    return true;
}

bool Transacting::change_ready() {
    if (!parts_.change) {
        return true;
    }
    Queue& queue = *changed_queue_;
    close_chunks(state_, queue, round_);
    promote_due(state_, queue, now_, round_);
    if (!find_changed(*parts_.change)) {
        return false;
    }
    std::get<RunTransaction>(request_.body).changed = changed_offset_;
    JobLookup found = look_up_job(state_, queue, changed_offset_, now_);
    if (auto* refusal = std::get_if<Refusal>(&found)) {
        return refuse(std::move(*refusal));
    }
    if (const auto* unread = std::get_if<UnreadJob>(&found)) {
        if (*unread == UnreadJob::chunk) {
            state_.read_chunks(queue, changed_offset_, std::move(request_), round_);
        } else {
            read_jobs(state_, queue, with_found_jobs(state_, queue, {changed_offset_}), std::move(request_), round_);
        }
        return false;
    }
    changed_ = std::move(std::get<FoundJob>(found));
    if (auto fault = check_changeable(changed_)) {
        return refuse(std::move(*fault));
    }
    return true;
}

bool Transacting::schedule_ready() {
    if (!parts_.schedule) {
        return true;
    }
    if (state_.schedules.zone_reads != 0) {
        state_.schedules.waiting.push_back(std::move(request_));
        return false;
    }
    return prepare_upsert(state_, request_, *parts_.schedule, upsert_, now_, round_);
}

bool Transacting::produces_ready() {
    prepared_.resize(queues_.size());
    std::size_t checked = 0, ready = 0;
    while (checked < queues_.size() && produce_possible(checked)) {
        ++checked;
    }
    while (checked == queues_.size() && ready < queues_.size() && room_made(ready)) {
        ++ready;
    }
    return ready == queues_.size();
}

bool Transacting::go_on(Queue& queue, Readiness readiness, PreparedProduce& out) {
    switch (readiness) {
        case Readiness::parked:
            // What waits for names has one place in its queue: others stay behind it.
            queue.produce_parked = queue.names.waiting_produce != nullptr;
            return false;
        case Readiness::blocked:
        case Readiness::refused:
            if (planted(PlantedBug::transaction_half_done)) {
                carry_out_settlements(state_, parts_.settlements, flows_seen(), now_, round_);
            }
            return refuse(std::move(*out.fault));
        case Readiness::ready:
            break;
    }
    return true;
}

bool Transacting::room_made(std::size_t i) {
    Queue& queue = *queues_[i];
    PreparedProduce& out = prepared_[i];
    return go_on(queue, prepare_produce(state_, queue, parts_.produces[i], request_, false, out, now_, round_), out);
}

bool Transacting::produce_possible(std::size_t i) {
    Queue& queue = *queues_[i];
    if (queue.produce_parked) {
        queue.waiting_produces.push_back(std::move(request_));
        return false;
    }
    if (!queue.blocked.empty()) {
        return refuse(queue_full(queue));  // It may not wait with its other parts, and not go before those that do.
    }
    PreparedProduce& out = prepared_[i];
    if (!go_on(queue, check_produce(state_, queue, parts_.produces[i], request_, out, now_, round_), out)) {
        return false;
    }
    const auto replaces_changed = [&](const EntryFate& fate) {
        return fate.kind == EntryFate::Kind::replaces && &queue == changed_queue_ && fate.holder == changed_offset_;
    };
    if (parts_.change && std::any_of(out.plan.fates.begin(), out.plan.fates.end(), replaces_changed)) {
        return refuse(invalid("transaction.change", "the message is replaced by one that is produced"));
    }
    return true;
}

void Transacting::carry_out() {
    auto done = std::make_shared<TransactionDone>();
    for (std::size_t i = 0; i < queues_.size(); ++i) {
        const Produce& produce = parts_.produces[i];
        done->produced.push_back(finish_produce(state_, *queues_[i], produce, std::move(prepared_[i]), now_, round_));
        remember_produce(state_, *queues_[i], produce, done->produced.back(), now_, round_);
    }
    if (parts_.change) {
        change_found(state_, *changed_queue_, *parts_.change, std::move(changed_), now_, round_);
    }
    if (parts_.schedule) {
        done->schedule = finish_upsert(state_, request_, *parts_.schedule, upsert_, now_, round_);
    }
    carry_out_settlements(state_, parts_.settlements, flows_seen(), now_, round_);
    reply(request_, TransactionDonePtr(std::move(done)), round_);
}

void Transacting::run() {
    // Room is made last, when nothing else can refuse; what is dropped for it may be what is to be changed.
    if (begin() && not_repeated() && settles_ready() && change_ready() && schedule_ready() && produces_ready() &&
        change_ready()) {
        carry_out();
    }
}

}  // namespace

void apply_transaction(State& state, Request&& request, TimeMs now, Round& round) {
    RunTransaction& run = std::get<RunTransaction>(request.body);
    if (++run.tries > limits::transaction_tries_max) {
        reply(request,
              Refusal{RefusalCode::busy, "what the transaction must read does not fit into memory at once", "", 0, true,
                      100},
              round);
        return;
    }
    // The request may be moved to where it waits while its parts are looked at.
    const auto parts = run.parts;
    Transacting(state, request, *parts, now, round).run();
}

}  // namespace baton::core
