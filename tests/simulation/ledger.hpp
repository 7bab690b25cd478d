#pragma once
// Keeps the facts of a run: takes in what clients ask (before it enters the core) and what the broker says (when it has
// left), and shows every event to the checkers first. Knows nothing of how the core works inside.
//
// What was said by a commit that a crash took back is taken back here as well.

#include "tests/simulation/checker.hpp"
#include "tests/simulation/facts.hpp"
#include "tests/simulation/findings.hpp"
#include "tests/support/round_driver.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace baton::simulation {

class Ledger {
public:
    explicit Ledger(Findings& findings);

    /// A request on its way into the core at `now`.
    void sent(const core::Request& request, core::TimeMs now);
    /// Effects in the order they left. Commits up to `durable_through` can no longer be taken back.
    void left(const std::vector<tests::Released>& effects, std::uint64_t durable_through);
    /// The broker stopped and started again; commits above `last_commit` never happened.
    void crashed(std::uint64_t last_commit, core::TimeMs now);
    /// Since the last restart it is known again who holds what: until then nothing that is held comes back.
    void leases_known(core::TimeMs now);
    void audited(const std::vector<QueueAudit>& queues, core::TimeMs now);

    const MessageFacts* message(Number number) const;
    const MessageFacts* message_at(core::QueueId queue, core::Offset offset) const;
    /// Where messages of this queue were stored that are not known to be gone, ascending; also those that are done.
    std::vector<core::Offset> known_offsets(core::QueueId queue, bool done_too) const;
    /// Its queue was deleted, so that a repeat of its produce found another one of the same name.
    bool stored_anew(const MessageFacts& facts, core::QueueId in) const;
    const QueueFacts* queue(core::QueueId id) const;
    const QueueFacts* queue_named(const std::string& name) const;
    const std::unordered_map<Number, MessageFacts>& messages() const { return messages_; }
    const std::map<std::uint64_t, QueueFacts>& queues() const { return queues_; }
    std::uint64_t deliveries() const { return deliveries_; }
    std::uint64_t restarts() const { return restarts_; }
    /// How long messages are held after a restart.
    core::DurationMs restart_grace_ms = core::limits::restart_grace_ms;
    /// More may become due at once than one round moves to its place.
    bool many_due_at_once = false;

private:
    struct SessionFacts {
        core::ConnectionId connection{};
        core::DurationMs grace_ms = 0;
        core::TimeMs lost_at = never;
        bool closed = false;
    };
    using ConsumerKey = std::pair<std::uint64_t, std::uint64_t>;
    using RequestKey = std::pair<std::uint64_t, std::uint64_t>;
    struct OpenAdmin {
        core::RequestBody body;
        core::TimeMs sent_at = 0;
        /// Purge: what surely waited or had failed then, with the batch that delivered it last. Update: the settings if
        /// it succeeds.
        std::vector<std::pair<Number, core::BatchNumber>> numbers;
        std::optional<core::QueueSettings> settings;
        std::uint64_t queue = 0;
    };

    // Requests, by kind.
    void sent_produce(const core::Request& request, const core::Produce& produce, core::TimeMs now);
    void sent_settle(const core::Request& request, const core::Settle& settle, core::TimeMs now);
    void sent_settlement(OpenSettle& open, std::uint32_t index, core::TimeMs now);
    /// A settle that was asked for with the message's token, or with one that may pass for it.
    void may_settle(MessageFacts& facts, const core::SettleAction& action, bool holder, core::TimeMs now);
    void sent_consumer(core::ConnectionId connection, const core::OpenConsumer& consumer, core::TimeMs now);
    void sent_admin(const core::Request& request, core::TimeMs now);
    void sent_purge(OpenAdmin& open, QueueFacts& queue, bool failed_too);
    void sent_retry(const core::RetryFailed& retry, QueueFacts& queue, core::TimeMs now);
    void sent_redrive(const core::Redrive& redrive, QueueFacts& queue, core::TimeMs now);
    /// Changes, promotions and removals of messages named by their ids. ledger_edits.cpp
    void sent_edit(OpenAdmin& open);
    void sent_clear(const core::ClearDedup& clear);
    void answer_clear(const core::ClearDedup& clear);
    void may_edit(MessageFacts& facts, bool times);
    void answer_edit(const OpenAdmin& open, const core::ReplyBody& body, core::TimeMs decided_at, std::uint64_t commit);
    void answer_cancel(const OpenAdmin& open, const core::JobsCancelled& done, core::TimeMs decided_at,
                       std::uint64_t commit);
    void lose_consumer(const ConsumerKey& key, core::TimeMs from, bool closed);
    void lose_session(core::ConnectionId connection, core::TimeMs from, bool closed);

    // What left, by kind.
    void round(const std::vector<const tests::Released*>& effects);
    void collect(const tests::Released& released, std::vector<DeliveredMessage>& out) const;
    void delivered(const DeliveredMessage& message, std::uint64_t commit);
    /// What a run limit may do to a delivery. ledger_retries.cpp
    static void may_run_out(MessageFacts& facts, LeaseFacts& lease, const QueueFacts* in, core::TimeMs decided_at);
    void deliver_to(MessageFacts& facts, const DeliveredMessage& message);
    void replied(const core::Reply& reply, const tests::Released& released);
    void answer_produce(OpenProduce& open, const core::ReplyBody& body, const tests::Released& released);
    // ledger_names.cpp
    static void set_names(MessageFacts& facts, const core::EntryOptions& options);
    /// What became of an entry that was not simply stored; false when it took no offset.
    bool take_outcome(MessageFacts& facts, const OpenProduce& open, const core::Produced& produced,
                      const core::ItemOutcome& outcome, std::uint64_t commit);
    void store(MessageFacts& facts, core::QueueId queue, core::Offset offset, core::TimeMs now);
    void answer_settle(const OpenSettle& open, const core::ReplyBody& body, const tests::Released& released);
    void answer_settlement(const OpenSettle& open, const SettledMessage& message, std::uint64_t commit);
    void take_settlement(MessageFacts& facts, const OpenSettle& open, const SettledMessage& message);
    void take_fail(MessageFacts& facts, const OpenSettle& open, const core::Fail& fail);
    void answer_admin(const OpenAdmin& open, const core::ReplyBody& body, core::TimeMs decided_at,
                      std::uint64_t commit);
    void learn(const core::QueueInfo& info);
    /// What these settings, perhaps in force, may have done to messages.
    void may_hold(QueueFacts& queue, const core::QueueSettings& settings);

    /// What an extend adds at least.
    core::DurationMs least_extension(const MessageFacts& facts, const core::Extend& extend) const;

    // Who surely waits.
    core::Place latest_place(const MessageFacts& facts) const;
    core::TimeMs surely_ready_from(const MessageFacts& facts) const;
    void unready(const MessageFacts& facts);
    void reconsider(const MessageFacts& facts);
    void promote(core::TimeMs now);

    MessageFacts* find(Number number);
    QueueFacts* find_queue(core::QueueId id);
    QueueFacts* find_queue(const std::string& name);
    /// Keeps a copy of the facts as they were before this commit spoke of them.
    void save(MessageFacts& facts, std::uint64_t commit);

    Findings& findings_;
    std::vector<std::unique_ptr<Checker>> checkers_;
    std::unordered_map<Number, MessageFacts> messages_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, Number> at_;
    std::map<std::uint64_t, QueueFacts> queues_;
    std::map<std::string, std::uint64_t> names_;
    std::map<std::uint64_t, std::uint64_t> session_of_;
    std::map<std::uint64_t, SessionFacts> sessions_;
    /// Sessions that connections asked to resume and have not been answered about.
    std::map<std::uint64_t, std::uint64_t> resuming_;
    /// Connections that were lost or closed, and when.
    std::map<std::uint64_t, std::pair<core::TimeMs, bool>> lost_connections_;
    std::map<ConsumerKey, std::set<Number>> held_;
    /// When a consumer of this id was last closed; the id may be in use again.
    std::map<ConsumerKey, core::TimeMs> closed_consumers_;
    std::map<RequestKey, OpenProduce> open_produces_;
    std::map<RequestKey, OpenSettle> open_settles_;
    std::map<RequestKey, OpenAdmin> open_admins_;
    /// Requests to clear a deduplication key that are not answered, by queue and key.
    std::map<std::pair<std::string, std::string>, std::uint32_t> open_clears_;
    /// By producer and sequence.
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> tries_, refusals_;
    std::vector<std::pair<std::uint64_t, MessageFacts>> undo_;
    std::vector<std::pair<std::uint64_t, std::map<std::uint64_t, QueueFacts>>> undo_queues_;
    std::uint64_t durable_through_ = 0;
    std::uint64_t deliveries_ = 0;
    std::uint64_t restarts_ = 0;
    bool commits_lost_ = false;
    /// Since when; never while that is being read.
    core::TimeMs leases_known_at_ = 0;
};

/// The number in a message's payload; 0 when the bytes are none of ours.
Number number_of(std::string_view wire);
std::uint64_t hash_of(std::string_view wire);
/// How long a message that failed so waits at least, and whether that was its last try. ledger_retries.cpp
core::DurationMs least_retry_wait(const core::QueueSettings& settings, const MessageFacts& facts,
                                  const core::Fail& fail);
Presence spent_by(const core::QueueSettings& settings, const MessageFacts& facts, const core::Fail& fail);
/// Whether `token` is that of the newest delivery.
bool holds(const MessageFacts& facts, const core::Token& token);

}  // namespace baton::simulation
