#include "tests/support/text.hpp"

#include <variant>

namespace baton::tests {

using namespace core;

namespace {

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
            << m.failed_generation << " timed " << m.timed_count << " failed " << m.failed_count << " prioritized "
            << m.prioritized_count << " fronts " << m.fronts << " completed " << m.completed.head << '+'
            << m.completed.head_done << ".." << m.completed.next << ' ' << m.completed.messages << '/'
            << m.completed.bytes << " failed log " << m.failed.head << '+' << m.failed.head_done << ".."
            << m.failed.next << ' ' << m.failed.messages << " events " << m.events.head << '/' << m.events.first_chunk
            << ".." << m.events.next << ' ' << m.events.bytes << " bits " << m.bits_set << " bytes " << m.live_bytes
            << '/' << m.failed_bytes << ' ' << m.totals << " bucket " << m.bucket.level << '@' << m.bucket.at
            << " penalty " << m.penalty_until << (m.has_reports ? " reports" : "")
            << (m.sweep_reports ? " to sweep" : "") << " full";
        for (const PageRun& run : m.full_pages) {
            out << ' ' << run.first << ".." << run.second;
        }
        words(m.low_page);
        for (const PutProducer& producer : m.producers) {
            out << " (";
            (*this)(producer);
            out << ')';
        }
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
        for (const ChunkSource& source : m.chunk->sources) {
            out << " from " << source.log << '-' << source.first << '+' << source.count;
        }
        for (const auto& [slot, meta] : m.chunk->metas) {
            out << " {" << slot << meta << '}';
        }
    }
    void operator()(const RemoveChunk& m) const { out << "remove chunk " << m.log << '-' << m.first; }
    void operator()(const RemoveChunks& m) const { out << "remove chunks " << m.log << '-' << m.from << ".." << m.to; }
    void operator()(const PutLaneRecord& m) const {
        out << "lane " << m.id << ' ' << m.lane << " generation " << m.generation << " offset " << m.record.offset
            << " group " << m.record.group.high << " rank " << m.record.rank << " turn " << m.record.turn << " ready "
            << m.record.ready_at << " stored " << m.record.stored_at << " at " << m.record.at << " reason "
            << m.record.reason << m.record.meta << ' ' << m.record.body;
    }
    void operator()(const RemoveLaneRecord& m) const {
        out << "remove lane " << m.id << ' ' << m.lane << " generation " << m.generation << " rank " << m.rank << " at "
            << m.at << " offset " << m.offset;
    }
    void operator()(const PutCompleted& m) const {
        out << "completed " << m.id << '-' << m.first << '+' << m.count << " generation " << m.generation << " batch "
            << m.finished_seq << " stored " << m.stored_at << " ready " << m.ready_at << " finished " << m.finished_at
            << " started " << m.completion->started_at << " by " << m.completion->worker << m.meta;
        if (m.completion->result) {
            out << " result " << m.completion->result->content_type << ' ' << m.completion->result->value;
        }
        if (m.bodies.count != 0) {
            out << ' ' << m.bodies;
        }
    }
    void operator()(const PutFinished& m) const {
        out << "finished " << m.id << '/' << static_cast<int>(m.set) << '/' << m.batch.seq << " at " << m.batch.at;
        for (const OffsetRange& range : m.batch.ranges) {
            out << ' ' << range.first << '+' << range.count;
        }
        for (const std::uint32_t size : m.batch.sizes) {
            out << ' ' << size;
        }
    }
    void operator()(const PutFinishedGone& m) const {
        out << "gone from finished " << m.id << '/' << static_cast<int>(m.set) << '/' << m.seq << ' ' << m.offset;
    }
    void operator()(const TrimFinished& m) const {
        out << "trim finished " << m.id << '/' << static_cast<int>(m.set) << " generation " << m.generation
            << " batches " << m.from_seq << ".." << m.to_seq;
        for (const OffsetRange& range : m.records) {
            out << ' ' << range.first << '+' << range.count;
        }
    }
    void operator()(const PutEvents& m) const {
        out << "events " << m.id << " from " << m.chunk->first_seq << " at " << m.chunk->at;
        for (const Event& event : m.chunk->events) {
            out << ' ' << event;
        }
    }
    void operator()(const TrimEventChunks& m) const { out << "trim events " << m.id << ' ' << m.from << ".." << m.to; }
    void operator()(const PutLocator& m) const {
        out << "locator " << m.id << '-' << m.offset << " lane " << m.lane << " rank " << m.rank << " at " << m.at;
    }
    void operator()(const RemoveLocator& m) const { out << "remove locator " << m.id << '-' << m.offset; }
    void operator()(const SweepLocators& m) const { out << "sweep locators " << m.id; }
    void operator()(const PutExpiry& m) const {
        out << "expiry " << m.id << " at " << m.at << (m.in_lane ? " record " : " chunk ") << m.offset;
        if (m.in_lane) out << " lane " << m.lane << " rank " << m.lane_rank << " at " << m.lane_at;
    }
    void operator()(const RemoveExpiry& m) const {
        out << "remove expiry " << m.id << " at " << m.at << (m.in_lane ? " record " : " chunk ") << m.offset;
    }
    void operator()(const SweepExpiries& m) const { out << "sweep expiries " << m.id; }
    void operator()(const PutName& m) const { out << "name " << m.name << ' ' << m.record; }
    void operator()(const RemoveName& m) const { out << "remove name " << m.name; }
    void operator()(const PutNameEnd& m) const {
        out << "end of name " << m.end.name << " at " << m.end.until << " number " << m.end.number << " turn "
            << m.end.turn;
    }
    void operator()(const RemoveNameEnd& m) const {
        out << "remove end of a name of " << m.id << " at " << m.until << " number " << m.number;
    }
    void operator()(const PutParked& m) const {
        out << "parked " << m.id << ' ' << m.key << " behind " << m.parked.holder << " delay " << m.parked.delay_ms
            << m.parked.meta << ' ' << m.parked.body;
    }
    void operator()(const RemoveParked& m) const { out << "remove parked " << m.id << ' ' << m.key; }
    void operator()(const PutLease& m) const {
        out << "lease " << m.id << '/' << m.batch << " epoch " << m.epoch << " session " << m.session << " consumer "
            << m.consumer << " worker " << m.worker << " for " << m.lease_ms << " until " << m.deadline;
        for (const PutLease::Range& range : m.ranges) {
            out << " {" << range.first << '+' << range.count << (range.from_lane ? " lane " : " ") << range.lane_at
                << (range.started ? " started " : " ") << range.counters << " cause " << range.cause << " ends "
                << range.ends_at << (range.cancelled ? " cancelled}" : "}");
        }
    }
    void operator()(const RemoveLease& m) const { out << "remove lease " << m.id << '/' << m.batch; }
    void operator()(const PutReturned& m) const {
        out << "returned " << m.id << '-' << m.offset << ' ' << m.counters << " cause " << m.cause << m.attempts
            << " fence " << m.fence << (m.isolated ? " isolated" : "");
        if (m.not_before != 0) out << " not before " << m.not_before;
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
            for (const ItemOutcome& outcome : stored.outcomes) {
                out << ' ' << outcome;
            }
            out << '}';
        }
    }
    void operator()(const PutSchedule& m) const {
        out << "schedule " << m.id << ' ' << m.name << " created " << m.created_at << " generation " << m.generation
            << " anchor " << m.anchor_at;
    }
    void operator()(const PutScheduleProgress& m) const {
        out << "progress of schedule " << m.id << " next " << m.progress.next_at << " fired " << m.progress.fired
            << " skipped " << m.progress.skipped << " last " << m.progress.last_firing_at << " error '"
            << m.progress.last_error << '\'';
    }
    void operator()(const PutGroup& m) const {
        out << "group " << m.id << ' ' << m.name << " bucket " << m.facts.bucket.level << '@' << m.facts.bucket.at
            << " penalty " << m.facts.penalty_until << " messages " << m.facts.messages << " retrying "
            << m.facts.retrying << (m.limits.paused ? " paused " : " ") << m.limits.paused_until;
    }
    void operator()(const PutJobMinutes& m) const {
        out << "minutes " << m.id;
        for (const JobMinute& minute : m.minutes) {
            out << ' ' << minute.minute << ':' << minute.completed << '/' << minute.failed;
        }
    }
    void operator()(const PutBinding& m) const {
        out << "binding " << m.id << ' ' << m.spec.name << " of " << m.spec.selects->pattern << " into " << m.queue;
    }
    void operator()(const RemoveBinding& m) const { out << "remove binding " << m.id; }
    void operator()(const PutFill& m) const {
        out << "fill " << m.id << " of topic " << m.topic << " from " << m.from << " since " << m.since
            << " last of keys below " << m.last_per_key_below;
    }
    void operator()(const PutLastOfKey& m) const {
        out << "last of key " << std::hex << m.key.high << std::dec << " of topic " << m.id << " is " << m.offset;
    }
    void operator()(const RemoveLastOfKey& m) const {
        out << "remove last of key " << std::hex << m.key.high << std::dec << " of topic " << m.id << " at "
            << m.offset;
    }
    void operator()(const RemoveFill& m) const { out << "remove fill " << m.id << " of topic " << m.topic; }
    void operator()(const PutTask& m) const {
        out << "task " << m.id << " of " << m.queue << " state " << static_cast<int>(m.progress.state) << ' '
            << m.progress.matched << '/' << m.progress.done << '/' << m.progress.skipped << " from "
            << static_cast<int>(m.progress.from_state) << '/' << m.progress.from_offset;
    }
    void operator()(const RemoveTask& m) const { out << "remove task " << m.id; }
    void operator()(const PutProgress& m) const {
        out << "progress of " << m.id << '-' << m.offset << ' ' << m.progress->at << ' ' << m.progress->value;
    }
    void operator()(const PutLogPart& m) const {
        out << "log of " << m.id << '-' << m.offset << " from " << m.part.first_line << " at " << m.part.at;
        for (const std::string& line : m.part.lines) {
            out << " '" << line << '\'';
        }
    }
    void operator()(const PutLogBounds& m) const {
        out << "log of " << m.id << '-' << m.offset << " is " << m.first_line << ".." << m.next_line;
    }
    void operator()(const RemoveLogPart& m) const {
        out << "remove log of " << m.id << '-' << m.offset << " from " << m.first_line;
    }
    void operator()(const RemoveReports& m) const {
        out << "remove reports of " << m.id << '-' << m.jobs.first << '+' << m.jobs.count;
    }
    void operator()(const PutFlow& m) const {
        out << "flow " << m.flow << " page " << m.page << ' ' << m.head;
        for (const FlowChild& child : m.children) {
            out << child;
        }
    }
    void operator()(const PutFlowResult& m) const { out << "result of " << m.child << ' ' << m.result->value; }
    void operator()(const RemoveFlows& m) const {
        out << "remove flows of " << m.queue << (m.paged ? " paged" : "");
        for (const OffsetRange& range : m.parents) {
            out << ' ' << range.first << '+' << range.count;
        }
    }
    void operator()(const PutFlowNews& m) const {
        out << "news " << m.number << " of " << m.child << ' ' << m.news.outcome << " kind " << m.news.kind << ' '
            << m.news.text;
        if (m.news.result) out << " result " << m.news.result->value;
    }
    void operator()(const RemoveFlowNews& m) const { out << "remove news " << m.number << " of " << m.flow; }
    void operator()(const PutFlowMember& m) const { out << "flow " << m.flow << " has children in " << m.queue; }
    void operator()(const RemoveFlowMember& m) const { out << "flow " << m.flow << " waits for none in " << m.queue; }
    void operator()(const RemoveGroup& m) const { out << "remove group " << m.id << ' ' << m.group.high; }
    void operator()(const RemoveSchedule& m) const { out << "remove schedule " << m.id; }
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

std::string to_text(const core::Mutation& mutation) {
    Text out;
    std::visit(MutationText{out}, mutation);
    return out.take();
}

std::string to_text(const core::ReadRequest& read) {
    Text out;
    out << "read " << read.ticket;
    if (const auto* groups = std::get_if<ReadGroups>(&read.what)) {
        out << " groups of " << groups->id << ", " << groups->wanted.from.size() << " named, at most "
            << groups->wanted.max_groups << " with " << groups->wanted.max_records;
    } else if (const auto* chunks = std::get_if<ReadChunks>(&read.what)) {
        out << " chunks of " << chunks->log << " from " << chunks->from << ", at most " << chunks->max_chunks;
    } else if (const auto* jobs = std::get_if<ReadJobs>(&read.what)) {
        out << " jobs of " << jobs->id;
        for (const Offset offset : jobs->offsets) {
            out << ' ' << offset;
        }
    } else if (const auto* names = std::get_if<ReadNames>(&read.what)) {
        out << " names of " << names->id << " from " << names->from;
        for (const Name& name : names->names) {
            out << ' ' << name;
        }
    } else if (const auto* ends = std::get_if<ReadNameEnds>(&read.what)) {
        out << " ends of names of " << ends->id << (ends->by_count ? " by count" : " by time");
    } else if (const auto* members = std::get_if<ReadFlowMembers>(&read.what)) {
        out << " flows with children in " << members->queue << " behind " << members->after;
    } else if (const auto* flow = std::get_if<ReadFlow>(&read.what)) {
        out << " flow " << flow->flow << " generation " << flow->lane_generation;
        for (const std::uint32_t index : flow->results) {
            out << " result " << index;
        }
    } else if (const auto* zone = std::get_if<ReadZone>(&read.what)) {
        out << " zone " << zone->name << " from " << zone->from << " until " << zone->until;
    } else if (const auto* expiring = std::get_if<ReadExpiring>(&read.what)) {
        out << " expiring of " << expiring->id << " from " << expiring->from << " until " << expiring->until;
    } else if (const auto* finished = std::get_if<ReadFinished>(&read.what)) {
        out << " finished of " << finished->id << '/' << static_cast<int>(finished->set) << " from "
            << finished->from_seq << " to " << finished->to_seq;
    } else if (const auto* events = std::get_if<ReadEvents>(&read.what)) {
        out << " events of " << events->id << " from " << events->from;
    } else if (const auto* report = std::get_if<ReadReport>(&read.what)) {
        out << " report of " << report->id << '-' << report->offset;
    } else if (const auto* reported = std::get_if<ReadReported>(&read.what)) {
        out << " reported of " << reported->id << " from " << reported->from;
    } else if (const auto* newest = std::get_if<ReadNewest>(&read.what)) {
        out << " newest completed of " << newest->id << " from " << newest->from_seq << " to " << newest->head;
    } else {
        const auto& lane = std::get<ReadLane>(read.what);
        out << " lane " << lane.lane << " of " << lane.id << " generation " << lane.generation << " from "
            << lane.from_rank << '/' << lane.from_at << '/' << lane.from_offset << (lane.backwards ? " backwards" : "")
            << ", at most " << lane.max_records;
    }
    return out.take();
}

}  // namespace baton::tests
