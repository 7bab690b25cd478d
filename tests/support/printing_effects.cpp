#include "server/core/transaction.hpp"
#include "tests/support/text.hpp"

#include <variant>

namespace baton::tests {

using namespace core;

namespace {

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
        for (const ItemOutcome& outcome : r.outcomes) {
            out << " {" << outcome << '}';
        }
    }
    void operator()(const Settled& r) const {
        out << "settled";
        for (const Settled::Refused& one : r.refused) {
            out << " {" << one.settlement << ' ' << one.range.first << '+' << one.range.count << ' '
                << to_text(one.code) << '}';
        }
    }
    void operator()(const QueueInfoPtr& r) const { out << "queue " << *r; }
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
                << m.counters << " priority " << m.priority << (m.lifo ? " lifo" : "") << " reason " << m.reason
                << m.attempts;
            if (m.body.count != 0) out << ' ' << m.body;
            if (m.completion) out << " by " << m.completion->worker << " in " << m.finished_seq;
            if (m.completion && m.completion->result) out << " result " << m.completion->result->value;
            if (m.origin) out << *m.origin;
            out << '}';
        }
        out << (r.more ? " more from " : " end ") << r.next_rank << '/' << r.next_at << '/' << r.next_offset;
    }
    void operator()(const JobsRemoved& r) const {
        out << "removed " << r.removed;
        for (const auto& [id, refusal] : r.refused_ids) {
            out << " {'" << id << "' " << refusal << '}';
        }
        for (const auto& [offset, refusal] : r.refused) {
            out << " {" << offset << ' ' << refusal << '}';
        }
    }
    void operator()(const ExplanationPtr& r) const {
        out << "explanation";
        for (const Obstacle& one : r->obstacles) {
            out << " {" << static_cast<int>(one.kind) << " until " << one.until << " count " << one.count << ' '
                << one.name << '}';
        }
    }
    void operator()(const TransactionDonePtr& r) const {
        out << "transaction done" << (r->repeated ? " before" : "");
        for (const Produced& produced : r->produced) {
            out << " {";
            (*this)(produced);
            out << '}';
        }
    }
    void operator()(const DedupShown& r) const {
        out << "dedup held by " << r.holder << " state " << r.state << " until " << r.until
            << (r.parked ? " parked" : "");
    }
    void operator()(const ScheduleInfoPtr& r) const {
        out << "schedule " << r->name << " generation " << r->generation << " next " << r->progress.next_at << " fired "
            << r->progress.fired << " skipped " << r->progress.skipped;
    }
    void operator()(const ScheduleList& r) const {
        out << "schedules";
        for (const ScheduleInfo& one : r.schedules) {
            out << ' ' << one.name;
        }
        out << " next " << r.next;
    }
    void operator()(const ScheduleTimes& r) const {
        out << "firings";
        for (const ScheduleTimes::Firing& one : r.firings) {
            out << ' ' << one.at;
        }
    }
    void operator()(const ConsumerList& r) const {
        out << "consumers";
        for (const ConsumerInfo& one : r.consumers) {
            out << " {" << one.place.session << '/' << one.place.consumer << ' ' << one.worker << " in flight "
                << one.in_flight_messages << " of " << one.credit_messages << '}';
        }
        out << (r.next ? " more" : " end");
    }
    void operator()(const PriorityCounts& r) const {
        out << "ready by priority";
        for (const std::uint64_t count : r.ready) {
            out << ' ' << count;
        }
    }
    void operator()(const JobMetrics& r) const {
        out << "metrics from " << r.newest_at;
        for (std::size_t i = 0; i < r.completed.size(); ++i) {
            out << ' ' << r.completed[i] << '/' << r.failed[i];
        }
        out << " in all " << r.completed_total << '/' << r.failed_total;
    }
    void operator()(const BindingList& r) const {
        out << "bindings";
        for (const BindingInfo& binding : r.bindings) {
            out << ' ' << binding.spec.name << ':' << binding.spec.selects->pattern << "->" << binding.queue;
        }
        out << " next " << r.next;
    }
    void operator()(const MessageTrace& r) const {
        out << "trace of " << r.offset << " stored " << r.stored_at;
        for (const TraceRow& row : r.rows) {
            out << ' ' << row.subscription << '=' << static_cast<int>(row.state) << '@' << row.offset << '/'
                << row.counters.deliveries << '/' << row.counters.failures << '/' << row.at << '/' << row.worker;
        }
        out << " next " << r.next;
    }
    void operator()(const ListenStarted& r) const { out << "listening " << r.inbox; }
    void operator()(const JobsCancelled& r) const {
        out << "cancelled";
        for (const Offset offset : r.cancelled) {
            out << ' ' << offset;
        }
        out << " cancelling";
        for (const Offset offset : r.cancelling) {
            out << ' ' << offset;
        }
        out << " refused " << r.refused.size();
        for (const auto& [id, refusal] : r.refused_ids) {
            out << ' ' << id;
        }
    }
    void operator()(const GroupInfoPtr& r) const { out << *r; }
    void operator()(const GroupList& r) const {
        out << "groups";
        for (const GroupInfo& one : r.groups) {
            out << " {" << one << '}';
        }
        out << (r.next ? " more" : " end");
    }
    void operator()(const JobEnded& r) const {
        out << "ended " << static_cast<int>(r.outcome) << ' ' << r.text;
        if (r.result) out << " result " << r.result->value;
    }
    void operator()(const TaskInfoPtr& r) const {
        out << "task " << r->id << " state " << static_cast<int>(r->progress.state) << " matched "
            << r->progress.matched << " done " << r->progress.done << " skipped " << r->progress.skipped << ' '
            << r->progress.error;
    }
    void operator()(const TaskList& r) const {
        out << "tasks";
        for (const TaskInfo& one : r.tasks) {
            out << ' ' << one.id;
        }
        out << " next " << r.next;
    }
    void operator()(const LogBounds& r) const { out << "log of " << r.lines << " lines, next " << r.next_line; }
    void operator()(const LogPage& r) const {
        out << "log of " << r.total << " lines";
        for (const LogPage::Line& line : r.lines) {
            out << ' ' << line.number << '@' << line.at << " '" << line.text << '\'';
        }
        out << " next " << r.next;
    }
    void operator()(const FlowAdded& r) const {
        out << "flow added";
        for (const auto& [queue, offset] : r.messages) {
            out << ' ' << queue << '-' << offset;
        }
        out << (r.repeated ? " repeated" : "");
    }
    void operator()(const ChildrenAwaited& r) const { out << "children awaited: " << r.verdict; }
    void operator()(const FlowActed& r) const {
        out << "acted on " << r.done << " cancelling " << r.cancelling << " skipped " << r.skipped;
    }
    void operator()(const FlowInfo& r) const {
        out << "flows";
        for (const FlowView& view : r.flows) {
            out << " {" << view.id << ' ' << view.head << " pending " << view.pending << " completed " << view.completed
                << " failed " << view.failed << " ignored " << view.ignored << " removed " << view.removed;
            for (const ChildView& child : view.children) {
                out << child.child;
            }
            out << '}';
        }
    }
    void operator()(const ChildList& r) const {
        out << "children";
        for (const ChildView& child : r.children) {
            out << ' ' << child.index << child.child;
        }
        out << (r.more ? " more" : " end");
    }
    void operator()(const Counted& r) const { out << "counted " << r.messages << " skipped " << r.skipped; }
    void operator()(const ClockShown& r) const { out << "clock " << r.now << (r.is_virtual ? " virtual" : ""); }
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
            if (detail.has_flow) out << " has children";
            if (detail.scheduled) out << " of " << detail.scheduled->schedule << '@' << detail.scheduled->firing_at;
            out << '}';
        }
    }
    void operator()(const ConsumerClosed& c) const {
        out << "consumer " << c.connection << '/' << c.consumer << " closed: " << c.reason;
    }
    void operator()(const EventBatch& b) const {
        out << "events of " << b.connection << '/' << b.stream << " next " << b.next_seq << " missed " << b.missed_first
            << ".." << b.missed_last << (b.caught_up ? " caught up" : "") << b.closed;
        for (const EventBatch::Sent& sent : b.events) {
            out << ' ' << sent.seq << '@' << sent.at << sent.event;
        }
    }
    void operator()(const Heard& h) const {
        out << "heard by " << h.connection << '/' << h.listener << ' ' << h.topic << ' ' << h.first << '+'
            << h.entries.count << '@' << h.stored_at << " lost " << h.lost;
    }
    void operator()(const ProducerBlocked& b) const {
        out << "producer " << b.connection << (b.blocked ? " blocked: " : " unblocked") << b.reason;
    }
    void operator()(const LeaseRevoked& r) const {
        out << "revoked from " << r.connection << '/' << r.consumer << " token " << r.token << " reason "
            << static_cast<int>(r.reason) << " grace " << r.grace_ms;
        for (const OffsetRange& range : r.ranges) {
            out << ' ' << range.first << '+' << range.count;
        }
    }
};

}  // namespace

std::string to_text(const core::Effect& effect) {
    Text out;
    std::visit(EffectText{out}, effect);
    return out.take();
}

std::string to_text(const core::ReplyBody& body) {
    Text out;
    std::visit(ReplyText{out}, body);
    return out.take();
}

}  // namespace baton::tests
