#include "tests/simulation/ledger.hpp"

#include "proto/entry_format.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

namespace baton::simulation {

using namespace core;

Number number_of(std::string_view wire) {
    std::string_view body;
    if (!proto::for_each_entry(wire, [&](std::size_t, std::string_view found) { body = found; })) {
        return 0;
    }
    const auto entry = proto::read_entry(body);
    if (!entry || entry->payload.size() < sizeof(Number)) {
        return 0;
    }
    Number number = 0;
    std::memcpy(&number, entry->payload.data(), sizeof number);
    return number;
}

std::uint64_t hash_of(std::string_view wire) { return std::hash<std::string_view>{}(wire); }

bool holds(const MessageFacts& facts, const Token& token) {
    return facts.lease && facts.lease->token.epoch == token.epoch && facts.lease->token.queue == token.queue &&
           facts.lease->token.batch == token.batch;
}

Ledger::Ledger(Findings& findings) : findings_(findings), checkers_(all_checkers()) {
    for (const auto& checker : checkers_) {
        checker->attach(*this, findings_);
    }
}

MessageFacts* Ledger::find(Number number) {
    const auto found = messages_.find(number);
    return found == messages_.end() ? nullptr : &found->second;
}

const MessageFacts* Ledger::message(Number number) const {
    const auto found = messages_.find(number);
    return found == messages_.end() ? nullptr : &found->second;
}

const MessageFacts* Ledger::message_at(QueueId queue, Offset offset) const {
    const auto found = at_.find({value(queue), offset});
    return found == at_.end() ? nullptr : message(found->second);
}

std::vector<Offset> Ledger::known_offsets(QueueId queue, bool done_too) const {
    std::vector<Offset> offsets;
    for (auto at = at_.lower_bound({value(queue), 0}); at != at_.end() && at->first.first == value(queue); ++at) {
        const MessageFacts* facts = message(at->second);
        if (facts->gone != Presence::yes && (done_too || !facts->acked)) {
            offsets.push_back(at->first.second);
        }
    }
    return offsets;
}

QueueFacts* Ledger::find_queue(QueueId id) {
    const auto found = queues_.find(value(id));
    return found == queues_.end() ? nullptr : &found->second;
}

QueueFacts* Ledger::find_queue(const std::string& name) {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &queues_.at(found->second);
}

const QueueFacts* Ledger::queue(QueueId id) const {
    const auto found = queues_.find(value(id));
    return found == queues_.end() ? nullptr : &found->second;
}

bool Ledger::stored_anew(const MessageFacts& facts, QueueId in) const {
    const QueueFacts* home = queue(facts.queue);
    return facts.stored == Stored::yes && in != facts.queue &&
           (home == nullptr || home->deleted || home->maybe_deleted);
}

const QueueFacts* Ledger::queue_named(const std::string& name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &queues_.at(found->second);
}

void Ledger::save(MessageFacts& facts, std::uint64_t commit) {
    if (commit > durable_through_ && facts.saved_at != commit) {
        undo_.emplace_back(commit, facts);
        facts.saved_at = commit;
    }
}

void Ledger::crashed(std::uint64_t last_commit, TimeMs now) {
    bool taken_back = false;
    for (auto entry = undo_.rbegin(); entry != undo_.rend() && entry->first > last_commit; ++entry) {
        messages_[entry->second.number] = entry->second;
        taken_back = true;
    }
    for (auto entry = undo_queues_.rbegin(); entry != undo_queues_.rend() && entry->first > last_commit; ++entry) {
        queues_ = entry->second;
    }
    undo_.clear();
    undo_queues_.clear();
    open_clears_.clear();
    leases_known_at_ = never;
    restarts_ += 1;
    commits_lost_ = commits_lost_ || taken_back;
    if (taken_back) {
        at_.clear();
        for (const auto& [number, facts] : messages_) {
            if (facts.stored == Stored::yes) {
                at_[{value(facts.queue), facts.offset}] = number;
            }
        }
    }
    for (auto& [id, queue] : queues_) {
        queue.ready.clear();
        queue.returning.clear();
        queue.settings_unsure = queue.settings_open();
        queue.promotions_open = 0;
        queue.updates_open = 0;
    }
    for (auto& [number, facts] : messages_) {
        facts.comeback.restarts += 1;
        facts.place_unsure = facts.place_unsure || facts.edits_open != 0;
        facts.edits_open = 0;
        facts.comeback.restarted_at = now;
        if (facts.lease) {
            LeaseFacts& lease = *facts.lease;
            const QueueFacts* in = queue(facts.queue);
            const DurationMs by_queue = in == nullptr || in->settings_open() ? 0 : in->settings.lease_ms;
            lease.ends_from = std::min(lease.ends_from, now + std::min({lease.lease_ms, by_queue, restart_grace_ms}));
            lease.ends_by = std::max(lease.ends_by, now + restart_grace_ms);
            const auto session = sessions_.find(value(lease.session));
            const DurationMs grace = session == sessions_.end() ? 0 : session->second.grace_ms;
            // A session that ended is there again when records of some of its leases are; what was given back stays so.
            lease.maybe_given_back = lease.maybe_given_back || lease.lost_from <= now;
            lease.lost_from = std::min(lease.lost_from, now + std::min(grace, restart_grace_ms));
        }
        reconsider(facts);
    }
    session_of_.clear();
}

void Ledger::leases_known(TimeMs now) {
    if (leases_known_at_ == never) {
        leases_known_at_ = now;
        for (const auto& [number, facts] : messages_) {
            reconsider(facts);
        }
    }
}

void Ledger::audited(const std::vector<QueueAudit>& queues, TimeMs now) {
    for (const auto& checker : checkers_) {
        checker->audited(queues, now);
    }
}

// A message is sure to be ready when nothing that was asked or may have happened could hold it back.
TimeMs Ledger::surely_ready_from(const MessageFacts& facts) const {
    const QueueFacts* in = queue(facts.queue);
    if (!facts.surely_here() || facts.failed != Presence::no || in == nullptr || in->deleted || in->maybe_deleted ||
        in->ever_drops || in->ever_ttl || facts.comeback.retried || facts.comeback.redriven || facts.ttl_low != 0) {
        return never;
    }
    // Until it is known who holds what since a restart, no lease ends by time.
    const TimeMs known = facts.lease || facts.comeback.restarts != 0 ? leases_known_at_ : 0;
    const TimeMs grace_over = facts.comeback.restarts == 0 ? 0 : facts.comeback.restarted_at + restart_grace_ms;
    const TimeMs held = std::max(known, grace_over);
    if (held >= never) {
        return never;
    }
    const bool moves_late = facts.ranked() && (facts.moved || (facts.delayed && (many_due_at_once || restarts_ != 0)));
    if (facts.edits_open != 0 || facts.place_unsure || moves_late) {
        return never;
    }
    const bool presumed = facts.delayed || facts.told.deliveries != 0 || in->least_deliveries != 0;
    if (facts.comeback.restarts != 0 && presumed) {
        return never;  // It may stand in the timed lane, or have used up deliveries that nobody saw.
    }
    if (!facts.lease) {
        return std::max(held, facts.delayed ? facts.place_by : 0);
    }
    const LeaseFacts& lease = *facts.lease;
    const bool deliveries_may_end =
        in->least_deliveries != 0 && facts.told.deliveries + facts.comeback.restarts + 1 >= in->least_deliveries;
    if (lease.settles_open != 0 || in->settings_open() || deliveries_may_end) {
        return never;
    }
    if (lease.settled) {
        // A failed message waits for its backoff, of which only the earliest end is known here.
        const auto& from = facts.comeback.released;
        return facts.comeback.release_taken && !facts.comeback.fail_taken && from && *from == 0 ? held : never;
    }
    const bool losses_may_end = (lease.started || lease.maybe_started) && in->least_losses != 0 &&
                                facts.told.lease_losses + 1 >= in->least_losses;
    return losses_may_end || lease.ends_by >= never ? never : std::max(held, lease.ends_by);
}

Place Ledger::latest_place(const MessageFacts& facts) const {
    const QueueFacts* in = queue(facts.queue);
    const DurationMs step = in == nullptr ? 0 : in->settings.aging_ms;
    const std::int64_t rank = step == 0 ? facts.priority : facts.place_by + facts.priority * step;
    return {rank, facts.lifo ? -1 - static_cast<TimeMs>(facts.offset) : facts.place_by, facts.offset};
}

void Ledger::unready(const MessageFacts& facts) {
    if (QueueFacts* in = find_queue(facts.queue)) {
        in->ready.erase({latest_place(facts), facts.number});
    }
}

void Ledger::reconsider(const MessageFacts& facts) {
    unready(facts);
    if (QueueFacts* in = find_queue(facts.queue)) {
        const TimeMs from = surely_ready_from(facts);
        if (from < never) {
            in->returning.insert({from, facts.number});
        }
    }
}

void Ledger::promote(TimeMs now) {
    for (auto& [id, queue] : queues_) {
        std::vector<std::pair<TimeMs, Number>> later;
        while (!queue.returning.empty() && queue.returning.begin()->first <= now) {
            const Number number = queue.returning.begin()->second;
            queue.returning.erase(queue.returning.begin());
            const MessageFacts* facts = message(number);
            if (facts == nullptr || value(facts->queue) != id) {
                continue;
            }
            const TimeMs from = surely_ready_from(*facts);
            if (from <= now) {
                queue.ready.insert({latest_place(*facts), number});
            } else if (from < never) {
                later.emplace_back(from, number);
            }
        }
        queue.returning.insert(later.begin(), later.end());
    }
}

}  // namespace baton::simulation
