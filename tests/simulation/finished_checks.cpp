// What the broker tells of jobs that ended, held against the model.
#include "server/core/limits.hpp"
#include "tests/simulation/finished.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

void FinishedSimulation::trim() {
    const auto trim_set = [&](std::deque<Ended>& set, const Retention& keep) {
        std::uint64_t bytes = 0;
        for (const Ended& one : set) {
            bytes += one.bytes;
        }
        while (!set.empty() &&
               ((keep.messages != 0 && set.size() > keep.messages) || (keep.bytes != 0 && bytes > keep.bytes) ||
                (keep.age_ms != 0 && set.front().at + keep.age_ms <= driver_.now()))) {
            bytes -= set.front().bytes;
            set.pop_front();
        }
    };
    trim_set(completed_, settings_.completed_retention);
    trim_set(failed_, settings_.failed_retention);
}

void FinishedSimulation::check_job(const Ended& job) {
    const ReplyBody body = ask(ShowJob{queue_name_, job.offset});
    const auto* list = std::get_if<MessageList>(&body);
    if (list == nullptr || list->messages.size() != 1 || list->messages[0].state != MessageState::completed) {
        findings_.add("results", "completed job " + std::to_string(job.offset) + " is told as " + tests::to_text(body));
        return;
    }
    const StoredMessage& shown = list->messages[0];
    const std::string result = shown.completion->result ? shown.completion->result->value : "";
    if (result != job.result || shown.at != job.at) {
        findings_.add("results", "job " + std::to_string(job.offset) + " returned '" + job.result + "' and is told '" +
                                     result + "'");
    }
    const std::string payload = shown.body.count == 0 ? "" : std::string(tests::payload_of(shown.body, 0));
    if (payload != payloads_[job.offset] && payloads_[job.offset].size() < settings_.completed_payload_bytes - 100) {
        findings_.add("results", "job " + std::to_string(job.offset) + " lost its payload");
    }
}

void FinishedSimulation::check_wait(Offset offset, JobOutcome outcome, const std::string& result) {
    const auto wait = waits_.find(offset);
    if (wait == waits_.end()) {
        return;
    }
    const auto answer = replies_.find(wait->second);
    const auto* ended = answer == replies_.end() ? nullptr : std::get_if<JobEnded>(&answer->second);
    const std::string said = ended == nullptr ? "" : ended->result ? ended->result->value : ended->text;
    if (ended == nullptr || ended->outcome != outcome || said != result) {
        findings_.add("waits", "who waited for job " + std::to_string(offset) + " was not told how it ended");
    }
    waits_.erase(wait);
}

void FinishedSimulation::check_events() {
    events_.clear();
    StreamEvents stream;
    stream.stream = next_request_;
    stream.queue = queue_name_;
    stream.from_seq = 1;
    stream.credit = limits::event_credit_max;
    ask(stream);
    settle();
    std::map<Offset, EventType> ends;
    std::uint64_t next = 1;
    for (const EventBatch& batch : events_) {
        for (const EventBatch::Sent& sent : batch.events) {
            if (sent.seq != next++ || batch.missed_first != 0) {
                findings_.add("events", "the log has a hole before " + std::to_string(sent.seq));
                return;
            }
            const EventType type = sent.event.type;
            const bool end = type == EventType::completed || type == EventType::failed || type == EventType::removed;
            for (Offset offset = sent.event.first; offset < sent.event.first + sent.event.count; ++offset) {
                if (end) {
                    ends[offset] = type;
                } else {
                    ends.erase(offset);
                }
            }
        }
    }
    ask(CloseEvents{stream.stream});
    if (ends != last_ends_) {
        const auto differs = std::mismatch(ends.begin(), ends.end(), last_ends_.begin(), last_ends_.end());
        const bool known = differs.second != last_ends_.end();
        findings_.add("events", "the events tell of another end of job " +
                                    std::to_string(known ? differs.second->first : differs.first->first));
    }
}

/// At rest: the sets are those of the model, in order.
void FinishedSimulation::check() {
    std::vector<Offset> told;
    Peek page;
    page.queue = queue_name_;
    page.state = MessageState::completed;
    page.limit = 1 + prng_.below32(6);
    for (bool more = true; more && findings_.none();) {
        const ReplyBody body = ask(page);
        const auto* list = std::get_if<MessageList>(&body);
        if (list == nullptr) {
            findings_.add("results", "a listing was answered " + tests::to_text(body));
            return;
        }
        for (const StoredMessage& one : list->messages) {
            told.push_back(one.offset);
        }
        more = list->more;
        page.from_at = list->next_at;
        page.from_offset = list->next_offset;
    }
    std::vector<Offset> expected;
    for (auto one = completed_.rbegin(); one != completed_.rend(); ++one) {
        expected.push_back(one->offset);
    }
    const ReplyBody body = ask(ShowQueue{queue_name_});
    const QueueInfoPtr* info = std::get_if<QueueInfoPtr>(&body);
    if (told != expected) {
        findings_.add("retention", std::to_string(expected.size()) + " jobs are to be kept and " +
                                       std::to_string(told.size()) + " are listed, or in another order");
    } else if (info == nullptr || (*info)->completed != expected.size() || (*info)->failed != failed_.size()) {
        findings_.add("retention", std::to_string(expected.size()) + " completed and " +
                                       std::to_string(failed_.size()) + " failed are not what is counted");
    } else if (!completed_.empty()) {
        check_job(completed_[prng_.below(completed_.size())]);
    }
}

void FinishedSimulation::compare() {
    settle();
    const std::string live = driver_.core().durable_digest();
    const std::string restored = driver_.restored_copy()->durable_digest();
    if (live != restored) {
        const auto differs = std::mismatch(live.begin(), live.end(), restored.begin(), restored.end());
        const auto at = static_cast<std::size_t>(differs.first - live.begin());
        const std::size_t from = at < 200 ? 0 : at - 200;
        findings_.add("restored state",
                      "live: ..." + live.substr(from, 400) + "\n    restored: ..." + restored.substr(from, 400));
    }
}

}  // namespace baton::simulation
