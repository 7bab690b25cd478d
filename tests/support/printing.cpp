#include "tests/support/printing.hpp"

#include <sstream>
#include <variant>

namespace baton::tests {

namespace {

using namespace core;

/// Text by chaining, with the numbers of enumerations and strong ids.
class Text {
public:
    template <typename T>
    Text& operator<<(const T& part) {
        if constexpr (std::is_enum_v<T>) {
            out_ << +static_cast<std::underlying_type_t<T>>(part);
        } else if constexpr (std::is_same_v<T, std::uint8_t>) {
            out_ << +part;
        } else {
            out_ << part;
        }
        return *this;
    }
    std::string take() { return out_.str(); }

private:
    std::ostringstream out_;
};

Text& operator<<(Text& out, const Counters& c) {
    return out << 'd' << c.deliveries << 'f' << c.failures << 'l' << c.lease_losses;
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
        out << " (" << attempt.at << ' ' << attempt.worker << ' ' << attempt.reason << ')';
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
    return meta->origin ? out << *meta->origin : out;
}
Text& operator<<(Text& out, const QueueSettings& s) {
    out << "lease " << s.lease_ms << " attempts " << s.max_attempts << " backoff " << s.backoff.kind << '/'
        << s.backoff.base_ms << '/' << s.backoff.cap_ms << '/' << s.backoff.jitter_permille;
    for (const std::int64_t delay : s.backoff.list_ms) {
        out << ',' << delay;
    }
    return out << " losses " << s.max_lease_losses << " deliveries " << s.max_deliveries << " dlq '"
               << s.dead_letter_queue << "' size " << s.max_message_bytes << " length " << s.max_messages << " bytes "
               << s.max_bytes << " overflow " << s.overflow << " ttl " << s.message_ttl_ms << " durability "
               << s.durability << (s.paused ? " paused" : "");
}
Text& operator<<(Text& out, const QueueTotals& t) {
    return out << "produced " << t.produced << " acked " << t.acked << " expired " << t.expired << " dropped "
               << t.dropped << " dead " << t.dead_lettered << " redelivered " << t.redelivered << " purged "
               << t.purged;
}
Text& operator<<(Text& out, const QueueInfo& i) {
    return out << i.name << '#' << i.id << ' ' << i.settings << " | waiting " << i.waiting << " delayed " << i.delayed
               << " leased " << i.leased << " failed " << i.failed << " bytes " << i.live_bytes << " oldest "
               << i.oldest_waiting_ms << " consumers " << i.consumers << ' ' << i.totals;
}
Text& operator<<(Text& out, const Refusal& r) {
    return out << "refused " << to_text(r.code) << " '" << r.message << "' field " << r.field << " limit " << r.limit
               << (r.retryable ? " retryable " : " ") << r.retry_after_ms;
}
Text& operator<<(Text& out, const Token& t) { return out << t.epoch << '/' << t.queue << '/' << t.batch; }
Text& operator<<(Text& out, const QueueSettingsChange& c) { return out << changed(QueueSettings{}, c); }
Text& operator<<(Text& out, const EntryOptions& o) {
    if (o.delay_ms) out << " delay " << *o.delay_ms;
    if (o.due_at) out << " due " << *o.due_at;
    if (o.ttl_ms) out << " ttl " << *o.ttl_ms;
    if (o.lease_ms) out << " lease " << *o.lease_ms;
    return out;
}
Text& operator<<(Text& out, const Fetch& f) {
    return out << "fetch consumer " << f.consumer << " max " << f.max_messages << '/' << f.max_bytes << " wait "
               << f.wait_ms << " lease " << f.lease_ms;
}

struct SettleText {
    Text& out;
    void operator()(const Ack&) const { out << "ack"; }
    void operator()(const Fail& f) const {
        out << "fail '" << f.reason << '\'' << (f.terminal ? " terminal" : "");
        if (f.retry_after_ms) out << " after " << *f.retry_after_ms;
    }
    void operator()(const Release& r) const { out << "release after " << r.delay_ms; }
    void operator()(const Extend& e) const { out << "extend " << e.lease_ms; }
    void operator()(const Started&) const { out << "started"; }
};

struct RequestText {
    Text& out;
    void operator()(const OpenSession& r) const {
        out << "open session resume " << r.resume << " fresh " << r.fresh << " grace " << r.grace_ms;
    }
    void operator()(const ConnectionLost&) const { out << "connection lost"; }
    void operator()(const CloseSession&) const { out << "close session"; }
    void operator()(const CancelRequest& r) const { out << "cancel " << r.request; }
    void operator()(const CreateQueue& r) const {
        out << "create queue " << r.name << (r.update ? " or update " : " ") << r.settings;
    }
    void operator()(const UpdateQueue& r) const { out << "update queue " << r.name << ' ' << r.settings; }
    void operator()(const ListQueues& r) const { out << "list queues " << r.prefix << " after " << r.after; }
    void operator()(const ShowQueue& r) const { out << "show queue " << r.name; }
    void operator()(const PurgeQueue& r) const { out << "purge " << r.name << (r.failed ? " with failed" : ""); }
    void operator()(const DeleteQueue& r) const { out << "delete queue " << r.name; }
    void operator()(const Produce& r) const {
        out << "produce to " << r.queue << " producer " << r.producer << " sequence " << r.sequence << " acked "
            << r.acked_through << (r.per_item ? " per item" : "") << r.defaults << ' ' << r.entries;
        for (const auto& [index, options] : r.options) {
            out << " {" << index << ':' << options << '}';
        }
    }
    void operator()(const OpenConsumer& r) const {
        out << "open consumer " << r.consumer << " on " << r.queue << " credit " << r.credit_messages << '/'
            << r.credit_bytes << " lease " << r.lease_ms << " worker " << r.worker << (r.redeclared ? " holding" : "");
        for (const BatchNumber batch : r.held_batches) {
            out << ' ' << batch;
        }
    }
    void operator()(const CloseConsumer& r) const { out << "close consumer " << r.consumer; }
    void operator()(const SetCredit& r) const {
        out << "credit of consumer " << r.consumer << ' ' << r.credit_messages << '/' << r.credit_bytes;
    }
    void operator()(const Fetch& r) const { out << r; }
    void operator()(const Settle& r) const {
        out << "settle";
        for (const Settlement& one : r.settlements) {
            out << " {" << one.token << ' ';
            std::visit(SettleText{out}, one.action);
            for (const OffsetRange& range : one.ranges) {
                out << ' ' << range.first << '+' << range.count;
            }
            out << '}';
        }
        if (r.fetch) {
            out << " and " << *r.fetch;
        }
    }
    void operator()(const Peek& r) const {
        out << "peek " << r.queue << " state " << r.state << " from " << r.from_at << '/' << r.from_offset << " limit "
            << r.limit;
    }
    void operator()(const ShowFailed& r) const { out << "show failed " << r.queue << ' ' << r.offset; }
    void operator()(const RetryFailed& r) const {
        out << "retry failed of " << r.queue << (r.keep_counters ? " keeping counters" : "");
        for (const Offset offset : r.offsets) {
            out << ' ' << offset;
        }
    }
    void operator()(const Redrive& r) const {
        out << "redrive " << r.queue << " to '" << r.destination << "' max " << r.max_messages
            << (r.keep_counters ? " keeping counters" : "");
    }
};

struct ReplyText {
    Text& out;
    void operator()(const Refusal& r) const { out << r; }
    void operator()(const Done&) const { out << "done"; }
    void operator()(const SessionOpened& r) const {
        out << "session " << r.session << (r.resumed ? " resumed" : " new") << " grace " << r.grace_ms;
    }
    void operator()(const Produced& r) const {
        out << "produced " << r.queue << '-' << r.first << '+' << r.count << (r.duplicate ? " duplicate" : "")
            << " durability " << r.durability;
        for (const auto& [index, refusal] : r.refused) {
            out << " {" << index << ' ' << refusal << '}';
        }
    }
    void operator()(const Settled& r) const {
        out << "settled";
        for (const Settled::Refused& one : r.refused) {
            out << " {" << one.settlement << ' ' << one.range.first << '+' << one.range.count << ' '
                << to_text(one.code) << '}';
        }
    }
    void operator()(const QueueInfo& r) const { out << "queue " << r; }
    void operator()(const QueueList& r) const {
        out << "queues";
        for (const QueueInfo& one : r.queues) {
            out << " {" << one << '}';
        }
        out << " next " << r.next;
    }
    void operator()(const MessageList& r) const {
        out << "messages of " << r.queue;
        for (const StoredMessage& m : r.messages) {
            out << " {" << m.offset << " state " << m.state << " stored " << m.stored_at << " at " << m.at << ' '
                << m.counters << " reason " << m.reason << m.attempts << ' ' << m.body;
            if (m.origin) out << *m.origin;
            out << '}';
        }
        out << (r.more ? " more from " : " end ") << r.next_at << '/' << r.next_offset;
    }
    void operator()(const Counted& r) const { out << "counted " << r.messages << " skipped " << r.skipped; }
};

struct EffectText {
    Text& out;
    void operator()(const Reply& r) const {
        out << "reply to " << r.connection << '/' << r.request << ": ";
        std::visit(ReplyText{out}, r.body);
    }
    void operator()(const Deliver& d) const {
        out << "deliver to " << d.connection << '/' << d.request << " consumer " << d.consumer << " token " << d.token
            << " lease " << d.lease_ms;
        for (const Deliver::Run& run : d.runs) {
            out << " {" << run.first << " stored " << run.stored_at << ' ' << run.entries << '}';
        }
        for (const Deliver::Detail& detail : d.details) {
            out << " {" << detail.offset << ' ' << detail.counters << " cause " << to_text(detail.cause) << " lease "
                << detail.lease_ms;
            if (detail.origin) out << *detail.origin;
            out << '}';
        }
    }
    void operator()(const ConsumerClosed& c) const {
        out << "consumer " << c.connection << '/' << c.consumer << " closed: " << c.reason;
    }
};

struct MutationText {
    Text& out;
    void operator()(const PutShard& m) const { out << "shard " << m.next_namespace << ' ' << m.next_queue; }
    void operator()(const PutNamespace& m) const { out << "namespace " << m.id << ' ' << m.name; }
    void operator()(const PutQueue& m) const {
        out << "queue " << m.id << ' ' << m.name << " profile " << m.profile << " created " << m.created_at << ' '
            << m.settings;
    }
    void operator()(const RemoveQueue& m) const { out << "remove queue " << m.id; }
    void operator()(const SweepQueue& m) const { out << "sweep queue " << m.id; }
    void operator()(const SweepLane& m) const {
        out << "sweep lane " << m.id << ' ' << m.lane << " below " << m.generation_below;
    }
    void operator()(const PutQueueState& m) const {
        out << "state " << m.id << " end " << m.end << " low " << m.low << " horizon " << m.horizon << " lane horizon "
            << m.lane_horizon << " next batch " << m.next_batch << " generations " << m.lane_generation << '/'
            << m.failed_generation << " timed " << m.timed_count << " failed " << m.failed_count << " bits "
            << m.bits_set << " bytes " << m.live_bytes << '/' << m.failed_bytes << ' ' << m.totals << " full";
        for (const PageRun& run : m.full_pages) {
            out << ' ' << run.first << ".." << run.second;
        }
        words(m.low_page);
    }
    void operator()(const PutAckPage& m) const {
        out << "ack page " << m.id << '/' << m.page;
        words(m.words);
    }
    void operator()(const RemoveAckPage& m) const { out << "remove ack page " << m.id << '/' << m.page; }
    void operator()(const PutChunk& m) const {
        out << "chunk " << m.chunk->log << '-' << m.chunk->first << '+' << m.chunk->count << " stored "
            << m.chunk->stored_at << " expires " << m.chunk->expires_first;
        for (const EntryRun& run : m.chunk->runs) {
            out << ' ' << run;
        }
        for (const auto& [slot, meta] : m.chunk->metas) {
            out << " {" << slot << meta << '}';
        }
    }
    void operator()(const RemoveChunk& m) const { out << "remove chunk " << m.log << '-' << m.first; }
    void operator()(const RemoveChunks& m) const { out << "remove chunks " << m.log << '-' << m.from << ".." << m.to; }
    void operator()(const PutLaneRecord& m) const {
        out << "lane " << m.id << ' ' << m.lane << " generation " << m.generation << " offset " << m.record.offset
            << " ready " << m.record.ready_at << " stored " << m.record.stored_at << " at " << m.record.at << " reason "
            << m.record.reason << m.record.meta << ' ' << m.record.body;
    }
    void operator()(const RemoveLaneRecord& m) const {
        out << "remove lane " << m.id << ' ' << m.lane << " generation " << m.generation << " at " << m.at << " offset "
            << m.offset;
    }
    void operator()(const PutLease& m) const {
        out << "lease " << m.id << '/' << m.batch << " epoch " << m.epoch << " session " << m.session << " consumer "
            << m.consumer << " worker " << m.worker << " for " << m.lease_ms << " until " << m.deadline;
        for (const PutLease::Range& range : m.ranges) {
            out << " {" << range.first << '+' << range.count << (range.from_lane ? " lane " : " ") << range.lane_at
                << (range.started ? " started " : " ") << range.counters << " cause " << range.cause << '}';
        }
    }
    void operator()(const RemoveLease& m) const { out << "remove lease " << m.id << '/' << m.batch; }
    void operator()(const PutReturned& m) const {
        out << "returned " << m.id << '-' << m.offset << ' ' << m.counters << " cause " << m.cause << m.attempts
            << " fence " << m.fence;
    }
    void operator()(const RemoveReturned& m) const { out << "remove returned " << m.id << '-' << m.offset; }
    void operator()(const PutProducer& m) const {
        out << "producer " << m.id << '/' << m.producer << " created " << m.created_at << " used " << m.used_at
            << " acked " << m.acked_through;
        for (const PutProducer::Stored& stored : m.stored) {
            out << " {" << stored.sequence << " at " << stored.first << '+' << stored.count;
            for (const auto& [index, refusal] : stored.refused) {
                out << ' ' << index << ' ' << refusal;
            }
            out << '}';
        }
    }
    void operator()(const RemoveProducer& m) const { out << "remove producer " << m.id << '/' << m.producer; }

private:
    void words(const std::vector<std::uint64_t>& all) const {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i] != 0) {
                out << ' ' << i << ':' << all[i];
            }
        }
    }

public:
    explicit MutationText(Text& text) : out(text) {}
};

}  // namespace

std::string to_text(const core::Request& request) {
    Text out;
    out << request.connection << '/' << request.id << ' ';
    std::visit(RequestText{out}, request.body);
    return out.take();
}

std::string to_text(const core::Effect& effect) {
    Text out;
    std::visit(EffectText{out}, effect);
    return out.take();
}

std::string to_text(const core::Mutation& mutation) {
    Text out;
    std::visit(MutationText{out}, mutation);
    return out.take();
}

std::string to_text(const core::ReplyBody& body) {
    Text out;
    std::visit(ReplyText{out}, body);
    return out.take();
}

std::string to_text(const core::ReadRequest& read) {
    Text out;
    out << "read " << read.ticket;
    if (const auto* chunks = std::get_if<ReadChunks>(&read.what)) {
        out << " chunks of " << chunks->log << " from " << chunks->from << ", at most " << chunks->max_chunks;
    } else {
        const auto& lane = std::get<ReadLane>(read.what);
        out << " lane " << lane.lane << " of " << lane.id << " generation " << lane.generation << " from "
            << lane.from_at << '/' << lane.from_offset << ", at most " << lane.max_records;
    }
    return out.take();
}

const char* to_text(core::RefusalCode code) {
    switch (code) {
        case RefusalCode::invalid_argument:
            return "invalid_argument";
        case RefusalCode::message_too_large:
            return "message_too_large";
        case RefusalCode::batch_too_large:
            return "batch_too_large";
        case RefusalCode::queue_not_found:
            return "queue_not_found";
        case RefusalCode::queue_exists:
            return "queue_exists";
        case RefusalCode::consumer_not_found:
            return "consumer_not_found";
        case RefusalCode::consumer_exists:
            return "consumer_exists";
        case RefusalCode::message_not_found:
            return "message_not_found";
        case RefusalCode::sequence_too_old:
            return "sequence_too_old";
        case RefusalCode::sequence_gap:
            return "sequence_gap";
        case RefusalCode::producer_too_old:
            return "producer_too_old";
        case RefusalCode::queue_deleted:
            return "queue_deleted";
        case RefusalCode::dead_letter_target_missing:
            return "dead_letter_target_missing";
        case RefusalCode::queue_in_use:
            return "queue_in_use";
        case RefusalCode::busy:
            return "busy";
        case RefusalCode::queue_full:
            return "queue_full";
        case RefusalCode::too_many_queues:
            return "too_many_queues";
        case RefusalCode::too_many_requests:
            return "too_many_requests";
        case RefusalCode::too_many_consumers:
            return "too_many_consumers";
        case RefusalCode::storage_full:
            return "storage_full";
        case RefusalCode::already_settled:
            return "already_settled";
        case RefusalCode::lease_expired:
            return "lease_expired";
        case RefusalCode::lease_superseded:
            return "lease_superseded";
        case RefusalCode::message_gone:
            return "message_gone";
        case RefusalCode::token_unknown:
            return "token_unknown";
        case RefusalCode::shutting_down:
            return "shutting_down";
    }
    return "unknown refusal";
}

const char* to_text(core::Cause cause) {
    switch (cause) {
        case Cause::none:
            return "none";
        case Cause::failed:
            return "failed";
        case Cause::lease_expired:
            return "lease_expired";
        case Cause::released:
            return "released";
        case Cause::consumer_lost:
            return "consumer_lost";
        case Cause::restart:
            return "restart";
        case Cause::retried:
            return "retried";
        case Cause::redriven:
            return "redriven";
    }
    return "unknown cause";
}

}  // namespace baton::tests

namespace baton::core {

std::ostream& operator<<(std::ostream& out, const Counters& c) {
    return out << c.deliveries << " deliveries, " << c.failures << " failures, " << c.lease_losses << " lease losses";
}
std::ostream& operator<<(std::ostream& out, const Attempt& attempt) {
    return out << attempt.at << ' ' << attempt.worker << ": " << attempt.reason;
}
std::ostream& operator<<(std::ostream& out, RefusalCode code) { return out << tests::to_text(code); }
std::ostream& operator<<(std::ostream& out, Cause cause) { return out << tests::to_text(cause); }
std::ostream& operator<<(std::ostream& out, EndReason reason) { return out << to_text(reason); }

}  // namespace baton::core
