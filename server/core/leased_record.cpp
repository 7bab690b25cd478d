// A leased message whose record changes while it is held: one of the plain lane leaves its chunk for a record of its
// own, in the timed lane and out of it, held by the same lease.
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/lease_table.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

/// The run of one message, cut out of the one that it is in, with the size of its body.
void cut_out(LeaseBatch& batch, Offset offset, const EntryRun& body) {
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

std::optional<MessageRecord> leased_record(State& state, Queue& queue, const LeaseBatch& batch, Offset offset,
                                           Request& request, Round& round) {
    LeasedDetail detail = detail_of(queue, batch, batch.position_of(*batch.run_of(offset), offset), offset);
    if (detail.lane) {
        return std::move(*detail.lane);
    }
    const ChunkPtr chunk = queue.window.resident(offset);
    if (!chunk) {
        state.read_chunks(queue, offset, std::move(request), round);
        return std::nullopt;
    }
    return record_of(queue, chunk, offset);
}

void change_leased_record(State& state, Queue& queue, LeaseBatch& batch, MessageRecord&& record, TimeMs now,
                          Round& round) {
    const Offset offset = record.offset;
    const std::uint32_t position = batch.position_of(*batch.run_of(offset), offset);
    const std::uint64_t before = leased_bytes(queue, *batch.run_of(offset), offset, 1);
    const std::uint64_t after = record.body.size_of(0);
    LeasedDetail detail = detail_of(queue, batch, position, offset);
    if (detail.lane) {
        round.mutations.push_back(PutLaneRecord{queue.ns, queue.id, record.lane, queue.lane_generation, record});
        queue.job_reads.changed(offset);
        detail.lane = std::move(record);
    } else {
        detail.lane = leave_chunk(state, queue, std::move(record), now, round);
    }
    cut_out(batch, offset, detail.lane->body);
    batch.details[position] = std::move(detail);
    batch.open_bytes = batch.open_bytes - std::min(batch.open_bytes, before) + after;
    if (batch.consumer != nullptr) {
        std::size_t& in_flight = batch.consumer->in_flight_bytes;
        in_flight = in_flight - std::min<std::size_t>(in_flight, before) + after;
    }
    queue.live_bytes = queue.live_bytes - before + after;
    round.bytes += after;
    // Nothing else on disk says whose it is, now that it is no longer in its chunk.
    batch.recorded = true;
    round.mutations.push_back(lease_record(queue, batch));
    state.touch(queue, round);
}

}  // namespace baton::core
