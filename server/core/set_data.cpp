// A new body for a leased message: what a redelivery, and the record of its end, then carry. A message of the plain
// lane leaves its chunk for a record of its own.
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/lease_table.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/reports.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace baton::core {

namespace {

std::optional<Refusal> check_size(const Queue& queue, std::uint64_t before, std::uint64_t after) {
    if (after > queue.settings.max_message_bytes) {
        return Refusal{RefusalCode::message_too_large,
                       "the data is larger than the queue's max_message_bytes of " +
                           std::to_string(queue.settings.max_message_bytes),
                       "set_data.entry", queue.settings.max_message_bytes};
    }
    const std::uint64_t most = queue.settings.max_bytes;
    if (after > before && most != 0 && queue.live_bytes - before + after > most) {
        return Refusal{RefusalCode::queue_full, "the queue has no room for larger data", "set_data.entry", most, true};
    }
    return std::nullopt;
}

/// The run of one message, cut out of the one that it is in, with the size of its new body.
void resize(LeaseBatch& batch, Offset offset, const EntryRun& body) {
    const auto at = std::find_if(batch.runs.begin(), batch.runs.end(), [&](const LeasedRun& run) {
        return offset >= run.first && offset - run.first < run.count;
    });
    const LeasedRun whole = *at;
    const auto before = static_cast<std::uint32_t>(offset - whole.first);
    std::vector<LeasedRun> parts;
    if (before != 0) {
        parts.push_back(whole);
        parts.back().count = before;
    }
    parts.push_back({offset, 1, whole.position + before, whole.stored_at, body.index, body.from});
    if (const std::uint32_t behind = whole.count - before - 1; behind != 0) {
        parts.push_back({offset + 1, behind, whole.position + before + 1, whole.stored_at, whole.index,
                         whole.index_from + before + 1});
    }
    batch.runs.insert(batch.runs.erase(at), parts.begin(), parts.end());
}

/// Into the timed lane and out of it, held by the same lease.
MessageRecord leave_chunk(State& state, Queue& queue, MessageRecord&& record, TimeMs now, Round& round) {
    record.at = now;
    record.lane = Lane::timed;
    queue.leased_plain -= 1;
    leave_plain(state, queue, record.offset, 1, round);
    queue.leased_lane += 1;
    put_leased_record(state, queue, record, round);
    return std::move(record);
}

}  // namespace

void set_data(State& state, Queue& queue, LeaseBatch& batch, Request&& request, TimeMs now, Round& round) {
    const SetData& set = std::get<SetData>(request.body);
    if (batch.restart_hold) {
        // Nothing on disk says whose it is, so that a second restart could not tell either.
        reply(request,
              Refusal{RefusalCode::busy, "the lease began just before a restart: its data stays as it is", "token", 0,
                      true, 0},
              round);
        return;
    }
    const std::uint32_t position = batch.position_of(*batch.run_of(set.offset), set.offset);
    LeasedDetail detail = detail_of(queue, batch, position, set.offset);
    const ChunkPtr chunk = detail.lane ? nullptr : queue.window.resident(set.offset);
    if (!detail.lane && !chunk) {
        const Offset offset = set.offset;
        state.read_chunks(queue, offset, std::move(request), round);
        return;
    }
    const std::uint64_t before = leased_bytes(queue, *batch.run_of(set.offset), set.offset, 1);
    const std::uint64_t after = set.entry.size_of(0);
    if (auto fault = check_size(queue, before, after)) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (detail.lane) {
        if (!planted(PlantedBug::old_body_comes_back)) {
            detail.lane->body = set.entry;
        }
        round.mutations.push_back(
            PutLaneRecord{queue.ns, queue.id, detail.lane->lane, queue.lane_generation, *detail.lane});
        queue.job_reads.changed(set.offset);
    } else {
        MessageRecord record = record_of(queue, chunk, set.offset);
        record.body = set.entry;
        detail.lane = leave_chunk(state, queue, std::move(record), now, round);
    }
    resize(batch, set.offset, set.entry);
    batch.details[position] = std::move(detail);
    batch.open_bytes = batch.open_bytes - std::min(batch.open_bytes, before) + after;
    if (batch.consumer != nullptr) {
        std::size_t& in_flight = batch.consumer->in_flight_bytes;
        in_flight = in_flight - std::min<std::size_t>(in_flight, before) + after;
    }
    queue.live_bytes = queue.live_bytes - before + after;
    round.bytes += after;
    batch.recorded = true;
    round.mutations.push_back(lease_record(queue, batch));
    state.touch(queue, round);
    reply(request, Done{}, round);
}

}  // namespace baton::core
