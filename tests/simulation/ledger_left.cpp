// What the broker says: makes things certain, after the checkers have judged it.

#include "server/core/transaction.hpp"
#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

void Ledger::left(const std::vector<tests::Released>& effects, std::uint64_t durable_through) {
    durable_through_ = durable_through;
    std::erase_if(undo_, [&](const auto& entry) { return entry.first <= durable_through; });
    std::erase_if(undo_queues_, [&](const auto& entry) { return entry.first <= durable_through; });
    std::vector<const tests::Released*> one_round;
    for (const tests::Released& released : effects) {
        if (!one_round.empty() && one_round.front()->commit != released.commit) {
            round(one_round);
            one_round.clear();
        }
        one_round.push_back(&released);
    }
    if (!one_round.empty()) {
        round(one_round);
    }
}

void Ledger::round(const std::vector<const tests::Released*>& effects) {
    const tests::Released& first = *effects.front();
    if (first.commit > durable_through_) {
        undo_queues_.emplace_back(first.commit, queues_);
    }
    promote(first.decided_at);
    std::vector<DeliveredMessage> messages;
    for (const tests::Released* released : effects) {
        collect(*released, messages);
    }
    for (const auto& checker : checkers_) {
        checker->round(messages);
    }
    std::size_t next = 0;
    for (const tests::Released* released : effects) {
        if (const auto* frame = std::get_if<Deliver>(&released->effect)) {
            for (; next < messages.size() && messages[next].frame == frame; ++next) {
                DeliveredMessage& message = messages[next];
                message.before = this->message(number_of(message.wire));
                message.in = queue(message.queue);
                delivered(message, released->commit);
            }
        } else if (const auto* reply = std::get_if<Reply>(&released->effect)) {
            replied(*reply, *released);
        }
    }
}

void Ledger::collect(const tests::Released& released, std::vector<DeliveredMessage>& out) const {
    const auto* frame = std::get_if<Deliver>(&released.effect);
    if (frame == nullptr) {
        return;
    }
    std::map<Offset, const Deliver::Detail*> details;
    for (const Deliver::Detail& detail : frame->details) {
        details[detail.offset] = &detail;
    }
    for (const Deliver::Run& run : frame->runs) {
        for (std::uint32_t i = 0; i < run.entries.count; ++i) {
            DeliveredMessage message;
            message.frame = frame;
            message.decided_at = released.decided_at;
            message.queue = frame->token.queue;
            message.offset = run.first + i;
            message.stored_at = run.stored_at;
            message.lease_ms = frame->lease_ms;
            message.wire = run.entries.slice(i, 1).bytes();
            message.checksum = run.entries.checksum_of(i);
            message.counters.deliveries = 1;
            const auto detail = details.find(message.offset);
            if (detail != details.end()) {
                message.counters = detail->second->counters;
                message.cause = detail->second->cause;
                message.origin = detail->second->origin;
                message.lease_ms = detail->second->lease_ms != 0 ? detail->second->lease_ms : frame->lease_ms;
            }
            message.before = this->message(number_of(message.wire));
            message.in = queue(message.queue);
            out.push_back(std::move(message));
        }
    }
}

void Ledger::delivered(const DeliveredMessage& message, std::uint64_t commit) {
    deliveries_ += 1;
    for (const auto& checker : checkers_) {
        checker->delivered(message);
    }
    if (message.before == nullptr) {
        return;
    }
    MessageFacts& facts = *find(message.before->number);
    save(facts, commit);
    unready(facts);
    if (facts.stored != Stored::yes || facts.queue != message.queue || facts.offset != message.offset) {
        if (facts.stored == Stored::yes) {
            at_.erase({value(facts.queue), facts.offset});
            facts.moved = true;
            facts.place_from = 0;
            // What was set on it in its old queue is not known to hold here.
            facts.ttl_low = facts.ttl_low == 0 && (message.in == nullptr || !message.in->ever_ttl) ? 0 : 1;
            facts.own_ttl_ms = 0;
        }
        facts.moved = facts.moved || message.origin != nullptr;
        store(facts, message.queue, message.offset, message.decided_at);
        // What is under way may mean it too, though it was not known to be here when that began.
        if (message.in != nullptr && message.in->repairs_open != 0) {
            facts.gone = Presence::maybe;
            facts.comeback.retried = facts.comeback.redriven = message.decided_at;
        }
    }
    deliver_to(facts, message);
    reconsider(facts);
}

void Ledger::deliver_to(MessageFacts& facts, const DeliveredMessage& message) {
    QueueFacts* in = find_queue(message.queue);
    const bool repairs = in != nullptr && (in->repairs_open != 0 || in->maybe_deleted);
    facts.told = message.counters;
    facts.repaired = facts.repaired || message.cause == Cause::retried || message.cause == Cause::redriven;
    facts.failed = Presence::no;
    facts.gone = repairs && facts.gone != Presence::no ? Presence::maybe : Presence::no;
    facts.maybe_acked = Presence::no;
    const Comeback before = facts.comeback;
    facts.comeback = Comeback{};
    if (repairs) {
        facts.comeback.retried = before.retried;
        facts.comeback.redriven = before.redriven;
    } else {
        facts.may_move_to.clear();
    }
    LeaseFacts lease;
    lease.token = message.frame->token;
    lease.consumer = message.frame->consumer;
    lease.lease_ms = message.lease_ms;
    lease.batch_lease_ms = message.frame->lease_ms;
    lease.settings_version = in == nullptr ? 0 : in->settings_version;
    lease.ends_from = lease.ends_by = message.decided_at + message.lease_ms;
    may_run_out(facts, lease, in, message.decided_at);
    const auto session = session_of_.find(value(message.frame->connection));
    if (session != session_of_.end()) {
        lease.session = SessionId{session->second};
        const ConsumerKey key{session->second, value(lease.consumer)};
        const SessionFacts& owner = sessions_[session->second];
        const bool elsewhere = owner.connection != message.frame->connection;
        const auto closed = closed_consumers_.find(key);
        const bool closed_since = closed != closed_consumers_.end() && closed->second >= message.decided_at;
        if (closed_since || owner.closed || (elsewhere && owner.connection != ConnectionId{})) {
            lease.lost_from = std::min(message.decided_at, owner.lost_at);
            lease.maybe_given_back = closed_since || owner.closed;
        } else if (owner.lost_at < never) {
            lease.lost_from = owner.lost_at + owner.grace_ms;
        }
        held_[key].insert(facts.number);
    } else {
        lease.lost_from = message.decided_at;
    }
    facts.lease = lease;
}

void Ledger::store(MessageFacts& facts, QueueId queue, Offset offset, TimeMs now) {
    facts.stored = Stored::yes;
    facts.queue = queue;
    facts.offset = offset;
    facts.place_by = std::max(now, facts.due_from + (now - facts.stored_from));
    at_[{value(queue), offset}] = facts.number;
}

void Ledger::replied(const Reply& reply, const tests::Released& released) {
    const RequestKey key{value(reply.connection), value(reply.request)};
    if (const auto* info = std::get_if<QueueInfoPtr>(&reply.body)) {
        for (const auto& checker : checkers_) {
            checker->shown(**info);
        }
        learn(**info);
    }
    if (const auto* opened = std::get_if<SessionOpened>(&reply.body)) {
        session_of_[value(reply.connection)] = value(opened->session);
        SessionFacts& session = sessions_[value(opened->session)];
        session.connection = reply.connection;
        session.grace_ms = opened->grace_ms;
        session.lost_at = never;
        resuming_.erase(value(reply.connection));
        const auto lost = lost_connections_.find(value(reply.connection));
        if (lost != lost_connections_.end()) {
            const auto [at, closed] = lost->second;
            lose_session(reply.connection, at, closed);
        }
    }
    if (auto produce = open_produces_.extract(key)) {
        auto settle = open_settles_.extract(key);  // Of a transaction.
        const auto* done = std::get_if<TransactionDonePtr>(&reply.body);
        answer_produce(produce.mapped(), done != nullptr ? ReplyBody((*done)->produced.front()) : reply.body, released);
        if (settle) {
            answer_settle(settle.mapped(), done != nullptr ? ReplyBody(Settled{}) : reply.body, released);
        }
    } else if (auto settle = open_settles_.extract(key)) {
        answer_settle(settle.mapped(), reply.body, released);
    } else if (auto admin = open_admins_.extract(key)) {
        answer_admin(admin.mapped(), reply.body, released.decided_at, released.commit);
    }
}

void Ledger::answer_produce(OpenProduce& open, const ReplyBody& body, const tests::Released& released) {
    const std::pair sequence{open.producer, open.sequence};
    open.refused_before = open.producer == 0 ? 0 : refusals_[sequence];
    ProducedBatch batch{&open, released.decided_at, std::get_if<Produced>(&body), std::get_if<Refusal>(&body)};
    for (const auto& checker : checkers_) {
        checker->produced(batch);
    }
    Offset next = batch.produced == nullptr ? 0 : batch.produced->first;
    for (std::uint32_t i = 0; i < open.numbers.size(); ++i) {
        MessageFacts& facts = *find(open.numbers[i]);
        save(facts, released.commit);
        const bool refused =
            batch.produced == nullptr || std::any_of(batch.produced->refused.begin(), batch.produced->refused.end(),
                                                     [&](const auto& item) { return item.first == i; });
        if (refused) {
            // Whether an earlier try was stored is open when its memory may be gone.
            const bool forgotten = batch.refusal != nullptr && open.tries_before != 0 &&
                                   (batch.refusal->code == RefusalCode::sequence_too_old ||
                                    batch.refusal->code == RefusalCode::producer_too_old ||
                                    batch.refusal->code == RefusalCode::queue_not_found ||
                                    batch.refusal->code == RefusalCode::queue_deleted);
            facts.stored = facts.stored == Stored::asked && !forgotten ? Stored::refused : facts.stored;
            continue;
        }
        const ItemOutcome* outcome = outcome_of(*batch.produced, i);
        if (outcome != nullptr && !take_outcome(facts, open, *batch.produced, *outcome, released.commit)) {
            continue;
        }
        const Offset offset = next++;
        if (stored_anew(facts, batch.produced->queue)) {
            // Another message by now: what became of the one before says nothing about it.
            facts.acked = false;
            facts.gone = Presence::no;
            facts.told = {};
            facts.lease.reset();
        } else if (facts.stored == Stored::yes) {
            continue;
        }
        store(facts, batch.produced->queue, offset, released.decided_at);
        const QueueFacts* in = queue(facts.queue);
        if (in != nullptr && (open.repairs_open || in->purges != open.purges_before)) {
            facts.gone = Presence::maybe;
        }
        if (in != nullptr && (open.repairs_open || in->redrives != open.redrives_before)) {
            facts.comeback.redriven = released.decided_at;
            facts.gone = Presence::maybe;  // It may have been dropped where it was moved to.
        }
        // An earlier try may have stored it, and anything may have become of it since.
        if (open.tries_before != 0 || (in != nullptr && in->repairs_open != 0)) {
            facts.comeback.restarts += static_cast<std::uint32_t>(restarts_);
            facts.gone = in != nullptr && in->purges != 0 ? Presence::maybe : facts.gone;
        }
        reconsider(facts);
    }
    if (batch.refusal != nullptr && open.producer != 0) {
        refusals_[sequence] += 1;
    }
}

void Ledger::learn(const QueueInfo& info) {
    const auto named = names_.find(info.name);
    if (named != names_.end() && named->second != value(info.id)) {
        QueueFacts& older = queues_[named->second];
        older.deleted = true;
        older.ready.clear();
        older.returning.clear();
    }
    names_[info.name] = value(info.id);
    QueueFacts& queue = queues_[value(info.id)];
    queue.id = info.id;
    queue.name = info.name;
    if (queue.settings.aging_ms != info.settings.aging_ms) {
        queue.ready.clear();  // Their places were told by the old rule.
    }
    // Answers come in the order of their decisions, so the latest is right, whatever else was asked for.
    queue.settings = info.settings;
    queue.settings_unsure = false;
    may_hold(queue, info.settings);
}

void Ledger::may_hold(QueueFacts& queue, const QueueSettings& settings) {
    queue.ever_ttl = queue.ever_ttl || settings.message_ttl_ms != 0;
    queue.ever_run_limit = queue.ever_run_limit || settings.run_limit_ms != 0;
    queue.ever_drops = queue.ever_drops || settings.overflow == Overflow::drop_oldest ||
                       settings.overflow == Overflow::dead_letter_oldest;
    queue.ever_remembers = queue.ever_remembers || settings.id_memory_ms != 0 || settings.id_memory_count != 0;
    queue.ever_dead_letters = queue.ever_dead_letters || !settings.dead_letter_queue.empty();
    if (const QueueFacts* target = find_queue(settings.dead_letter_queue)) {
        queue.dead_letter_ids.insert(value(target->id));
    }
    const auto lower = [](std::uint32_t& least, std::uint32_t cap) {
        least = least == 0 || (cap != 0 && cap < least) ? cap : least;
    };
    lower(queue.least_deliveries, settings.max_deliveries);
    lower(queue.least_losses, settings.max_lease_losses);
}

void Ledger::answer_admin(const OpenAdmin& open, const ReplyBody& body, TimeMs decided_at, std::uint64_t commit) {
    if (const auto* clear = std::get_if<ClearDedup>(&open.body)) {
        answer_clear(*clear);
        return;
    }
    QueueFacts* queue = find_queue(QueueId{open.queue});
    const bool refused = std::holds_alternative<Refusal>(body);
    if (queue == nullptr) {
        return;
    }
    if (std::holds_alternative<ChangeJob>(open.body) || std::holds_alternative<PromoteJob>(open.body) ||
        std::holds_alternative<PromoteAll>(open.body) || std::holds_alternative<RemoveJobs>(open.body) ||
        std::holds_alternative<CancelJobs>(open.body)) {
        answer_edit(open, body, decided_at, commit);
    } else if (open.settings) {
        queue->settings_version += 1;
        queue->updates_open -= std::min(queue->updates_open, 1U);
    } else if (std::holds_alternative<PurgeQueue>(open.body)) {
        queue->repairs_open -= 1;
        for (const auto& [number, batch] : open.numbers) {
            MessageFacts& facts = *find(number);
            const bool untouched = (facts.lease ? facts.lease->token.batch : 0) == batch;
            if (!refused && untouched && facts.gone == Presence::maybe && facts.queue == queue->id &&
                facts.failed != Presence::maybe) {
                save(facts, commit);
                facts.gone = Presence::yes;
            }
        }
    } else if (std::holds_alternative<DeleteQueue>(open.body)) {
        queue->deleted = !refused;
        queue->maybe_deleted = !refused;
    } else if (std::holds_alternative<RetryFailed>(open.body) || std::holds_alternative<Redrive>(open.body)) {
        queue->repairs_open -= 1;
    }
}

}  // namespace baton::simulation
