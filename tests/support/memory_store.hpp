#pragma once
// The store as the core knows it, in memory: mutations go into ordered maps exactly as storage/ applies them to its
// keys, reads answer by the same contract, load() hands back what Core::restore() takes. What was committed without a
// sync is kept apart, so that a power cut can take it back.
//
// Bodies are shared with the core, never copied. One thread.

#include "server/core/mutation.hpp"
#include "server/core/read.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace baton::tests {

/// Namespace and queue, as keys begin with them.
using QueueKey = std::pair<std::uint32_t, std::uint64_t>;

/// One state of the disk.
struct Tables {
    /// Queue, lane, generation, and the key in it.
    using LaneKey = std::tuple<QueueKey, core::Lane, std::uint32_t, core::LaneKey>;
    template <typename Value>
    using PerQueue = std::map<std::pair<QueueKey, std::uint64_t>, Value>;

    std::optional<core::PutShard> shard;
    std::map<std::uint32_t, core::PutNamespace> namespaces;
    std::map<QueueKey, core::PutQueue> queues;
    std::map<QueueKey, core::PutQueueState> states;
    PerQueue<core::PutAckPage> pages;
    PerQueue<core::ChunkPtr> chunks;
    PerQueue<core::PutLease> leases;
    PerQueue<core::PutReturned> returned;
    PerQueue<core::PutProducer> producers;
    std::map<LaneKey, core::MessageRecord> lanes;
    PerQueue<core::PutLocator> locators;
    /// By queue, time, whether of a lane record, and offset.
    std::map<std::tuple<QueueKey, core::TimeMs, bool, core::Offset>, core::PutExpiry> expiries;
    std::map<std::pair<QueueKey, core::GroupId>, core::PutGroup> groups;
    /// By the number of the first event.
    PerQueue<core::EventChunkPtr> events;
    /// Queue, set, number: batches of finished messages with what has left them.
    std::map<std::tuple<QueueKey, core::FinishedSet, std::uint64_t>, core::FinishedBatch> finished;
    /// By offset.
    PerQueue<core::ReportRead> reports;
    std::map<QueueKey, core::PutTask> tasks;
    std::map<QueueKey, core::PutJobMinutes> minutes;
    /// By the queue that they lead into; by the topic.
    PerQueue<core::PutBinding> bindings;
    PerQueue<core::PutFill> fills;
    /// By topic and key.
    std::map<std::pair<QueueKey, core::GroupId>, core::Offset> last_of_keys;
    std::map<core::Name, core::PutName> names;
    std::map<std::tuple<QueueKey, core::TimeMs, std::uint64_t>, core::NameEnd> name_ends;
    std::map<std::pair<QueueKey, std::string>, core::PutParked> parked;
    /// By queue, parent and page or child.
    template <typename Value>
    using PerFlow = std::map<std::tuple<QueueKey, core::Offset, std::uint32_t>, Value>;
    PerFlow<core::PutFlow> flows;
    PerFlow<core::PutFlowResult> flow_results;
    PerFlow<core::PutFlowNews> flow_news;
    std::set<std::pair<QueueKey, core::FlowId>> flow_members;
    std::map<QueueKey, core::PutSchedule> schedules;
    std::map<QueueKey, core::PutScheduleProgress> schedule_progress;

    void apply(const core::Mutation& mutation);
};

class MemoryStore {
public:
    /// One batch, all or nothing. A synced one makes everything before it durable too.
    void commit(std::vector<core::Mutation>&& mutations, bool synced);
    core::ReadAnswer read(const core::ReadRequest& request) const;
    /// Every record that Core::restore() takes, in key order.
    void load(const std::function<void(core::Mutation&&)>& each) const;

    /// Loses all commits behind the last synced one but the first `survivors` of them; returns how many were lost.
    std::size_t crash(std::size_t survivors = 0);
    std::size_t unsynced_commits() const { return tail_.size(); }
    std::uint64_t commits() const { return commits_; }
    const Tables& tables() const { return visible_; }

private:
    Tables synced_;
    Tables visible_;
    std::vector<std::vector<core::Mutation>> tail_;
    std::uint64_t commits_ = 0;
};

}  // namespace baton::tests
