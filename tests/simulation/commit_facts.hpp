#pragma once
// What one commit writes about messages beside its events, as far as it tells why something happened to them: the
// events alone say only what. Gathered anew for every commit.

#include "server/core/mutation.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton::simulation {

struct MessageNews {
    /// It has a priority.
    bool ranked = false;
    /// It came from another queue, a schedule, or from behind the holder of its key.
    bool moved_in = false, scheduled = false, was_parked = false;
    /// Of its key: the newest is kept while the holder is leased.
    bool keeps_last = false;
    /// Why it was given back, if it was written down at all.
    std::optional<core::Cause> cause;
    core::EndReason reason = core::EndReason::none;
    core::TimeMs due = 0;
    std::string id, key;
    /// Of a parent: a child still holds it.
    bool held_by_child = false;
    // Of its events in this commit, as far as they were read.
    bool stalled = false, attempt_failed = false;
};

class CommitFacts {
public:
    using Key = std::pair<std::uint64_t, core::Offset>;

    void gather(const std::vector<core::Mutation>& mutations);
    MessageNews& of(core::QueueId queue, core::Offset offset) { return news_[{core::value(queue), offset}]; }

    /// Empty when the commit writes nothing of it.
    const MessageNews& known(core::QueueId queue, core::Offset offset) const {
        static const MessageNews none;
        const auto found = news_.find({core::value(queue), offset});
        return found == news_.end() ? none : found->second;
    }

    struct Parking {
        core::QueueId queue{};
        core::Offset holder = 0;
    };
    const std::vector<Parking>& parkings() const { return parkings_; }
    const std::vector<core::PutEvents>& events() const { return events_; }
    const std::vector<core::TrimFinished>& trims() const { return trims_; }
    const std::vector<core::QueueId>& removed_queues() const { return removed_queues_; }
    const std::vector<std::pair<core::QueueId, std::string>>& named_queues() const { return named_queues_; }
    /// A purge took this set of the queue along.
    bool swept(core::QueueId queue, core::Lane lane) const { return swept_.contains({core::value(queue), lane}); }

private:
    void lane_record(const core::PutLaneRecord& put);
    void meta(core::QueueId queue, core::Offset offset, const core::MessageMeta& meta);
    void name(const core::PutName& put);
    void flow(const core::PutFlow& put);

    std::map<Key, MessageNews> news_;
    std::vector<Parking> parkings_;
    /// Keys behind which nothing is parked any more, as far as the commit was read.
    std::set<std::pair<std::uint64_t, std::string>> unparked_;
    std::set<std::pair<std::uint64_t, core::Lane>> swept_;
    std::vector<core::PutEvents> events_;
    std::vector<core::TrimFinished> trims_;
    std::vector<core::QueueId> removed_queues_;
    std::vector<std::pair<core::QueueId, std::string>> named_queues_;
};

}  // namespace baton::simulation
