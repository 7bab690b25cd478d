#pragma once
// What reads that are under way are for: what to do when their answers come. Included by the core's sources only.

#include "server/core/brought.hpp"
#include "server/core/chunk.hpp"
#include "server/core/expiry_index.hpp"
#include "server/core/finished.hpp"
#include "server/core/flow_table.hpp"
#include "server/core/groups.hpp"
#include "server/core/ids.hpp"
#include "server/core/job_reads.hpp"
#include "server/core/place.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/reports.hpp"
#include "server/core/request.hpp"
#include "server/core/schedule.hpp"
#include "server/core/task.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace baton::core {

/// What to do when a read is back.
struct LoadLane {
    std::uint32_t generation = 0;
    Lane lane = Lane::timed;
};
/// The body of a lane message that a restored lease holds.
struct AttachLane {
    BatchNumber batch = 0;
    LaneKey key;
    Lane lane = Lane::timed;
};
struct LoadChunks {
    /// What the read was for.
    Offset offset = 0;
    std::optional<Request> parked;
    Brought brought;
};
struct LoadJobs {
    Request parked;
    FoundJobs found;
    Brought brought;
};
/// The end of a lane.
struct LoadTail {
    Request parked;
    Lane lane{};
    LaneTail tail;
    Brought brought;
};
struct AnswerList {
    Request origin;
};
/// The next records of the prioritized lane, to be counted.
struct CountSlice {
    Request origin;
};
struct StepTask {
    std::unique_ptr<Task> task;
};
/// The oldest batches of a finished log, of which this was the head.
struct TrimStep {
    FinishedSet set{};
    std::uint64_t head = 0;
    std::uint32_t head_done = 0;
};
/// The oldest events, to be taken out.
struct TrimOldEvents {};
/// The oldest messages of a topic, to be taken out.
struct TrimOldMessages {};
/// A part of a topic, to be compacted.
struct CompactTopic {};
/// Events for one who follows them.
struct LoadEvents {
    ConnectionId connection{};
    std::uint64_t stream = 0;
};
struct PendingRead {
    QueueId queue{};
    std::variant<LoadLane, AttachLane, LoadChunks, AnswerList, StepTask, LoadTail, LoadJobs, LoadZone, TrimStep,
                 TrimOldMessages, CompactTopic, FillReferences, LoadExpiring, LoadGroups, AnswerGroups, TrimOldEvents,
                 LoadEvents, LoadLog, AnswerReport, SweepReports, LoadNames, SweepNames, LoadFlow, LoadFlowMembers,
                 CountSlice>
        then;
};

}  // namespace baton::core
