// Answers to settles, message by message.

#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

void Ledger::answer_settle(const OpenSettle& open, const ReplyBody& body, const tests::Released& released) {
    const auto* settled = std::get_if<Settled>(&body);
    const bool undone = settled == nullptr && open.in_transaction;
    if (settled == nullptr && !undone) {
        return;
    }
    for (const OpenSettle::Item& item : open.items) {
        SettledMessage message;
        message.open = &open;
        message.settlement = &open.request.settlements[item.settlement];
        message.offset = item.offset;
        message.decided_at = released.decided_at;
        message.refused = undone;
        for (const Settled::Refused& refused : undone ? std::vector<Settled::Refused>{} : settled->refused) {
            if (refused.settlement == item.settlement && item.offset >= refused.range.first &&
                item.offset < refused.range.first + refused.range.count) {
                message.refused = true;
                message.code = refused.code;
            }
        }
        message.before = item.known ? this->message(item.number) : nullptr;
        answer_settlement(open, message, released.commit);
    }
}

void Ledger::answer_settlement(const OpenSettle& open, const SettledMessage& message, std::uint64_t commit) {
    const bool judged = !message.refused || !open.in_transaction;  // Else another part may be why.
    for (const auto& checker : checkers_) {
        judged ? checker->settled(message) : void();
    }
    const auto* failed = std::get_if<Fail>(&message.settlement->action);
    if (message.before != nullptr && failed != nullptr) {
        MessageFacts& named = *find(message.before->number);
        save(named, commit);
        named.fails_open -= std::min(named.fails_open, 1U);
        named.last_error_class = message.refused ? named.last_error_class : failed->error_class;
    }
    if (message.before == nullptr || !holds(*message.before, message.settlement->token)) {
        return;
    }
    MessageFacts& facts = *find(message.before->number);
    save(facts, commit);
    LeaseFacts& lease = *facts.lease;
    const SettleAction& action = message.settlement->action;
    const bool ends = std::holds_alternative<Ack>(action) || std::holds_alternative<Fail>(action) ||
                      std::holds_alternative<Release>(action);
    if (ends && lease.settles_open != 0) {
        lease.settles_open -= 1;
    }
    if (!message.refused) {
        take_settlement(facts, open, message);
    } else if (lease.settles_open == 0 && !lease.settled && facts.comeback.restarts == 0) {
        facts.maybe_acked = Presence::no;
        facts.comeback.failed.reset();
        if (lease.runs_from < never) {
            facts.comeback.failed = lease.runs_from;
        }
        facts.comeback.released.reset();
        if (lease.runs_from == never && !lease.started && !lease.maybe_started) {
            facts.failed = Presence::no;
        }
    }
    reconsider(facts);
}

void Ledger::take_settlement(MessageFacts& facts, const OpenSettle& open, const SettledMessage& message) {
    LeaseFacts& lease = *facts.lease;
    const SettleAction& action = message.settlement->action;
    if (std::holds_alternative<Ack>(action)) {
        facts.acked = true;
        lease.settled = true;
    } else if (const auto* fail = std::get_if<Fail>(&action)) {
        lease.settled = true;
        facts.comeback.fail_taken = true;
        take_fail(facts, open, *fail);
    } else if (const auto* release = std::get_if<Release>(&action)) {
        lease.settled = true;
        facts.comeback.release_taken = true;
        facts.comeback.released = release->delay_ms == 0 ? 0 : open.sent_at + release->delay_ms;
        const QueueFacts* in = queue(facts.queue);
        if (in != nullptr && in->settings.max_deliveries == 0 && !in->settings_open()) {
            facts.failed = Presence::no;
        }
    } else if (const auto* extend = std::get_if<Extend>(&action)) {
        const bool known = extend->lease_ms != 0 || facts.comeback.restarts == 0;
        lease.ends_from = std::min(lease.runs_from, open.sent_at + least_extension(facts, *extend));
        lease.ends_by = std::min(lease.runs_by, known ? message.decided_at + least_extension(facts, *extend) : never);
    } else {
        lease.started = true;
    }
    if (lease.settled && facts.comeback.fail_taken + facts.comeback.release_taken + facts.acked == 1 &&
        lease.settles_open == 0) {
        if (!facts.acked) {
            facts.maybe_acked = Presence::no;
        }
        if (!facts.comeback.fail_taken) {
            facts.comeback.failed.reset();
        }
        if (!facts.comeback.release_taken) {
            facts.comeback.released.reset();
        }
    }
}

DurationMs Ledger::least_extension(const MessageFacts& facts, const Extend& extend) const {
    if (extend.lease_ms != 0) {
        return extend.lease_ms;
    }
    if (facts.comeback.restarts == 0) {
        return facts.lease->batch_lease_ms;
    }
    // A lease without a record is held after a restart, but what it was given is forgotten: the queue's lease is taken.
    const QueueFacts* in = queue(facts.queue);
    const bool unsure = in == nullptr || in->settings_version != facts.lease->settings_version;
    return unsure ? limits::lease_ms_min : std::min(facts.lease->batch_lease_ms, in->settings.lease_ms);
}

void Ledger::take_fail(MessageFacts& facts, const OpenSettle& open, const Fail& fail) {
    const QueueFacts* in = queue(facts.queue);
    const auto version = open.versions.find(value(facts.queue));
    if (in == nullptr || in->settings_open() || version == open.versions.end() ||
        version->second != in->settings_version || facts.comeback.restarts != 0) {
        facts.failed = Presence::maybe;
        // It may have waited for its body while the backoff changed.
        facts.comeback.failed = 0;
        if (in != nullptr) {
            facts.may_move_to.insert(in->dead_letter_ids.begin(), in->dead_letter_ids.end());
        }
        return;
    }
    const Presence spent = spent_by(in->settings, facts, fail);
    const bool deliveries_may_end =
        in->settings.max_deliveries != 0 && facts.told.deliveries >= in->settings.max_deliveries;
    facts.failed = deliveries_may_end ? Presence::yes : spent;
    if (facts.failed != Presence::no && in->repairs_open != 0) {
        facts.comeback.retried = open.sent_at;  // A retry that began before may come by it.
    }
    if (facts.failed != Presence::no && !in->settings.dead_letter_queue.empty()) {
        if (const QueueFacts* target = queue_named(in->settings.dead_letter_queue)) {
            facts.may_move_to.insert(value(target->id));
        }
    }
}

}  // namespace baton::simulation
