// What clients ask: opens possibilities, never makes anything certain.

#include "server/core/transaction.hpp"
#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

/// The options of one entry: its own, else those of its batch.
EntryOptions merged(EntryOptions options, const EntryOptions& own) {
    options.delay_ms = own.delay_ms || own.due_at ? own.delay_ms : options.delay_ms;
    options.due_at = own.delay_ms || own.due_at ? own.due_at : options.due_at;
    options.ttl_ms = own.ttl_ms ? own.ttl_ms : options.ttl_ms;
    options.lease_ms = own.lease_ms ? own.lease_ms : options.lease_ms;
    options.priority = own.priority ? own.priority : options.priority;
    options.lifo = own.lifo ? own.lifo : options.lifo;
    options.max_attempts = own.max_attempts ? own.max_attempts : options.max_attempts;
    options.backoff = own.backoff ? own.backoff : options.backoff;
    options.run_limit_ms = own.run_limit_ms ? own.run_limit_ms : options.run_limit_ms;
    options.group = own.group ? own.group : options.group;
    options.id = own.id ? own.id : options.id;
    options.dedup = own.dedup ? own.dedup : options.dedup;
    return options;
}

}  // namespace

void Ledger::sent(const Request& request, TimeMs now) {
    for (const auto& checker : checkers_) {
        checker->asked(request);
    }
    if (const auto* produce = std::get_if<Produce>(&request.body)) {
        sent_produce(request, *produce, now);
    } else if (const auto* settle = std::get_if<Settle>(&request.body)) {
        sent_settle(request, *settle, now);
    } else if (const auto* transaction = std::get_if<RunTransaction>(&request.body)) {
        sent_produce(request, transaction->parts->produces.front(), now);
        sent_settle(request, {transaction->parts->settlements, {}}, now);
        open_settles_.at({value(request.connection), value(request.id)}).in_transaction = true;
    } else if (const auto* open = std::get_if<OpenSession>(&request.body)) {
        resuming_[value(request.connection)] = value(open->resume);
    } else if (std::holds_alternative<ConnectionLost>(request.body)) {
        lose_session(request.connection, now, false);
    } else if (std::holds_alternative<CloseSession>(request.body)) {
        lose_session(request.connection, now, true);
    } else if (const auto* consumer = std::get_if<OpenConsumer>(&request.body)) {
        sent_consumer(request.connection, *consumer, now);
    } else if (const auto* close = std::get_if<CloseConsumer>(&request.body)) {
        const auto session = session_of_.find(value(request.connection));
        if (session != session_of_.end()) {
            const ConsumerKey key{session->second, value(close->consumer)};
            closed_consumers_[key] = now;
            lose_consumer(key, now, true);
        }
    } else {
        sent_admin(request, now);
    }
}

void Ledger::sent_produce(const Request& request, const Produce& produce, TimeMs now) {
    OpenProduce open;
    open.queue = produce.queue;
    open.producer = produce.producer;
    open.sequence = produce.sequence;
    open.sent_at = now;
    const QueueFacts* to = find_queue(produce.queue);
    open.purges_before = to == nullptr ? 0 : to->purges;
    open.redrives_before = to == nullptr ? 0 : to->redrives;
    open.repairs_open = to == nullptr || to->repairs_open != 0;
    if (produce.producer != 0) {
        // Sequences of a producer count per queue; a queue made anew under the name begins anew.
        open.tries_before = tries_[{produce.producer, produce.sequence}]++;
    }
    auto option = produce.options.begin();
    for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
        const std::string_view wire = produce.entries.slice(i, 1).bytes();
        const Number number = number_of(wire);
        open.numbers.push_back(number);
        EntryOptions options = produce.defaults;
        if (option != produce.options.end() && option->first == i) {
            options = merged(options, (option++)->second);
        }
        const auto [at, fresh] = messages_.try_emplace(number);
        MessageFacts& facts = at->second;
        if (!fresh) {
            continue;
        }
        facts.number = number;
        facts.wire_hash = hash_of(wire);
        facts.wire_bytes = static_cast<std::uint32_t>(wire.size());
        facts.stored_from = now;
        facts.due_from = std::max(options.delay_ms ? now + *options.delay_ms : 0, options.due_at.value_or(0));
        facts.delayed = facts.due_from > now;
        facts.place_from = std::max(now, facts.due_from);
        facts.own_lease_ms = options.lease_ms.value_or(0);
        facts.priority = options.priority.value_or(0);
        facts.lifo = options.lifo.value_or(false);
        facts.own_attempts = options.max_attempts.value_or(0);
        facts.own_backoff = options.backoff;
        facts.own_run_limit = options.run_limit_ms.value_or(0);
        facts.group = options.group.value_or("");
        set_names(facts, options);
        facts.key_until_finished = facts.key_until_finished && !open_clears_.contains({produce.queue, facts.key});
        facts.place_unsure = facts.times_unsure = to != nullptr && to->promotions_open != 0;
        facts.ttl_low = facts.own_ttl_ms = options.ttl_ms.value_or(0);
        const DurationMs queue_ttl = to == nullptr ? 0 : to->settings.message_ttl_ms;
        if (queue_ttl != 0) {
            facts.ttl_low = facts.ttl_low == 0 ? queue_ttl : std::min(facts.ttl_low, queue_ttl);
        }
        if (to == nullptr || to->settings_open()) {
            facts.ttl_low = 1;
        }
    }
    open_produces_[{value(request.connection), value(request.id)}] = std::move(open);
}

void Ledger::sent_settle(const Request& request, const Settle& settle, TimeMs now) {
    OpenSettle open;
    open.request = settle;
    open.sent_at = now;
    for (std::uint32_t i = 0; i < settle.settlements.size(); ++i) {
        sent_settlement(open, i, now);
    }
    if (value(request.id) != 0) {
        open_settles_[{value(request.connection), value(request.id)}] = std::move(open);
    }
}

void Ledger::sent_settlement(OpenSettle& open, std::uint32_t index, TimeMs now) {
    const Settlement& settlement = open.request.settlements[index];
    const QueueFacts* in = find_queue(settlement.token.queue);
    open.versions[value(settlement.token.queue)] = in == nullptr ? 0 : in->settings_version;
    for (const OffsetRange& range : settlement.ranges) {
        for (Offset offset = range.first; offset < range.first + range.count; ++offset) {
            const auto at = at_.find({value(settlement.token.queue), offset});
            MessageFacts* facts = at == at_.end() ? nullptr : find(at->second);
            open.items.push_back({index, offset, facts == nullptr ? 0 : facts->number, facts != nullptr});
            if (facts == nullptr) {
                continue;
            }
            facts->fails_open += std::holds_alternative<Fail>(settlement.action) ? 1 : 0;
            const bool holder = holds(*facts, settlement.token);
            // Which token held what has no record is forgotten by a restart: another one of before may pass for it.
            if (holder || facts->comeback.restarts != 0) {
                may_settle(*facts, settlement.action, holder, now);
            } else if (commits_lost_ && std::holds_alternative<Ack>(settlement.action)) {
                // After unsynced commits were lost, their offsets are used again, and an old token may name another
                // message than it was given for. Only durability os allows that.
                facts->maybe_acked = Presence::maybe;
                unready(*facts);
            }
        }
    }
}

void Ledger::may_settle(MessageFacts& facts, const SettleAction& action, bool holder, TimeMs now) {
    const QueueFacts* in = queue(facts.queue);
    const bool ends = !std::holds_alternative<Extend>(action) && !std::holds_alternative<Started>(action);
    if (holder && ends) {
        facts.lease->settles_open += 1;
    }
    // Only the ack of one that gave the message back is still taken.
    const bool over = holder && facts.lease->settled && facts.comeback.restarts == 0;
    if (std::holds_alternative<Ack>(action)) {
        facts.maybe_acked = Presence::maybe;
    } else if (over) {
        return reconsider(facts);
    } else if (const auto* fail = std::get_if<Fail>(&action)) {
        const DurationMs wait = in == nullptr ? 0 : least_retry_wait(in->settings, facts, *fail);
        const TimeMs from = in == nullptr || in->settings_open() ? 0 : now + wait;
        facts.comeback.failed = std::min(facts.comeback.failed.value_or(never), from);
        facts.failed = facts.failed == Presence::no ? Presence::maybe : facts.failed;
    } else if (const auto* release = std::get_if<Release>(&action)) {
        // 0 says "at once", which a time in the past would say as well but less plainly.
        const TimeMs from = release->delay_ms == 0 ? 0 : now + release->delay_ms;
        facts.comeback.released = std::min(facts.comeback.released.value_or(never), from);
        facts.failed = facts.failed == Presence::no ? Presence::maybe : facts.failed;
    } else if (facts.lease) {
        facts.lease->maybe_started = true;
        if (const auto* extend = std::get_if<Extend>(&action)) {
            facts.lease->ends_from = std::min(facts.lease->ends_from, now + least_extension(facts, *extend));
            facts.lease->ends_by = facts.lease->runs_by;
        }
    }
    reconsider(facts);
}

void Ledger::lose_consumer(const ConsumerKey& key, TimeMs from, bool closed) {
    const auto held = held_.find(key);
    if (held == held_.end()) {
        return;
    }
    for (const Number number : held->second) {
        MessageFacts* facts = find(number);
        if (facts != nullptr && facts->lease && value(facts->lease->session) == key.first &&
            value(facts->lease->consumer) == key.second) {
            facts->lease->lost_from = std::min(facts->lease->lost_from, from);
            facts->lease->maybe_given_back = facts->lease->maybe_given_back || closed;
        }
    }
}

void Ledger::lose_session(ConnectionId connection, TimeMs now, bool closed) {
    auto& lost = lost_connections_[value(connection)];
    lost = {lost.second ? lost.first : now, lost.second || closed};
    const auto opened = session_of_.find(value(connection));
    const auto resuming = resuming_.find(value(connection));
    const bool known = opened != session_of_.end();
    if (!known && (resuming == resuming_.end() || resuming->second == 0)) {
        return;
    }
    // Whether the session was resumed, and with which grace, is open while the answer is out.
    const std::uint64_t session = known ? opened->second : resuming->second;
    SessionFacts& facts = sessions_[session];
    facts.lost_at = now;
    facts.closed = facts.closed || closed;
    const TimeMs from = facts.closed || !known ? now : now + facts.grace_ms;
    for (auto held = held_.lower_bound({session, 0}); held != held_.end() && held->first.first == session; ++held) {
        lose_consumer(held->first, from, facts.closed);
    }
}

void Ledger::sent_consumer(ConnectionId connection, const OpenConsumer& consumer, TimeMs now) {
    const auto session = session_of_.find(value(connection));
    if (session == session_of_.end()) {
        return;
    }
    const ConsumerKey key{session->second, value(consumer.consumer)};
    if (!consumer.redeclared) {
        return;
    }
    for (const Number number : held_[key]) {
        MessageFacts* facts = find(number);
        if (facts == nullptr || !facts->lease || value(facts->lease->session) != key.first ||
            value(facts->lease->consumer) != key.second) {
            continue;
        }
        const auto& batches = consumer.held_batches;
        const bool kept = std::find(batches.begin(), batches.end(), facts->lease->token.batch) != batches.end();
        const bool revived = kept && !facts->lease->maybe_given_back;
        facts->lease->lost_from = revived ? never : std::min(facts->lease->lost_from, now);
        facts->lease->forgotten = facts->lease->forgotten || !kept;
    }
}

void Ledger::sent_admin(const Request& request, TimeMs now) {
    OpenAdmin open;
    open.body = request.body;
    open.sent_at = now;
    const auto named = [&](const std::string& name) {
        QueueFacts* queue = find_queue(name);
        open.queue = queue == nullptr ? 0 : value(queue->id);
        return queue;
    };
    const auto change = [&](const std::string& name, const QueueSettingsChange& settings) {
        if (QueueFacts* queue = named(name)) {
            open.settings = changed(queue->settings, settings, now);
            queue->settings_version += 1;
            queue->updates_open += 1;
            const Overflow policy = open.settings->overflow;
            const bool drops = policy == Overflow::drop_oldest || policy == Overflow::dead_letter_oldest;
            if (open.settings->message_ttl_ms != 0 || drops || open.settings->aging_ms != queue->settings.aging_ms) {
                queue->ready.clear();
            }
            may_hold(*queue, *open.settings);
        }
    };
    if (const auto* create = std::get_if<CreateQueue>(&request.body)) {
        if (create->update) {
            change(create->name, create->settings);
        }
    } else if (const auto* update = std::get_if<UpdateQueue>(&request.body)) {
        change(update->name, update->settings);
    } else if (const auto* purge = std::get_if<PurgeQueue>(&request.body)) {
        if (QueueFacts* queue = named(purge->name)) {
            sent_purge(open, *queue, purge->failed);
        }
    } else if (const auto* remove = std::get_if<DeleteQueue>(&request.body)) {
        if (QueueFacts* queue = named(remove->name)) {
            queue->maybe_deleted = true;
            queue->ready.clear();
        }
    } else if (const auto* retry = std::get_if<RetryFailed>(&request.body)) {
        if (QueueFacts* queue = named(retry->queue)) {
            sent_retry(*retry, *queue, now);
        }
    } else if (const auto* redrive = std::get_if<Redrive>(&request.body)) {
        if (QueueFacts* queue = named(redrive->queue)) {
            sent_redrive(*redrive, *queue, now);
        }
    } else {
        sent_edit(open);
    }
    open_admins_[{value(request.connection), value(request.id)}] = std::move(open);
}

void Ledger::sent_purge(OpenAdmin& open, QueueFacts& queue, bool failed_too) {
    queue.repairs_open += 1;
    queue.purges += 1;
    for (auto& [number, facts] : messages_) {
        if (facts.queue != queue.id || facts.acked || facts.gone == Presence::yes) {
            continue;
        }
        const bool untouched = !queue.ever_ttl && facts.ttl_low == 0 && !queue.ever_drops &&
                               facts.stored == Stored::yes && !facts.lease && facts.surely_here() &&
                               facts.failed == Presence::no && facts.comeback.restarts == 0 &&
                               !facts.comeback.retried && !facts.comeback.redriven;
        if (untouched || (failed_too && facts.failed == Presence::yes && facts.may_move_to.empty())) {
            open.numbers.emplace_back(number, facts.lease ? facts.lease->token.batch : 0);
        }
        facts.gone = Presence::maybe;
        unready(facts);
    }
}

void Ledger::sent_retry(const RetryFailed& retry, QueueFacts& queue, TimeMs now) {
    queue.repairs_open += 1;
    queue.retries += 1;
    for (auto& [number, facts] : messages_) {
        const bool asked = retry.offsets.empty() ||
                           std::find(retry.offsets.begin(), retry.offsets.end(), facts.offset) != retry.offsets.end();
        // Also what is not known to have failed: it may fail while the task is on its way.
        const bool here = facts.queue == queue.id || facts.stored == Stored::asked;
        if (here && asked && !facts.acked) {
            facts.comeback.retried = now;
            facts.place_from = 0;
            unready(facts);
        }
    }
}

void Ledger::sent_redrive(const Redrive& redrive, QueueFacts& queue, TimeMs now) {
    queue.repairs_open += 1;
    queue.redrives += 1;
    const QueueFacts* destination = redrive.destination.empty() ? nullptr : find_queue(redrive.destination);
    for (auto& [number, facts] : messages_) {
        if ((facts.queue != queue.id && facts.stored != Stored::asked) || facts.acked) {
            continue;
        }
        if (destination != nullptr) {
            facts.may_move_to.insert(value(destination->id));
        } else {
            // Each to its origin, which may be any queue that dead-letters.
            for (const auto& [id, other] : queues_) {
                if (other.ever_dead_letters) {
                    facts.may_move_to.insert(id);
                }
            }
        }
        facts.comeback.redriven = now;
        unready(facts);
    }
}

}  // namespace baton::simulation
