// The durable state as text, to hold a core restored from disk against the one that wrote it.
#include "server/core/state.hpp"

#include <sstream>

namespace baton::core {

namespace {

void write_groups(std::ostringstream& out, const Queue& queue) {
    if (!queue.groups) {
        return;
    }
    for (const auto& [id, group] : queue.groups->states) {
        const GroupLimits& limits = group.limits;
        const GroupFacts& facts = group.facts;
        if (limits == GroupLimits{} && facts == GroupFacts{}) {
            continue;  // Only leases tell of it.
        }
        out << "  group " << group.group->name << ' ' << facts.bucket.level << '@' << facts.bucket.at << " penalty "
            << facts.penalty_until << " messages " << facts.messages << '/' << facts.delayed << " retrying "
            << facts.retrying << " paused " << limits.paused << ' ' << limits.paused_until << " limits "
            << (limits.rate ? static_cast<std::int64_t>(limits.rate->permits) : -1) << ' '
            << (limits.max_in_flight ? static_cast<std::int64_t>(*limits.max_in_flight) : -1) << ' '
            << (limits.max_messages ? static_cast<std::int64_t>(*limits.max_messages) : -1) << '\n';
    }
}

void write(std::ostringstream& out, const QueueSettings& set) {
    out << "  settings " << set.lease_ms << ' ' << set.max_attempts << ' ' << set.max_lease_losses << ' '
        << set.max_deliveries << " dlq '" << set.dead_letter_queue << "' " << set.max_message_bytes << ' '
        << set.max_messages << ' ' << set.max_bytes << ' ' << static_cast<int>(set.overflow) << ' '
        << set.message_ttl_ms << ' ' << static_cast<int>(set.durability) << ' ' << static_cast<int>(set.consumer_mode)
        << ' ' << set.paused << ' ' << set.rate_limit.permits << '/' << set.rate_limit.per_ms << '/'
        << set.rate_limit.burst << ' ' << set.max_in_flight << ' ' << set.paused_until << ' ' << set.block_timeout_ms
        << ' ' << static_cast<int>(set.backoff.kind) << ' ' << set.backoff.base_ms << ' ' << set.backoff.cap_ms
        << " aging " << set.aging_ms << " run limit " << set.run_limit_ms << " groups " << set.groups.rate.permits
        << '/' << set.groups.rate.per_ms << '/' << set.groups.rate.burst << ' ' << set.groups.max_in_flight << ' '
        << static_cast<int>(set.groups.order) << ' ' << set.groups.max_messages << ' '
        << static_cast<int>(set.groups.overflow) << " ids " << set.id_memory_ms << ' ' << set.id_memory_count
        << " kept " << set.keep_completed << ' ' << set.completed_payload_bytes << ' '
        << set.completed_retention.messages << ' ' << set.completed_retention.age_ms << ' '
        << set.completed_retention.bytes << ' ' << set.failed_retention.messages << ' ' << set.failed_retention.age_ms
        << ' ' << set.failed_retention.bytes << " events " << set.keep_events << ' ' << set.event_retention.messages
        << ' ' << set.event_retention.age_ms << ' ' << set.event_retention.bytes << '\n';
    for (const RetryRule& rule : set.retry_rules) {
        out << "  rule " << rule.pattern << ' ' << static_cast<int>(rule.action) << ' '
            << (rule.backoff ? rule.backoff->base_ms : -1) << '\n';
    }
}

/// What is kept of messages that are over.
void write_kept(std::ostringstream& out, const Queue& queue) {
    for (const FinishedCounts& set : {queue.completed.counts, queue.failed.counts}) {
        out << "  finished " << set.head << '+' << set.head_done << ".." << set.next << ' ' << set.oldest_at << ' '
            << set.messages << ' ' << set.bytes << '\n';
    }
    const EventCounts& events = queue.events.counts;
    out << "  events " << events.head << '/' << events.first_chunk << ".." << events.next << ' ' << events.bytes << ' '
        << events.oldest_at << '\n';
    const FlowCounts& flows = queue.flows;
    out << "  flows " << flows.waiting << ' ' << flows.has_children << flows.has_parents << flows.has_pages << ' '
        << flows.purged_below << '\n';
    out << "  retired " << queue.totals.retired << " generation " << queue.completed_generation << '\n';
}

void write(std::ostringstream& out, const Selection& selection) {
    out << selection.pattern;
    if (selection.filter) {
        out << (selection.filter->any ? " any" : " all");
        for (const FilterCondition& condition : selection.filter->conditions) {
            out << ' ' << condition.header << (condition.negated ? '!' : ' ') << static_cast<int>(condition.test);
            for (const std::string& value : condition.values) {
                out << ' ' << value;
            }
            out << ' ' << condition.from.value_or(0) << ' ' << condition.to.value_or(0);
        }
    }
}

/// What makes a topic or a subscription of it.
void write_role(std::ostringstream& out, const Queue& queue) {
    if (queue.kind == QueueKind::queue) {
        return;
    }
    const TopicSettings& keeps = queue.keeps;
    out << "  kind " << static_cast<int>(queue.kind) << " keeps " << keeps.retention.messages << '/'
        << keeps.retention.age_ms << '/' << keeps.retention.bytes << (keeps.interest ? " interest " : " ")
        << keeps.alternate << (keeps.delivery_log ? " log of deliveries" : "") << " topic " << value(queue.topic_id)
        << (queue.hold ? " hold" : "") << " began " << queue.began << " log " << queue.log_bytes << " floor "
        << queue.token_floor << (keeps.compact ? " compact " : " ") << keeps.tombstone_ms << " holes "
        << queue.holes.messages << '/' << queue.holes.bytes << " compacted " << queue.totals.compacted << " through "
        << queue.compacted_bytes << '\n';
    if (queue.selects) {
        out << "  selects ";
        write(out, *queue.selects);
        for (const auto& [topic, fill] : queue.references->fills) {
            out << " fill " << value(topic) << ' ' << fill.from << ' ' << fill.since << ' ' << fill.last_per_key_below;
        }
        out << '\n';
    }
}

void write(std::ostringstream& out, const Binding& binding) {
    const BindingOptions& options = binding.spec.options;
    out << "binding " << value(binding.id) << ' ' << binding.spec.name << " into " << value(binding.queue) << " of ";
    write(out, *binding.spec.selects);
    out << ' ' << options.delay_ms.value_or(-1) << ' ' << options.ttl_ms.value_or(-1) << ' '
        << options.priority.value_or(0) << ' ' << options.group_header << ' ' << options.priority_header << '\n';
}

void write_names(std::ostringstream& out, const Queue& queue) {
    const NameCounts& names = queue.names.counts;
    out << "  names " << names.used << names.sweeping << ' ' << names.numbers << ' ' << names.turns << ' '
        << names.timed << ' ' << names.counted << '\n';
    for (const auto& [key, parked] : queue.names.parked) {
        out << "  parked " << key << " behind " << parked.holder << " at " << parked.parked_at << ' ' << parked.delay_ms
            << ' ' << parked.ttl_ms << ' ' << parked.body.checksum_of(0) << '\n';
    }
}

void write(std::ostringstream& out, const Queue& queue) {
    PutQueueState record;
    queue.acks.fill(record);
    out << "queue " << value(queue.id) << ' ' << queue.name << " ns " << value(queue.ns) << " profile "
        << static_cast<int>(queue.profile) << " created " << queue.created_at << " end " << queue.end << " low "
        << record.low << " bits " << record.bits_set << " horizon " << queue.horizon << ' ' << queue.lane_horizon
        << " batch " << queue.next_batch << " generations " << queue.lane_generation << ' ' << queue.failed_generation
        << " counts " << queue.timed_count << ' ' << queue.failed_count << " bytes " << queue.live_bytes << ' '
        << queue.failed_bytes << " prioritized " << queue.prioritized_count << " fronts " << queue.fronts << " grouped "
        << (queue.groups ? queue.groups->count : 0) << '\n';
    write_role(out, queue);
    write_groups(out, queue);
    const QueueTotals& totals = queue.totals;
    out << "  totals " << totals.produced << ' ' << totals.acked << ' ' << totals.expired << ' ' << totals.dropped
        << ' ' << totals.dead_lettered << ' ' << totals.redelivered << ' ' << totals.purged << ' ' << totals.cancelled
        << '\n';
    out << "  minutes " << totals.failed;
    for (const JobMinute& minute : queue.minutes.passed) {
        out << ' ' << minute.minute << ':' << minute.completed << '/' << minute.failed;
    }
    out << " then " << totals.minute.minute << ':' << totals.minute.completed << '/' << totals.minute.failed << '\n';
    write_kept(out, queue);
    out << "  bucket " << queue.bucket.level << '@' << queue.bucket.at << " penalty " << queue.penalty_until
        << (queue.has_expiries ? " expiries" : "") << (queue.reports.any ? " reports" : "")
        << (queue.reports.to_sweep ? " to sweep\n" : "\n");
    write_names(out, queue);
    write(out, queue.settings);
    for (Offset offset = record.low; offset < queue.end && queue.end - record.low < 100'000; ++offset) {
        out << (queue.acks.test(offset) ? '1' : '0');
    }
    out << '\n';
    for (const auto& [offset, returned] : queue.returned) {
        out << "  returned " << offset << ' ' << returned.counters.deliveries << ' ' << returned.counters.failures
            << ' ' << returned.counters.lease_losses << ' ' << static_cast<int>(returned.cause) << ' ' << returned.fence
            << ' ' << returned.attempts.size() << (returned.isolated ? " isolated" : "") << ' ' << returned.not_before;
        for (const Attempt& attempt : returned.attempts) {
            out << " (" << attempt.delivered_at << ' ' << attempt.at << ' ' << attempt.worker << ' '
                << attempt.error_class << ' ' << attempt.reason << ' ' << attempt.stack.size() << ')';
        }
        out << '\n';
    }
    for (const auto& [number, producer] : queue.producers.all()) {
        out << "  producer " << number << ' ' << producer.created_at << ' ' << producer.used_at << ' '
            << producer.acked_through;
        for (const auto& [sequence, stored] : producer.stored) {
            out << ' ' << sequence << '@' << stored.first << '+' << stored.count << '-' << stored.refused.size() << '='
                << stored.outcomes.size();
        }
        out << '\n';
    }
}

void write(std::ostringstream& out, const Schedule& schedule) {
    const ScheduleProgress& progress = schedule.progress;
    const ScheduleSpec& spec = *schedule.spec;
    const ScheduleTiming& timing = spec.timing;
    out << "schedule " << value(schedule.id) << " ns " << value(schedule.ns) << ' ' << schedule.name << " created "
        << schedule.created_at << " generation " << schedule.generation << " anchor " << schedule.anchor_at << " queue "
        << spec.queue << " cron '" << timing.cron << "' " << timing.zone << " every " << timing.every_ms << ' '
        << timing.anchor.value_or(-1) << ' ' << timing.start_at << ' ' << timing.end_at << ' ' << timing.limit << ' '
        << timing.jitter_ms << ' ' << timing.offset_ms << " overlap " << static_cast<int>(spec.overlap) << " missed "
        << static_cast<int>(spec.missed) << ' ' << spec.missed_max << " entry " << spec.entry.size_of(0) << ' '
        << spec.entry.checksum_of(0) << '\n';
    out << "  next " << progress.next_at << " paused " << progress.paused << " fired " << progress.fired << " skipped "
        << progress.skipped << " last " << progress.last_firing_at << ' ' << progress.last_run_at << " error '"
        << progress.last_error << "' " << progress.last_error_at;
    if (progress.open) {
        out << " open " << value(progress.open->queue) << '@' << progress.open->offset << '+' << progress.open->bytes;
    }
    out << '\n';
}

void write(std::ostringstream& out, const BulkTask& task) {
    const TaskProgress& progress = task.progress;
    out << "task " << value(task.id) << " ns " << value(task.ns) << " queue " << value(task.queue) << " created "
        << task.created_at << " kind " << static_cast<int>(task.spec->kind) << " states " << task.spec->filter->states
        << " state " << static_cast<int>(progress.state) << ' ' << progress.scanned << ' ' << progress.matched << ' '
        << progress.done << ' ' << progress.skipped << " from " << static_cast<int>(progress.from_state) << ' '
        << progress.from_at << ' ' << progress.from_offset << ' ' << progress.from_rank << " pass " << progress.passes
        << ' ' << progress.pass_done << " error '" << progress.error << "\'\n";
}

}  // namespace

std::string Core::durable_digest() const {
    std::ostringstream out;
    out << "next " << state_->next_namespace << ' ' << state_->next_queue << '\n';
    for (const auto& [name, space] : state_->namespaces) {
        out << "namespace " << value(space.id) << ' ' << name << '\n';
        for (const auto& [queue_name, queue] : space.queues) {
            write(out, *queue);
        }
    }
    for (const auto& [key, binding] : state_->routing.bindings) {
        write(out, *binding);
    }
    for (const LostChildren& lost : state_->flows.lost) {
        out << "lost " << value(lost.ns) << ' ' << value(lost.queue) << ' ' << lost.upto << '\n';
    }
    out << "next schedule " << state_->schedules.next_id << '\n';
    for (const auto& [name, schedule] : state_->schedules.by_name) {
        write(out, *schedule);
    }
    for (const auto& [id, task] : state_->tasks.all) {
        write(out, task);
    }
    return out.str();
}

}  // namespace baton::core
