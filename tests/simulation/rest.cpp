// The broker at rest: what it holds is compared with what a restart would find, listed in full, and finally drained.

#include "tests/simulation/simulation.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace baton::simulation {

using namespace core;

ReplyBody Simulation::ask(RequestBody body) {
    observed_.clear();
    send(observer_, std::move(body));
    settle();
    if (observed_.empty()) {
        findings_.add("rest", "a question to the broker at rest got no answer");
        return Done{};
    }
    return observed_.back();
}

void Simulation::compare_restored() {
    if (settle()) {
        compare_with_disk();
    }
}

void Simulation::compare_with_disk() {
    const std::string live = driver_.core().durable_digest();
    const std::string restored = driver_.restored_copy()->durable_digest();
    if (live == restored) {
        return;
    }
    const auto differs = std::mismatch(live.begin(), live.end(), restored.begin(), restored.end());
    const auto at = static_cast<std::size_t>(differs.first - live.begin());
    const std::size_t from = at < 200 ? 0 : at - 200;
    findings_.add("restored state",
                  "live: ..." + live.substr(from, 400) + "\n    restored: ..." + restored.substr(from, 400));
}

std::vector<QueueAudit::Listed> Simulation::list(const std::string& queue, MessageState state) {
    std::vector<QueueAudit::Listed> all;
    Peek peek;
    peek.queue = queue;
    peek.state = state;
    peek.limit = 1 + prng_.below32(scenario_.bulk ? 1000 : 50);
    for (int page = 0; page < 20'000; ++page) {
        const ReplyBody body = ask(peek);
        const auto* found = std::get_if<MessageList>(&body);
        if (found == nullptr) {
            findings_.add("rest", "peek of " + queue + " answered " + tests::to_text(body));
            return all;
        }
        for (const StoredMessage& message : found->messages) {
            all.push_back({number_of(message.body.bytes()), message});
            if (message.state != state) {
                findings_.add("rest", "peek of one state shows another in " + queue);
            }
        }
        if (!found->more) {
            return all;
        }
        peek.from_at = found->next_at;
        peek.from_rank = found->next_rank;
        peek.from_group = found->next_group;
        peek.from_offset = found->next_offset;
    }
    findings_.add("rest", "peek of " + queue + " does not end");
    return all;
}

QueueAudit Simulation::audit_queue(const QueueInfo& info) {
    const auto shown = [&] {
        const ReplyBody body = ask(ShowQueue{info.name});
        return std::holds_alternative<QueueInfoPtr>(body) ? *std::get<QueueInfoPtr>(body) : QueueInfo{};
    };
    QueueAudit audit;
    audit.info = shown();
    // Reading the pages may find messages whose time is over: then the counts of before no longer fit.
    for (int attempt = 0; attempt < 10; ++attempt) {
        audit.waiting = list(info.name, MessageState::waiting);
        audit.prioritized = list(info.name, MessageState::prioritized);
        audit.grouped = list(info.name, MessageState::grouped);
        audit.delayed = list(info.name, MessageState::delayed);
        audit.leased = list(info.name, MessageState::leased);
        audit.failed = list(info.name, MessageState::failed);
        const QueueTotals before = std::exchange(audit.info, shown()).totals;
        if (audit.info.totals == before) {
            break;
        }
    }
    return audit;
}

void Simulation::audit() {
    if (!settle()) {
        return;
    }
    check_names();
    check_records();
    std::vector<QueueAudit> audits;
    for (const QueueInfo& info : driver_.core().queue_infos(driver_.now())) {
        audits.push_back(audit_queue(info));
    }
    ledger_.audited(audits, driver_.now());
}

void Simulation::drain() {
    calm_ = true;
    for (SimClient& client : clients_) {
        if (client.connected) {
            send(client, CloseSession{});
            send(client, ConnectionLost{}, false);
            client.connected = client.ready = false;
        }
    }
    compare_restored();
    audit();
    std::uint64_t consumer = 1;
    for (const QueueInfo& info : driver_.core().queue_infos(driver_.now())) {
        QueueSettingsChange unpause;
        unpause.paused = false;
        unpause.overflow = Overflow::reject;
        unpause.dead_letter_queue = "";
        ask(UpdateQueue{info.name, unpause});
        OpenConsumer open;
        open.consumer = ConsumerId{consumer++};
        open.queue = info.name;
        open.credit_messages = limits::credit_messages_max;
        open.credit_bytes = limits::credit_bytes_max;
        open.worker = "drain";
        send(observer_, open);
    }
    settle();
    std::uint64_t least = UINT64_MAX;
    for (int idle = 0; idle < 2'000 && findings_.none(); ++idle) {
        std::uint64_t left = 0;
        for (const QueueInfo& info : driver_.core().queue_infos(driver_.now())) {
            left += info.waiting + info.prioritized + info.grouped + info.delayed + info.leased;
        }
        if (left == 0) {
            compare_restored();
            audit();
            return;
        }
        // Thousands may be due at a time of their own each: only what no longer goes on is stuck.
        idle = left < least ? 0 : idle;
        least = std::min(least, left);
        drain_once();
    }
    if (findings_.none()) {
        std::string left;
        for (const QueueInfo& info : driver_.core().queue_infos(driver_.now())) {
            left += " " + info.name + ": " + std::to_string(info.waiting) + " waiting, " +
                    std::to_string(info.prioritized) + " prioritized, " + std::to_string(info.grouped) + " grouped, " +
                    std::to_string(info.delayed) + " delayed, " + std::to_string(info.leased) + " leased;";
        }
        findings_.add("drain", "the queues do not become empty:" + left);
    }
}

void Simulation::drain_once() {
    if (observed_deliveries_.empty()) {
        const auto deadline = driver_.core().next_deadline();
        driver_.advance_to(deadline ? std::max(*deadline, driver_.now() + 1) : driver_.now() + 1'000);
        settle();
        return;
    }
    Settle acks;
    for (const Deliver& frame : observed_deliveries_) {
        Settlement ack;
        ack.token = frame.token;
        ack.action = Ack{};
        for (const Deliver::Run& run : frame.runs) {
            ack.ranges.push_back({run.first, run.entries.count});
        }
        acks.settlements.push_back(std::move(ack));
    }
    observed_deliveries_.clear();
    ask(std::move(acks));
}

}  // namespace baton::simulation
