#pragma once
// Administration: queues, the messages in them, and the server. Every call blocks until the server has answered (at
// most ClientOptions::request_timeout) and throws Exception on a refusal. May be used by several threads at once; keeps
// the client's internals alive but not its connection.

#include "baton/admin_options.hpp"
#include "baton/connection.hpp"
#include "baton/job.hpp"
#include "baton/job_log.hpp"
#include "baton/monitor.hpp"
#include "baton/queue_info.hpp"
#include "baton/server_status.hpp"
#include "baton/why.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

class Admin {
public:
    /// Asks nothing of the server.
    explicit Admin(const Client& client);

    /// Does nothing when the queue exists with the same settings; queue_exists when it has others, unless `update`.
    QueueInfo create_queue(const std::string& name, const CreateOptions& options = {});
    /// Changes the settings that are present. Throws queue_not_found, as does every call that names a queue.
    QueueInfo update_queue(const std::string& name, const QueueSettings& settings);
    /// Settings, counts and totals as they are now.
    QueueInfo show_queue(const std::string& name);
    /// One page, by name. `limit` 0 = 100; at most 1,000.
    QueuePage list_queues(const std::string& prefix = {}, const std::string& after = {}, std::uint32_t limit = 0);
    /// Every page of it.
    std::vector<QueueInfo> list_all_queues(const std::string& prefix = {});
    /// Removes what waits and what is delayed; `failed` also the failed set, `completed` the completed one. Leased
    /// messages stay with their holders.
    Counted purge_queue(const std::string& name, bool failed = false, bool completed = false);
    /// With all that is in it; consumers are told. Throws queue_in_use while another queue names it as its dead-letter
    /// queue. Not repeated after a lost connection.
    void delete_queue(const std::string& name);
    /// Delivers nothing until resume_queue; all else goes on.
    QueueInfo pause_queue(const std::string& name);
    /// Delivers nothing for this long; the server resumes by itself.
    QueueInfo pause_queue(const std::string& name, std::chrono::milliseconds pause);
    /// Ends a pause of either kind.
    QueueInfo resume_queue(const std::string& name);
    /// Holds the queue back for this long from now, for example when its provider says to slow down; 0 ends it.
    QueueInfo penalise(const std::string& queue, std::chrono::milliseconds penalty);

    /// Messages without leasing them.
    MessagePage peek(const std::string& queue, const PeekOptions& options = {});
    /// `cursor` from MessagePage::next; `limit` 0 = 10, at most 1,000.
    MessagePage list_failed(const std::string& queue, const std::string& cursor = {}, std::uint32_t limit = 0);
    /// Throws message_not_found when no failed message has this offset.
    StoredMessage show_failed(const std::string& queue, std::uint64_t offset);
    /// Puts failed messages back into their queue, and completed ones whose bodies were kept.
    Counted retry_failed(const std::string& queue, const RetryOptions& options = {});
    /// Moves messages of a dead-letter queue to where they came from, or to one queue.
    Counted redrive(const std::string& queue, const RedriveOptions& options = {});

    /// One message in any state. Throws message_not_found, or wrong_profile for a delayed or prioritized message
    /// without an id of its own in a queue that is not of profile job; so do the calls below.
    StoredMessage show_job(const std::string& queue, const JobName& job);
    /// Throws wrong_message_state when it is leased or failed.
    void change_job(const std::string& queue, const JobName& job, const JobChange& change);
    /// A delayed message becomes ready now. Throws wrong_message_state when it is not delayed.
    void promote_job(const std::string& queue, const JobName& job);
    /// Every delayed message becomes ready now.
    Counted promote_all(const std::string& queue);
    /// At most 1,000 messages; those that are leased are refused.
    JobsRemoved remove_jobs(const std::string& queue, const std::vector<std::uint64_t>& offsets);
    /// The same by the ids that their producers gave them.
    JobsRemoved remove_jobs_by_id(const std::string& queue, const std::vector<std::string>& ids);
    /// Gives up at most 1,000 messages, whoever holds them; a holder may still ack within `grace`, at most 10 minutes.
    JobsCancelled cancel_jobs(const std::string& queue, const std::vector<std::uint64_t>& offsets,
                              std::chrono::milliseconds grace = std::chrono::milliseconds{5'000});
    /// The same by the ids that their producers gave them.
    JobsCancelled cancel_jobs_by_id(const std::string& queue, const std::vector<std::string>& ids,
                                    std::chrono::milliseconds grace = std::chrono::milliseconds{5'000});
    /// Waits until a job is over, at most `timeout`; timeout 0 only looks. Also where it is over already. Throws
    /// message_not_found when it was never there, or no message has the id, results_not_kept when the queue keeps no
    /// completed jobs. Another thread may use the same Admin meanwhile.
    JobEnd wait_job(const std::string& queue, const JobName& job, std::chrono::milliseconds timeout);
    /// The log of a job in any state, page by page. Throws message_not_found, and wrong_profile unless the queue is of
    /// profile job.
    LogPage logs(const std::string& queue, const JobName& job, const LogOptions& options = {});
    /// Appends an event of type custom; `data` has at most 4 KiB.
    void emit_event(const std::string& queue, const std::string& name, const std::string& data = {},
                    std::optional<std::uint64_t> offset = {});
    /// Forgets all but the newest events of a queue.
    Counted trim_events(const std::string& queue, std::uint64_t keep);
    /// Who has a deduplication id. Throws dedup_not_found when nobody has.
    DedupInfo show_dedup(const std::string& queue, const std::string& id);
    /// Frees it at once; with `if_holder` only when the message at this offset has it, else throws dedup_changed.
    void clear_dedup(const std::string& queue, const std::string& id, std::optional<std::uint64_t> if_holder = {});

    /// Who consumes a queue now, by session. `limit` 0 = 100; at most 1,000.
    ConsumerPage list_consumers(const std::string& queue, const std::string& cursor = {}, std::uint32_t limit = 0);
    /// How many messages are ready with each of these priorities, 0 = with none, in the same order; at most 100 of
    /// them. Groups are not counted. The server reads through what is ready with them unless it has it in memory.
    std::vector<std::uint64_t> count_priorities(const std::string& queue, const std::vector<std::uint32_t>& priorities,
                                                std::chrono::milliseconds timeout = std::chrono::minutes(5));
    /// What ended in the last minutes. Throws wrong_profile unless the queue is of profile job.
    JobMetrics job_metrics(const std::string& queue, const MetricsOptions& options = {});

    /// What keeps whatever waits in the queue from being delivered, as the server sees it at the answer; nothing is
    /// changed. Throws queue_not_found.
    Explanation why_queue(const std::string& queue);
    /// The same of one message in any state, those of its queue and group included while it waits. Throws
    /// queue_not_found, message_not_found, or wrong_profile as show_job does.
    Explanation why_job(const std::string& queue, const JobName& job);
    /// Has the server hold the counters, indexes, leases, ids and flows of one queue, or of all of the namespace,
    /// against a rescan in the background; waits for it, which takes as long as all records are many. Throws
    /// doctor_busy while another one runs, and connection_lost when the connection breaks: it may go on at the server
    /// then.
    Diagnosis doctor(const std::string& queue = {}, std::chrono::milliseconds timeout = std::chrono::hours(24));

    /// Version, uptime, memory and counts of the daemon.
    ServerStatus server_status();
    /// Writes a consistent copy into a new directory on the server's machine.
    BackupResult backup(const std::string& directory);

    /// The server's time, and whether it is a virtual one.
    ClockState show_clock();
    /// Moves the time of a server that runs with --virtual-clock, by at most ten years. Returns when all that is due by
    /// then is done. Throws clock_not_virtual when the server runs on real time.
    ClockState advance_clock(std::chrono::milliseconds by);

private:
    std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace baton
