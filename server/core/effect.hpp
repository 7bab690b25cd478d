#pragma once
// What a round wants said. Effects are released in order after the round's commit is durable, all of them, refusals
// and empty answers too, since they may rest on state that was not yet on disk.

#include "server/core/allowance.hpp"
#include "server/core/binding.hpp"
#include "server/core/chunk.hpp"
#include "server/core/flow_effect.hpp"
#include "server/core/group_effect.hpp"
#include "server/core/ids.hpp"
#include "server/core/listener.hpp"
#include "server/core/message_list.hpp"
#include "server/core/mutation.hpp"
#include "server/core/queue_info.hpp"
#include "server/core/request.hpp"
#include "server/core/revocation.hpp"
#include "server/core/schedule_effect.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace baton::core {

struct Done {};
struct SessionOpened {
    SessionId session{};
    bool resumed = false;
    DurationMs grace_ms = 0;
};
struct Produced {
    QueueId queue{};
    Offset first = 0;
    std::uint32_t count = 0;
    bool duplicate = false;
    Durability durability = Durability::sync;
    std::vector<std::pair<std::uint32_t, Refusal>> refused;
    std::vector<ItemOutcome> outcomes;  // ascending
    /// Of a topic: how many get it.
    std::uint32_t subscriptions = 0;
};
struct Settled {
    struct Refused {
        std::uint32_t settlement = 0;
        OffsetRange range;
        RefusalCode code{};
    };
    std::vector<Refused> refused;
};
struct QueueList {
    std::vector<QueueInfo> queues;
    std::string next;
};
struct Counted {
    std::uint64_t messages = 0, skipped = 0;
};

struct TransactionDone;
using TransactionDonePtr = std::shared_ptr<const TransactionDone>;

using ReplyBody =
    std::variant<Refusal, Done, SessionOpened, Produced, Settled, QueueInfoPtr, QueueList, MessageList, Counted,
                 ClockShown, JobsRemoved, ScheduleInfoPtr, ScheduleList, ScheduleTimes, JobsCancelled, GroupInfoPtr,
                 GroupList, JobEnded, LogBounds, LogPage, DedupShown, ExplanationPtr, TransactionDonePtr, TaskInfoPtr,
                 TaskList, FlowAdded, FlowInfo, ChildList, ChildrenAwaited, FlowActed, ConsumerList, PriorityCounts,
                 JobMetrics, BindingList, ListenStarted, MessageTrace>;
struct Reply {
    ConnectionId connection{};
    RequestId request{};
    ReplyBody body;
};

/// A batch of leased messages for one consumer; `request` is a fetch's, or 0 when pushed.
struct Deliver {
    ConnectionId connection{};
    RequestId request{};
    ConsumerId consumer{};
    Token token;
    DurationMs lease_ms = 0;
    struct Run {
        Offset first = 0;
        TimeMs stored_at = 0;
        EntryRun entries;
        /// To a subscription that selects: the topic, empty when it is gone, and the first one's offset there.
        std::string topic = {};
        Offset topic_offset = 0;
    };
    std::vector<Run> runs;
    struct Detail {
        Offset offset = 0;
        Counters counters;
        Cause cause = Cause::none;
        std::shared_ptr<const Origin> origin;
        DurationMs lease_ms = 0;
        std::uint32_t priority = 0;
        std::shared_ptr<const ScheduledRun> scheduled = nullptr;
        std::uint32_t max_attempts = 0;
        GroupPtr group = nullptr;
        std::shared_ptr<const Identity> identity = nullptr;
        bool has_flow = false;
    };
    std::vector<Detail> details;
};

/// The server closed a consumer on its own: its queue was deleted.
struct ConsumerClosed {
    ConnectionId connection{};
    ConsumerId consumer{};
    std::string reason;
};

/// A produce of this connection waits for room, or none does any more.
struct ProducerBlocked {
    ConnectionId connection{};
    bool blocked = false;
    std::string reason;
};

using Effect = std::variant<Reply, Deliver, ConsumerClosed, ProducerBlocked, LeaseRevoked, EventBatch, Heard>;

}  // namespace baton::core
