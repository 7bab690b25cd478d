#include "server/core/topic_trace.hpp"

#include "server/core/brought.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/routing.hpp"
#include "server/core/state.hpp"
#include "server/core/stored_message.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace baton::core {

namespace {

/// So many chunks of the log of one subscription that selects are looked through for the message.
constexpr std::uint32_t chunks_looked_through = 64;

/// By name: those of the topic, and those that select from it.
std::map<std::string, Queue*> subscriptions_of(State& state, Queue& topic) {
    std::map<std::string, Queue*> all;
    for (const auto& [name, subscription] : topic.subscriptions) {
        all.emplace(subscription->name, subscription);
    }
    for (const Route* route : routes_of(state, topic)) {
        if (route->subscription != nullptr) {
            all.emplace(route->subscription->name, route->subscription);
        }
    }
    return all;
}

TraceState traced(MessageState state) {
    switch (state) {
        case MessageState::leased:
            return TraceState::leased;
        case MessageState::delayed:
            return TraceState::delayed;
        case MessageState::failed:
            return TraceState::failed;
        case MessageState::completed:
            return TraceState::done;
        case MessageState::waiting:
        case MessageState::prioritized:
        case MessageState::grouped:
        case MessageState::waiting_children:
            break;
    }
    return TraceState::waiting;
}

TraceRow row_of(const Queue& subscription, const FoundJob& job) {
    StoredMessage message = shown(job.record, job.state);
    if (job.batch != nullptr) {
        add_lease(message, *job.batch, job.position);
    }
    TraceRow row{subscription.name, traced(job.state), message.offset, message.counters};
    row.at = row.state == TraceState::waiting ? 0 : message.at;
    row.worker = job.batch != nullptr       ? job.batch->worker
                 : message.attempts.empty() ? std::string()
                                            : message.attempts.back().worker;
    return row;
}

/// One page, subscription by subscription; what must be read parks the request, which goes on where it was.
class Tracing {
public:
    Tracing(State& state, Queue& topic, Request& request, TimeMs now, Round& round)
        : state_(state),
          topic_(topic),
          request_(request),
          trace_(std::get<TraceMessage>(request.body)),
          at_(trace_.progress),
          now_(now),
          round_(round) {}

    void run() {
        if (!read_message()) {
            return;
        }
        const auto all = subscriptions_of(state_, topic_);
        const std::string& after = at_.rows.empty() ? trace_.after : at_.rows.back().subscription;
        auto next = all.upper_bound(after);
        for (; next != all.end() && at_.rows.size() < trace_.limit; ++next) {
            Queue& subscription = *next->second;
            if (at_.looked_in != subscription.id) {
                at_.looked_in = subscription.id;
                at_.from = 0;
                at_.chunks = 0;
                at_.own.reset();
            }
            auto row = subscription.references ? row_of_selecting(subscription) : row_of_direct(subscription);
            if (!row) {
                return;
            }
            at_.rows.push_back(std::move(*row));
            at_.looked_in = QueueId{};
            drop_read();
        }
        MessageTrace told{trace_.offset, at_.stored_at, std::move(at_.rows), {}};
        told.next = next == all.end() ? std::string() : told.rows.back().subscription;
        reply(request_, std::move(told), round_);
    }

private:
    /// What was read is not needed twice, and a page may need much.
    void drop_read() { drop_brought(state_, std::exchange(state_.brought, {})); }

    bool read_message() {
        if (at_.body) {
            return true;
        }
        close_chunks(state_, topic_, round_);
        const ChunkPtr chunk = topic_.window.resident(trace_.offset);
        if (!chunk) {
            state_.read_chunks(topic_, trace_.offset, std::move(request_), round_);
            return false;
        }
        if (chunk->is_missing(trace_.offset)) {
            reply(request_,
                  Refusal{RefusalCode::message_not_found,
                          "a later message of its key is there, or was: the topic does not have this one any more",
                          "trace_message.offset"},
                  round_);
            return false;
        }
        at_.body = chunk->at(trace_.offset).apart();
        at_.stored_at = chunk->stored_at;
        return true;
    }

    std::optional<TraceRow> row_of_direct(Queue& subscription) {
        auto row = row_at(subscription, trace_.offset);
        if (row && row->state == TraceState::done && trace_.offset < subscription.began) {
            row->state = TraceState::before;
        }
        return row;
    }

    std::optional<TraceRow> row_at(Queue& subscription, Offset own) {
        if (subscription.attaching != 0) {
            subscription.waiting_attach.push_back(std::move(request_));
            return std::nullopt;
        }
        const JobLookup found = look_up_job(state_, subscription, own, now_);
        if (const auto* job = std::get_if<FoundJob>(&found)) {
            return row_of(subscription, *job);
        }
        const auto* unread = std::get_if<UnreadJob>(&found);
        if (unread == nullptr) {
            return TraceRow{subscription.name, TraceState::done, own};
        }
        if (*unread == UnreadJob::chunk) {
            state_.read_chunks(subscription, own, std::move(request_), round_);
        } else {
            read_jobs(state_, subscription, {own}, std::move(request_), round_);
        }
        return std::nullopt;
    }

    std::optional<TraceRow> row_of_selecting(Queue& subscription) {
        if (matching(subscription.selects->filter.get(), *at_.body).empty()) {
            return TraceRow{subscription.name, TraceState::filtered};
        }
        if (!at_.own && !find_own(subscription)) {
            return std::nullopt;
        }
        if (at_.own) {
            return row_at(subscription, *at_.own);
        }
        return row_of_left(subscription);
    }

    /// Looks among what is not settled. False: the request waits for a chunk.
    bool find_own(Queue& subscription) {
        close_chunks(state_, subscription, round_);
        for (Offset offset = subscription.acks.next_clear(at_.from);
             offset < subscription.end && at_.chunks < chunks_looked_through;
             offset = subscription.acks.next_clear(at_.from)) {
            const ChunkPtr chunk = subscription.window.resident(offset);
            if (!chunk) {
                state_.read_chunks(subscription, offset, std::move(request_), round_);
                return false;
            }
            at_.chunks += 1;
            at_.from = chunk->end();
            drop_read();
            if (const auto own = offset_in(*chunk); own && !subscription.acks.test(*own)) {
                at_.own = own;
                return true;
            }
        }
        return true;
    }

    std::optional<Offset> offset_in(const Chunk& chunk) const {
        Offset own = chunk.first;
        for (const ChunkSource& source : chunk.sources) {
            const bool here = trace_.offset >= source.first && trace_.offset < source.first + source.count;
            if (source.log == topic_.id && here) {
                return own + (trace_.offset - source.first);
            }
            own += source.count;
        }
        return std::nullopt;
    }

    /// It is not among what waits in the log or is leased out of it.
    TraceRow row_of_left(const Queue& subscription) const {
        const auto is_it = [this](const MessageRecord& record) {
            return record.meta && record.meta->source == MessageSource{topic_.id, trace_.offset};
        };
        const auto row = [&](const MessageRecord& record, MessageState state) {
            FoundJob job;
            job.state = state;
            job.record = record;
            return row_of(subscription, job);
        };
        for (const auto& [place, record] : subscription.lane.ready()) {
            if (is_it(record)) {
                return row(record, MessageState::waiting);
            }
        }
        for (const auto& [key, record] : subscription.lane.window().records()) {
            if (is_it(record)) {
                return row(record, MessageState::delayed);
            }
        }
        for (const auto& [number, batch] : subscription.leases.batches()) {
            for (const auto& [position, detail] : batch->details) {
                if (detail.lane && !batch->is_settled(position) && is_it(*detail.lane)) {
                    FoundJob job;
                    job.state = MessageState::leased;
                    job.record = *detail.lane;
                    job.batch = batch.get();
                    job.position = position;
                    return row_of(subscription, job);
                }
            }
        }
        const auto fill = subscription.references->fills.find(topic_.id);
        const bool to_come = fill != subscription.references->fills.end() && fill->second.from <= trace_.offset;
        if (to_come || at_.chunks == chunks_looked_through) {
            return TraceRow{subscription.name, TraceState::unknown};
        }
        // A pattern has begun in each topic somewhere else.
        const bool one_topic = subscription.topic_id != QueueId{};
        if (one_topic && trace_.offset < subscription.began) {
            return TraceRow{subscription.name, TraceState::before};
        }
        const bool told = one_topic && subscription.failed_count == 0 && subscription.lane.window().complete();
        return TraceRow{subscription.name, told ? TraceState::done : TraceState::settled};
    }

    State& state_;
    Queue& topic_;
    Request& request_;
    TraceMessage& trace_;
    TraceMessage::Progress& at_;
    TimeMs now_;
    Round& round_;
};

}  // namespace

void apply_trace(State& state, Request&& request, TimeMs now, Round& round) {
    const TraceMessage& trace = std::get<TraceMessage>(request.body);
    Queue* const topic = find_topic(state, request, trace.topic, round);
    if (topic == nullptr) {
        return;
    }
    if (trace.offset < topic->acks.low() || trace.offset >= topic->end) {
        reply(request,
              Refusal{RefusalCode::message_not_found, "the topic does not have this message, or no longer",
                      "trace_message.offset", topic->end},
              round);
        return;
    }
    Tracing(state, *topic, request, now, round).run();
}

}  // namespace baton::core
