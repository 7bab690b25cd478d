// Delivery: which messages go into one. The plain lane, what came back and the timed lane are merged by place.
#include "server/core/allowance.hpp"
#include "server/core/delivery.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/place.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

void Delivery::add_run(Offset first, TimeMs stored_at, EntryRun run, const MessageSource& source) {
    batch_.runs.push_back({first, run.count, static_cast<std::uint32_t>(taken_), stored_at, run.index, run.from});
    bytes_ += run.bytes().size();
    taken_ += run.count;
    Deliver::Run& told = out_.runs.emplace_back(Deliver::Run{first, stored_at, std::move(run)});
    const Queue* topic = source.topic == QueueId{} ? nullptr : state_.find(source.topic);
    if (topic != nullptr) {
        told.topic = topic->name;
        told.topic_offset = source.offset;
    }
}

void Delivery::add_detail(Offset offset, LeasedDetail&& detail, const MetaPtr& meta) {
    Deliver::Detail told{offset,
                         detail.counters,
                         detail.cause,
                         meta ? meta->origin : nullptr,
                         meta ? meta->lease_ms : 0,
                         meta ? meta->priority : 0,
                         meta ? meta->scheduled : nullptr,
                         meta ? meta->max_attempts : 0,
                         meta ? meta->group : nullptr,
                         meta ? meta->identity : nullptr,
                         meta && meta->has_flow};
    if (told.lease_ms != 0) {
        detail.deadline = now_ + told.lease_ms;
    }
    if (meta && meta->run_limit_ms != 0) {
        detail.ends_at = now_ + meta->run_limit_ms;
    }
    if (queue_.keys && has_group(meta)) {
        detail.key = meta->group;
        queue_.keys->taken(meta->group->id, {consumer_.session, consumer_.id});
    }
    out_.details.push_back(std::move(told));
    batch_.details.emplace(static_cast<std::uint32_t>(taken_ - 1), std::move(detail));
}

const MessageRecord& Delivery::head_of(Lane lane) const {
    return chosen_                     ? *queue_.lane.find_ready(*chosen_)
           : lane == Lane::grouped     ? queue_.groups->ring.head(turn_)
           : lane == Lane::prioritized ? queue_.prioritized.records().begin()->second
                                       : queue_.lane.ready().begin()->second;
}

MessageRecord Delivery::take_record(Lane lane) {
    if (chosen_) {
        return *take_ready(queue_, *chosen_);
    }
    if (lane == Lane::grouped) {
        return queue_.groups->ring.take(turn_);
    }
    return lane == Lane::prioritized ? take_ranked(queue_, queue_.prioritized.records().begin())
                                     : queue_.lane.take_ready();
}

/// Takes the first of a lane out of its queue instead of delivering it.
bool Delivery::drop_record(Lane lane, EndReason reason) {
    MessageRecord record = take_record(lane);
    queue_.lane_fences.erase(record.offset);
    remove_lane_record(queue_, record, round_);
    move_out(state_, queue_, std::move(record), reason, now_, round_);
    return true;
}

bool Delivery::may_take_alone() {
    full_ = true;
    if (taken_ != 0 || consumer_.isolated != 0) {
        waits_alone_ = taken_ == 0;
        return false;
    }
    batch_.isolated = true;
    return true;
}

bool Delivery::take_lane(Lane lane) {
    const MessageRecord& head = head_of(lane);
    const TimeMs expires = expiry_of(queue_, head.ready_at, head.meta);
    if (expires != 0 && expires <= now_) {
        return drop_record(lane, EndReason::expired);
    }
    const std::uint32_t most = queue_.settings.max_deliveries;
    if (most != 0 && head.meta && head.meta->cause == Cause::restart && head.meta->counters.deliveries >= most) {
        // The delivery that the restart presumed was the last it may have.
        return drop_record(lane, EndReason::deliveries_exhausted);
    }
    if (!fits(head.body.size_of(0))) {
        full_ = true;
        return false;
    }
    const bool alone = head.meta && head.meta->isolated;
    if (alone && !may_take_alone()) {
        return false;
    }
    MessageRecord record = take_record(lane);
    queue_.lane_fences.erase(record.offset);
    if (lane != Lane::timed) {
        ranked_ += 1;
    } else {
        if (record.at <= queue_.restart_lane_horizon && record.meta && record.meta->cause == Cause::restart) {
            // The delivery that the restart presumed is on disk before the next one, or a second restart would forget
            // it.
            round_.mutations.push_back(
                PutLaneRecord{queue_.ns, queue_.id, Lane::timed, queue_.lane_generation, record});
        }
        queue_.lane_horizon = std::max(queue_.lane_horizon, record.at);
    }
    LeasedDetail detail;
    if (record.meta) {
        detail.counters = record.meta->counters;
        detail.cause = record.meta->cause;
        detail.attempts = record.meta->attempts;
        detail.counters.deliveries += 1;
        detail.isolated = record.meta->isolated;
    }
    add_run(record.offset, record.stored_at, record.body, record.meta ? record.meta->source : MessageSource{});
    const MetaPtr meta = record.meta;
    const Offset offset = record.offset;
    queue_.leased_of(lane) += 1;
    if (lane == Lane::grouped) {
        group_leased(state_, queue_, meta->group, now_);
    }
    detail.lane = std::move(record);
    add_detail(offset, std::move(detail), meta);
    return true;
}

bool Delivery::take_group() {
    if (!queue_.groups) {
        return false;
    }
    const Turn turn = find_turn(state_, queue_, turn_, now_, round_);
    reading_ = turn == Turn::reading;
    return turn == Turn::found && take_lane(Lane::grouped);
}

std::uint32_t Delivery::fitting(const EntryRun& run) const {
    const std::uint64_t room = want_.bytes - std::min(want_.bytes, bytes_);
    if (run.bytes().size() <= room || (taken_ == 0 && planted(PlantedBug::credit_in_bytes_ignored))) {
        return run.count;
    }
    const auto ends = run.index->bounds.begin() + run.from + 1;
    const std::uint64_t limit = run.index->bounds[run.from] + room;
    const auto fit = static_cast<std::uint32_t>(std::upper_bound(ends, ends + run.count, limit) - ends);
    return taken_ == 0 ? std::max(fit, 1U) : fit;
}

bool Delivery::take_plain(Offset offset, const ChunkPtr& chunk) {
    const MetaPtr meta = chunk->meta_of(offset);
    const TimeMs expires = expiry_of(queue_, chunk->stored_at, meta);
    if (expires != 0 && expires <= now_) {
        queue_.next = offset + 1;
        expire_plain(state_, queue_, chunk, offset, now_, round_);
        return true;
    }
    std::uint64_t n = std::min<std::uint64_t>(want_.messages - taken_, chunk->end() - offset);
    if (!chunk->metas.empty()) {
        n = 1;
    } else if (queue_.acks.bits_set() != 0 && queue_.acks.count_set(offset, n) != 0) {
        std::uint64_t clear = 1;
        while (clear < n && !queue_.acks.test(offset + clear)) {
            ++clear;
        }
        n = clear;
    }
    MessageSource from;
    if (!chunk->sources.empty()) {
        const ChunkSource source = chunk->source_of(offset);
        from = {source.log, source.first};
        n = std::min<std::uint64_t>(n, source.count);
    }
    const std::uint64_t taken_before = taken_;
    std::vector<EntryRun> runs;
    chunk->slice(offset, static_cast<std::uint32_t>(n), runs);
    for (EntryRun& run : runs) {
        const std::uint32_t count = fitting(run);
        full_ = count < run.count;
        if (count == 0) {
            break;
        }
        run.count = count;
        add_run(offset, chunk->stored_at, std::move(run), from);
        offset += count;
        from.offset += count;
        plain_ += count;
        queue_.next = offset;
        if (full_) {
            break;
        }
    }
    if (meta && taken_ > taken_before) {
        LeasedDetail detail;
        detail.counters = meta->counters;
        detail.counters.deliveries += 1;
        detail.cause = meta->cause;
        detail.attempts = meta->attempts;
        add_detail(offset - 1, std::move(detail), meta);
    }
    return !full_;
}

std::optional<Place> Delivery::first_in_lanes(Lane& lane) {
    std::optional<Place> best;
    if (queue_.lane.has_ready()) {
        best = queue_.lane.ready_head();
        lane = Lane::timed;
    }
    if (!queue_.prioritized.records().empty()) {
        const LaneKey& head = queue_.prioritized.records().begin()->first;
        const Place place{head.rank, head.at, head.offset};
        if (!best || place < *best) {
            best = place;
            lane = Lane::prioritized;
        }
    }
    return best;
}

bool Delivery::take_next() {
    const auto due_waits = [this] {
        const auto due = queue_.lane.next_due();
        return due && *due <= now_;
    };
    if (due_waits()) {
        promote_due(state_, queue_, now_, round_);  // More may be due than the ready ones are bounded to.
    }
    if (due_waits() || queue_.lane.head_unknown() || queue_.prioritized_unknown()) {
        // What a round had no room to move, or something due on disk, may stand before everything else: it comes first.
        state_.arm(queue_, now_);
        reading_ = true;
        return false;
    }
    if (queue_.keys) {
        return take_by_key();
    }
    const Offset head = queue_.acks.next_clear(queue_.next);
    const bool again = !queue_.waiting_again.empty();
    const bool plain = head < queue_.end;
    Lane lane = Lane::timed;
    const std::optional<Place> best = first_in_lanes(lane);
    if (planted(PlantedBug::returned_place_lost) && again && plain && !best) {
        if (const ChunkPtr chunk = queue_.window.resident(head)) {
            return take_plain(head, chunk);
        }
    }
    if (again) {
        // A restart knows the place only from the chunk, which take_again() reads when it is not there.
        const Offset offset = queue_.waiting_again.begin()->first;
        const ChunkPtr chunk = best ? queue_.window.resident(offset) : nullptr;
        const bool behind = chunk && *best < plain_place(queue_, chunk->stored_at, offset);
        return behind ? take_lane(lane) : take_again(offset);
    }
    if (!plain) {
        return best ? take_lane(lane) : take_group();
    }
    const ChunkPtr chunk = queue_.window.resident(head);
    if (!chunk) {
        state_.read_chunks(queue_, head, std::nullopt, round_);
        reading_ = true;
        return false;
    }
    const bool behind = best && *best < plain_place(queue_, chunk->stored_at, head);
    return behind ? take_lane(lane) : take_plain(head, chunk);
}

void Delivery::send() {
    batch_.number = queue_.next_batch++;
    batch_.epoch = state_.options.epoch;
    batch_.session = consumer_.session;
    batch_.consumer_id = consumer_.id;
    batch_.consumer = &consumer_;
    batch_.worker = consumer_.worker;
    batch_.lease_ms = want_.lease_ms;
    batch_.delivered_at = now_;
    batch_.deadline = now_ + want_.lease_ms;
    batch_.ends_at = queue_.settings.run_limit_ms != 0 ? now_ + queue_.settings.run_limit_ms : 0;
    batch_.open_bytes = bytes_;
    out_.connection = consumer_.connection;
    out_.request = want_.request;
    out_.consumer = consumer_.id;
    out_.token = {state_.options.epoch, queue_.id, batch_.number};
    out_.lease_ms = want_.lease_ms;
    queue_.totals.redelivered += static_cast<std::uint64_t>(
        std::count_if(out_.details.begin(), out_.details.end(),
                      [](const Deliver::Detail& detail) { return detail.counters.deliveries > 1; }));
    if (queue_.keeps_events()) {
        const EventDetailPtr to = consumer_.worker.empty() ? nullptr : event_text(consumer_.worker);
        for (const Deliver::Run& run : out_.runs) {
            add_event(state_, queue_, EventType::active, run.first, run.entries.count, round_, to);
        }
    }
    spend_permits(queue_, taken_, now_);
    consumer_.isolated += batch_.isolated ? 1 : 0;
    consumer_.in_flight_messages += taken_;
    consumer_.in_flight_bytes += bytes_;
    consumer_.batches.insert(batch_.number);
    queue_.leased_plain += plain_;
    if (!planted(PlantedBug::horizon_not_raised)) {
        queue_.horizon = std::max(queue_.horizon, queue_.next);
    }
    LeaseBatch& filed = queue_.leases.add(std::move(batch_));
    if (ranked_ != 0) {
        // Prioritized messages have no delivery horizon, since new ones come to stand before old ones at any time.
        filed.recorded = true;
        round_.mutations.push_back(lease_record(queue_, filed));
    }
    state_.arm(queue_, std::min(filed.filed_deadline, now_ + limits::lease_record_after_ms));
    // The record carries the horizon and the batch number: a delivery leaves only after they are on disk.
    state_.touch(queue_, round_);
    round_.effects.push_back(std::move(out_));
    if (value(want_.request) != 0) {
        consumer_.fetches.pop_front();
    }
}

}  // namespace baton::core
