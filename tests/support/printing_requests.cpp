#include "server/core/transaction.hpp"
#include "tests/support/text.hpp"

#include <variant>

namespace baton::tests {

using namespace core;

namespace {

struct SettleText {
    Text& out;
    void operator()(const Ack& a) const {
        out << "ack";
        if (a.result) out << " with " << a.result->value;
    }
    void operator()(const Fail& f) const {
        out << "fail '" << f.error_class << ' ' << f.reason << '\'' << (f.terminal ? " terminal" : "");
        if (f.retry_after_ms) out << " after " << *f.retry_after_ms;
    }
    void operator()(const Release& r) const {
        out << "release after " << r.delay_ms << " penalty " << r.penalty_ms
            << (r.penalise_group ? " of the group" : "");
    }
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
    void operator()(const PurgeQueue& r) const {
        out << "purge " << r.name << (r.failed ? " with failed" : "") << (r.completed ? " with completed" : "");
    }
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
        out << "peek " << r.queue << " state " << r.state << " from " << r.from_rank << '/' << r.from_at << '/'
            << r.from_offset << " limit " << r.limit;
    }
    void operator()(const ShowFailed& r) const { out << "show failed " << r.queue << ' ' << r.offset; }
    void operator()(const RetryFailed& r) const {
        out << (r.completed ? "retry completed of " : "retry failed of ") << r.queue
            << (r.keep_counters ? " keeping counters" : "");
        for (const Offset offset : r.offsets) {
            out << ' ' << offset;
        }
        for (const std::string& id : r.own.ids) {
            out << ' ' << id;
        }
    }
    void operator()(const WhyQueue& r) const { out << "why " << r.queue; }
    void operator()(const WhyJob& r) const { out << "why " << r.queue << ' ' << r.offset << ' ' << r.id; }
    void operator()(const ShowJob& r) const { out << "show job " << r.queue << ' ' << r.offset; }
    void operator()(const ChangeJob& r) const {
        out << "change job " << r.queue << ' ' << r.offset;
        if (r.priority) out << " priority " << *r.priority;
        if (r.lifo) out << " lifo " << *r.lifo;
        if (r.delay_ms) out << " delay " << *r.delay_ms;
        if (r.due_at) out << " due " << *r.due_at;
    }
    void operator()(const PromoteJob& r) const { out << "promote job " << r.queue << ' ' << r.offset; }
    void operator()(const PromoteAll& r) const { out << "promote all of " << r.queue; }
    void operator()(const RemoveJobs& r) const {
        out << "remove jobs of " << r.queue;
        for (const Offset offset : r.offsets) {
            out << ' ' << offset;
        }
        for (const std::string& id : r.own.ids) {
            out << ' ' << id;
        }
    }
    void operator()(const CancelJobs& r) const {
        out << "cancel jobs of " << r.queue << " grace " << r.grace_ms;
        for (const Offset offset : r.offsets) {
            out << ' ' << offset;
        }
        for (const std::string& id : r.own.ids) {
            out << ' ' << id;
        }
    }
    void operator()(const StreamEvents& r) const {
        out << "stream " << r.stream << " events of " << r.queue << " types " << r.types << " credit " << r.credit;
        if (r.from_seq) out << " from " << *r.from_seq;
        if (r.offset) out << " of " << *r.offset;
    }
    void operator()(const CreditEvents& r) const { out << "credit stream " << r.stream << ' ' << r.events; }
    void operator()(const CloseEvents& r) const { out << "close stream " << r.stream; }
    void operator()(const EmitEvent& r) const { out << "emit " << r.name << " to " << r.queue << ' ' << r.data; }
    void operator()(const TrimEvents& r) const { out << "trim events of " << r.queue << " to " << r.keep; }
    void operator()(const WaitJob& r) const {
        out << "wait for job " << r.queue << ' ' << r.offset << ' ' << r.id << " for " << r.timeout_ms;
    }
    void operator()(const ListJobs& r) const {
        out << "list jobs of " << r.queue << " states " << r.filter->states << " limit " << r.limit;
    }
    void operator()(const StartTask& r) const {
        out << "start task " << static_cast<int>(r.spec.kind) << " of " << r.spec.queue << " states "
            << r.spec.filter->states << " class " << r.spec.filter->error_class << " limit " << r.spec.limit << " rate "
            << r.spec.rate << (r.spec.dry_run ? " dry" : "");
    }
    void operator()(const ListTasks& r) const { out << "list tasks of " << r.queue; }
    void operator()(const ShowTask& r) const { out << "show task " << r.id; }
    void operator()(const CancelTask& r) const { out << "cancel task " << r.id; }
    void operator()(const SetProgress& r) const {
        out << "progress of " << r.token << '-' << r.offset << ' ' << r.value;
    }
    void operator()(const AppendLog& r) const {
        out << "log of " << r.token << '-' << r.offset;
        for (const std::string& line : r.lines) {
            out << " '" << line << '\'';
        }
    }
    void operator()(const ClearLog& r) const {
        out << "clear log of " << r.token << '-' << r.offset << " but " << r.keep;
    }
    void operator()(const SetData& r) const { out << "data of " << r.token << '-' << r.offset << ' ' << r.entry; }
    void operator()(const ListLog& r) const {
        out << "list log of " << r.queue << ' ' << r.offset << ' ' << r.id << (r.newest_first ? " newest first" : "")
            << " limit " << r.limit;
        if (r.from_line) out << " from " << *r.from_line;
    }
    void operator()(const AddFlow& r) const {
        out << "add flow";
        for (const FlowNode& node : r.nodes) {
            out << " {" << node.queue << node.options << ' ' << node.entry << " policy " << node.policy << '/'
                << node.children_policy << " parents";
            for (const std::uint32_t parent : node.parents) {
                out << ' ' << parent;
            }
            out << '}';
        }
        if (r.parent) out << " to " << r.parent->queue << ' ' << r.parent->offset;
        if (r.parent && r.parent->token) out << " held by " << *r.parent->token;
        for (const FlowSequence& one : r.sequences) {
            out << " sequence " << one.sequence << " of " << r.producer << " in " << one.queue;
        }
    }
    void operator()(const WaitChildren& r) const { out << "wait for children of " << r.token << '-' << r.offset; }
    void operator()(const DetachChild& r) const {
        out << "detach " << r.queue << ' ' << r.offset << " from " << r.parent_queue << ' ' << r.parent_offset;
    }
    void operator()(const ActOnFlow& r) const {
        out << "act " << r.action << " on flow " << r.queue << ' ' << r.offset << " grace " << r.grace_ms;
    }
    void operator()(const ShowFlow& r) const {
        out << "show flow " << r.queue << ' ' << r.offset << " depth " << r.depth << " width " << r.width;
    }
    void operator()(const ListChildren& r) const {
        out << "list children of " << r.queue << ' ' << r.offset << " states " << r.states << " from " << r.from;
    }
    void operator()(const LoseChildren& r) const { out << "look for children lost from " << r.lost.queue; }
    void operator()(const Redrive& r) const {
        out << "redrive " << r.queue << " to '" << r.destination << "' max " << r.max_messages
            << (r.keep_counters ? " keeping counters" : "");
    }
    void operator()(const RunTransaction& r) const {
        out << "transaction of " << r.parts->produces.size() << " produces, " << r.parts->settlements.size()
            << " settlements" << (r.parts->change ? ", a change" : "") << (r.parts->schedule ? ", a schedule" : "");
    }
    void operator()(const ShowDedup& r) const { out << "show dedup " << r.key << " of " << r.queue; }
    void operator()(const ClearDedup& r) const {
        out << "clear dedup " << r.key << " of " << r.queue;
        if (r.if_holder) out << " if held by " << *r.if_holder;
    }
    void operator()(const UpsertSchedule& r) const { out << "upsert schedule " << r.name; }
    void operator()(const DeleteSchedule& r) const { out << "delete schedule " << r.name; }
    void operator()(const ShowSchedule& r) const { out << "show schedule " << r.name; }
    void operator()(const ListSchedules& r) const { out << "list schedules " << r.prefix << " after " << r.after; }
    void operator()(const PauseSchedule& r) const {
        out << (r.paused ? "pause schedule " : "resume schedule ") << r.name;
    }
    void operator()(const RunSchedule& r) const { out << "run schedule " << r.name; }
    void operator()(const PreviewSchedule& r) const { out << "preview schedule " << r.name; }
    void operator()(const FireSchedule& r) const { out << "fire schedule " << r.id; }
    void operator()(const AdvanceClock& r) const { out << "advance clock by " << r.by_ms; }
    void operator()(const Penalise& r) const {
        out << "penalise " << r.queue << " group '" << r.group << "' for " << r.penalty_ms;
    }
    void operator()(const SetGroup& r) const {
        out << "set group " << r.group << " of " << r.queue << (r.reset ? " anew" : "");
        if (r.rate) out << " rate " << r.rate->permits << '/' << r.rate->per_ms << '/' << r.rate->burst;
        if (r.max_in_flight) out << " in flight " << *r.max_in_flight;
        if (r.max_messages) out << " length " << *r.max_messages;
        if (r.paused) out << (*r.paused ? " paused" : " resumed");
        if (r.paused_until) out << " pause until " << *r.paused_until;
        if (r.pause_for_ms) out << " pause for " << *r.pause_for_ms;
    }
    void operator()(const ShowGroup& r) const { out << "show group " << r.group << " of " << r.queue; }
    void operator()(const ListGroups& r) const { out << "list groups of " << r.queue << " limit " << r.limit; }
    void operator()(const ListConsumers& r) const { out << "list consumers of " << r.queue << " limit " << r.limit; }
    void operator()(const CountPriorities& r) const {
        out << "count priorities of " << r.queue;
        for (const std::uint32_t priority : r.priorities) {
            out << ' ' << priority;
        }
    }
    void operator()(const ShowMetrics& r) const {
        out << "metrics of " << r.queue << " skip " << r.skip << " minutes " << r.minutes;
    }
    void operator()(const ShowClock&) const { out << "show clock"; }
    void operator()(const CreateTopic& r) const { out << "create topic " << r.name << (r.update ? " update" : ""); }
    void operator()(const UpdateTopic& r) const { out << "update topic " << r.name; }
    void operator()(const DeleteTopic& r) const { out << "delete topic " << r.name; }
    void operator()(const TrimTopic& r) const {
        out << "trim topic " << r.name << " below " << r.below << " before " << r.before.value_or(0);
    }
    void operator()(const TraceMessage& r) const { out << "trace " << r.offset << " of topic " << r.topic; }
    void operator()(const ListTopics& r) const { out << "list topics limit " << r.limit; }
    void operator()(const CreateSubscription& r) const {
        out << "create subscription " << r.name << " of " << r.topic << " start " << r.start.index();
    }
    void operator()(const ListSubscriptions& r) const { out << "list subscriptions of " << r.topic; }
    void operator()(const SeekSubscription& r) const {
        out << "seek subscription " << r.name << " of " << r.topic << " start " << r.start.index();
    }
    void operator()(const CreateBinding& r) const {
        out << "create binding " << r.spec.name << " of " << r.spec.selects->pattern << " into " << r.queue;
    }
    void operator()(const DeleteBinding& r) const { out << "delete binding " << r.name; }
    void operator()(const ListBindings& r) const { out << "list bindings limit " << r.limit; }
    void operator()(const Listen& r) const {
        out << "listen " << r.listener << " to " << (r.inbox ? "an inbox" : r.selects->pattern) << " credit "
            << r.messages << '/' << r.bytes;
    }
    void operator()(const CreditListener& r) const {
        out << "credit listener " << r.listener << ' ' << r.messages << '/' << r.bytes;
    }
    void operator()(const StopListening& r) const { out << "stop listener " << r.listener; }
};

}  // namespace

std::string to_text(const core::Request& request) {
    Text out;
    out << request.connection << '/' << request.id << ' ';
    std::visit(RequestText{out}, request.body);
    return out.take();
}

}  // namespace baton::tests
