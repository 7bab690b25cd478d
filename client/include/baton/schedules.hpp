#pragma once
// Schedules: the server appends a message to a queue by a cron pattern or an interval; no worker has to be there.
//
//     baton::Schedules schedules(client);
//     schedules.upsert("nightly-report", {.queue = "reports",
//                                         .timing = baton::cron("30 2 * * *", "Europe/Berlin"),
//                                         .message = {.payload = "{}", .name = "report"}});
//
// Say it at every start of a program: the same again changes nothing. Every call blocks until the server has answered
// and throws Exception on a refusal. May be used by several threads at once.

#include "baton/connection.hpp"
#include "baton/message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

/// What a firing does while the message of the last one is not done.
enum class Overlap : std::uint8_t { skip = 1, queue = 2, replace = 3 };
/// What becomes of firings that came due while the server did not run.
enum class MissedRuns : std::uint8_t { skip = 1, run_once = 2, run_all = 3 };
const char* to_text(Overlap overlap);
const char* to_text(MissedRuns missed);

/// When a schedule fires: by pattern or by interval.
struct ScheduleTiming {
    /// 5 fields (minute hour day month weekday), 6 (second first), or a name such as @daily.
    std::string cron;
    /// A name of the tz database, for cron; empty = UTC.
    std::string zone;
    /// From 10 ms on; 0 with cron.
    std::chrono::milliseconds every{0};
    /// A time that the interval goes through, milliseconds since 1970. Absent: start_ms, or else when it was made, and
    /// then it fires at once.
    std::optional<std::int64_t> anchor_ms;
    /// No firing before or after; 0 = no bound.
    std::int64_t start_ms = 0;
    std::int64_t end_ms = 0;
    /// So many firings in all; 0 = no bound.
    std::uint64_t limit = 0;
    /// Each firing is late by up to this; at most a day.
    std::chrono::milliseconds jitter{0};
    /// Each firing is this much later than the pattern says.
    std::chrono::milliseconds offset{0};
};
ScheduleTiming cron(std::string pattern, std::string zone = {});
ScheduleTiming every(std::chrono::milliseconds interval);

struct Schedule {
    std::string queue;
    ScheduleTiming timing;
    /// What is appended; its options may not say a delay. At most 64 KiB.
    Message message;
    Overlap overlap = Overlap::skip;
    MissedRuns missed = MissedRuns::run_once;
    /// With run_all: how many at most, 1 to 1,000.
    std::uint32_t missed_max = 0;
};

struct ScheduleInfo {
    std::string name;
    /// Rises with each change.
    std::uint64_t generation = 0;
    std::int64_t created_ms = 0;
    /// In lists without the payload, name and headers of the message.
    Schedule schedule;
    bool paused = false;
    /// The next firing, without and with its jitter; 0 = none.
    std::int64_t next_ms = 0;
    std::int64_t next_due_ms = 0;
    /// The last firing that appended a message, and when it did; 0 = none.
    std::int64_t last_firing_ms = 0;
    std::int64_t last_run_ms = 0;
    std::uint64_t fired = 0;
    std::uint64_t skipped = 0;
    /// Why a firing could not append its message; empty once one could.
    std::string last_error;
    std::int64_t last_error_ms = 0;
    /// The message of the last firing is not done; not known with Overlap::queue.
    bool running = false;
};

struct SchedulePage {
    std::vector<ScheduleInfo> schedules;
    /// What to pass as `after`; empty at the end.
    std::string next;
};

struct Firing {
    std::int64_t at_ms = 0;
    /// How far the clock of the zone is ahead of UTC then.
    std::chrono::seconds offset{0};
};

class Schedules {
public:
    explicit Schedules(const Client& client);

    /// `if_generation`: only over this generation, or schedule_changed; 0 = only when there is none.
    ScheduleInfo upsert(const std::string& name, const Schedule& schedule,
                        std::optional<std::uint64_t> if_generation = {});
    ScheduleInfo show(const std::string& name);
    /// One page, by name. `limit` 0 = 100; at most 1,000.
    SchedulePage list(const std::string& prefix = {}, const std::string& after = {}, std::uint32_t limit = 0);
    void remove(const std::string& name);
    /// What comes due while it is paused is not made up for.
    ScheduleInfo pause(const std::string& name);
    ScheduleInfo resume(const std::string& name);
    /// Appends a message now, besides the firings.
    MessageId run_now(const std::string& name);
    /// The next firings, without jitter: of a stored schedule, or of a timing. `count` 0 = 10; at most 1,000.
    std::vector<Firing> preview(const std::string& name, std::uint32_t count = 0);
    std::vector<Firing> preview(const ScheduleTiming& timing, std::uint32_t count = 0);

private:
    std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace baton
