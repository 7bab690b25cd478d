#include "tests/support/text.hpp"

namespace baton::tests {

using namespace core;

Text& operator<<(Text& out, const Counters& c) {
    return out << 'd' << c.deliveries << 'f' << c.failures << 'l' << c.lease_losses;
}
Text& operator<<(Text& out, const Event& event) {
    out << '<' << static_cast<int>(event.type) << ' ' << event.first << '+' << event.count;
    if (event.detail) out << ' ' << event.detail->text << ' ' << event.detail->data;
    return out << '>';
}
Text& operator<<(Text& out, const EntryRun& run) {
    out << '[' << run.count << " entries";
    for (std::uint32_t i = 0; i < run.count; ++i) {
        out << ' ' << run.checksum_of(i);
    }
    return out << ']';
}
Text& operator<<(Text& out, const std::vector<Attempt>& attempts) {
    for (const Attempt& attempt : attempts) {
        out << " (" << attempt.delivered_at << '-' << attempt.at << ' ' << attempt.worker << ' ' << attempt.error_class
            << ' ' << attempt.reason << ' ' << attempt.stack.size() << ')';
    }
    return out;
}
Text& operator<<(Text& out, const Origin& o) {
    return out << " origin " << o.queue << '#' << o.queue_id << '-' << o.offset << " stored " << o.stored_at
               << " moved " << o.moved_at << " reason " << o.reason << ' ' << o.counters << o.attempts;
}
Text& operator<<(Text& out, const MetaPtr& meta) {
    if (!meta) {
        return out << " common";
    }
    out << " lease " << meta->lease_ms << " expires " << meta->expires_at << ' ' << meta->counters << " cause "
        << meta->cause << meta->attempts;
    if (is_ranked(meta, true)) out << " priority " << meta->priority << (meta->lifo ? " lifo " : " ") << meta->front;
    if (meta->max_attempts != 0) out << " attempts " << meta->max_attempts;
    if (meta->backoff) out << " backoff " << meta->backoff->base_ms;
    if (meta->group) out << " group " << meta->group->name;
    if (meta->identity) {
        out << " id '" << meta->identity->id << '\'';
        if (meta->identity->dedup) out << ' ' << *meta->identity->dedup;
    }
    if (meta->has_flow) out << " has children";
    if (meta->parents) {
        for (const FlowLink& link : *meta->parents) {
            out << " child " << link;
        }
    }
    return meta->origin ? out << *meta->origin : out;
}
Text& operator<<(Text& out, const QueueSettings& s) {
    out << "lease " << s.lease_ms << " attempts " << s.max_attempts << " backoff " << s.backoff.kind << '/'
        << s.backoff.base_ms << '/' << s.backoff.cap_ms << '/' << s.backoff.jitter_permille;
    for (const std::int64_t delay : s.backoff.list_ms) {
        out << ',' << delay;
    }
    for (const RetryRule& rule : s.retry_rules) {
        out << " rule " << rule.pattern << '=' << static_cast<int>(rule.action);
    }
    return out << " losses " << s.max_lease_losses << " deliveries " << s.max_deliveries << " dlq '"
               << s.dead_letter_queue << "' size " << s.max_message_bytes << " length " << s.max_messages << " bytes "
               << s.max_bytes << " overflow " << s.overflow << " ttl " << s.message_ttl_ms << " durability "
               << s.durability << (s.paused ? " paused" : "") << " rate " << s.rate_limit.permits << '/'
               << s.rate_limit.per_ms << '/' << s.rate_limit.burst << " in flight " << s.max_in_flight << " pause "
               << s.paused_until << " block " << s.block_timeout_ms << " aging " << s.aging_ms << " run limit "
               << s.run_limit_ms << " groups rate " << s.groups.rate.permits << '/' << s.groups.rate.per_ms << '/'
               << s.groups.rate.burst << " in flight " << s.groups.max_in_flight << " order " << s.groups.order
               << " length " << s.groups.max_messages << ' ' << s.groups.overflow << " completed " << s.keep_completed
               << '/' << s.completed_payload_bytes << '/' << s.completed_retention.messages << '/'
               << s.completed_retention.age_ms << '/' << s.completed_retention.bytes << " failed "
               << s.failed_retention.messages << '/' << s.failed_retention.age_ms << '/' << s.failed_retention.bytes
               << " events " << s.keep_events << '/' << s.event_retention.messages << '/' << s.event_retention.age_ms
               << '/' << s.event_retention.bytes << " ids " << s.id_memory_ms << '/' << s.id_memory_count;
}
Text& operator<<(Text& out, const QueueTotals& t) {
    return out << "produced " << t.produced << " acked " << t.acked << " expired " << t.expired << " dropped "
               << t.dropped << " dead " << t.dead_lettered << " redelivered " << t.redelivered << " purged " << t.purged
               << " cancelled " << t.cancelled << " retired " << t.retired << " failed " << t.failed << " in minute "
               << t.minute.minute << ':' << t.minute.completed << '/' << t.minute.failed;
}
Text& operator<<(Text& out, const QueueInfo& i) {
    return out << i.name << '#' << i.id << ' ' << i.settings << " | waiting " << i.waiting << " prioritized "
               << i.prioritized << " grouped " << i.grouped << " delayed " << i.delayed << " leased " << i.leased
               << " failed " << i.failed << " waiting for children " << i.waiting_children << " completed "
               << i.completed << '/' << i.completed_bytes << " bytes " << i.live_bytes << " oldest "
               << i.oldest_waiting_ms << " consumers " << i.consumers << ' ' << i.totals << " hold " << i.hold
               << " until " << i.held_until;
}
Text& operator<<(Text& out, const GroupInfo& i) {
    return out << "group " << i.name << " waiting " << i.waiting << (i.waiting_more ? " and more" : "") << " in flight "
               << i.in_flight << " retrying " << i.retrying << " hold " << i.hold << " until " << i.held_until;
}
Text& operator<<(Text& out, const Refusal& r) {
    return out << "refused " << to_text(r.code) << " '" << r.message << "' field " << r.field << " limit " << r.limit
               << (r.retryable ? " retryable " : " ") << r.retry_after_ms;
}
Text& operator<<(Text& out, const Token& t) { return out << t.epoch << '/' << t.queue << '/' << t.batch; }
Text& operator<<(Text& out, const QueueSettingsChange& c) { return out << changed(QueueSettings{}, c, 0); }
Text& operator<<(Text& out, const EntryOptions& o) {
    if (o.delay_ms) out << " delay " << *o.delay_ms;
    if (o.due_at) out << " due " << *o.due_at;
    if (o.ttl_ms) out << " ttl " << *o.ttl_ms;
    if (o.lease_ms) out << " lease " << *o.lease_ms;
    if (o.priority) out << " priority " << *o.priority;
    if (o.lifo) out << " lifo " << *o.lifo;
    if (o.max_attempts) out << " attempts " << *o.max_attempts;
    if (o.run_limit_ms) out << " run limit " << *o.run_limit_ms;
    if (o.backoff) out << " backoff " << o.backoff->base_ms;
    if (o.group) out << " group " << *o.group;
    if (o.id) out << " id '" << *o.id << '\'';
    if (o.dedup) out << ' ' << *o.dedup;
    return out;
}
Text& operator<<(Text& out, const Dedup& d) {
    return out << "key '" << d.key << "' mode " << d.mode << " ttl " << d.ttl_ms << (d.extend ? " extend" : "")
               << (d.replace ? " replace" : "");
}
Text& operator<<(Text& out, const Name& n) { return out << n.queue << '/' << n.kind << "/'" << n.text << '\''; }
Text& operator<<(Text& out, const NameRecord& r) {
    return out << "held by " << r.holder << (r.remembered ? " remembered" : "") << " until " << r.until << " number "
               << r.number << " turn " << r.turn;
}
Text& operator<<(Text& out, const ItemOutcome& o) {
    return out << o.index << " kind " << o.kind << " offset " << o.offset << " state " << o.state;
}
Text& operator<<(Text& out, const Fetch& f) {
    return out << "fetch consumer " << f.consumer << " max " << f.max_messages << '/' << f.max_bytes << " wait "
               << f.wait_ms << " lease " << f.lease_ms;
}

}  // namespace baton::tests
