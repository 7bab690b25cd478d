// Where a subscription begins: by offset, or by the time at which messages were stored, which only their chunks tell.
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <variant>

namespace baton::core {

namespace {

/// The bytes of the log before a message, of a chunk in hand.
std::uint64_t bytes_before(const Chunk& chunk, Offset offset) {
    std::uint64_t bytes = chunk.bytes_before;
    std::vector<EntryRun> runs;
    if (offset != chunk.first) {
        chunk.slice(chunk.first, static_cast<std::uint32_t>(offset - chunk.first), runs);
    }
    for (const EntryRun& run : runs) {
        bytes += run.bytes().size();
    }
    return bytes;
}

/// Halves [low, high) until the first message that is not older is at `low`; false: a chunk is being read.
bool look_for(State& state, Queue& topic, TimeMs at, Offset& low, Offset& high, Request& request, Round& round) {
    while (low < high) {
        const Offset middle = low + (high - low) / 2;
        const ChunkPtr chunk = topic.window.resident(middle);
        if (!chunk) {
            state.read_chunks(topic, middle, std::move(request), round);
            return false;
        }
        (chunk->stored_at < at ? low : high) = chunk->stored_at < at ? chunk->end() : std::max(low, chunk->first);
    }
    return true;
}

}  // namespace

std::optional<Refusal> check_start(const Queue& topic, const StartAt& start, const char* field) {
    if (std::holds_alternative<StartLastPerKey>(start) && !topic.keeps.compact) {
        return invalid(field, "the topic does not know the last message of each key: it is not kept with compact");
    }
    return std::nullopt;
}

std::optional<Beginning> find_beginning(State& state, Queue& topic, const StartAt& start, Offset& low, Offset& high,
                                        QueueId& looking, Request& request, Round& round) {
    close_chunks(state, topic, round);
    const Offset oldest = topic.acks.low();
    Offset offset = topic.end;
    if (std::holds_alternative<StartBeginning>(start) || std::holds_alternative<StartLastPerKey>(start)) {
        offset = oldest;
    } else if (std::holds_alternative<StartLast>(start)) {
        if (looking != topic.id) {
            looking = topic.id;  // What is published while its chunk is read comes behind it.
            low = topic.end - std::min<Offset>(topic.end, 1);
        }
        offset = std::max(oldest, low);
    } else if (const auto* named = std::get_if<StartOffset>(&start)) {
        offset = std::clamp(named->offset, oldest, topic.end);
    } else if (const auto* time = std::get_if<StartTime>(&start)) {
        if (looking != topic.id) {
            looking = topic.id;
            low = 0;
            high = topic.end;
        }
        low = std::max(low, oldest);
        if (!look_for(state, topic, time->at, low, high, request, round)) {
            return std::nullopt;
        }
        offset = std::min(low, topic.end);
    }
    if (offset == topic.end || offset == oldest) {
        return Beginning{offset, offset == oldest ? topic.live_bytes + topic.holes.bytes : 0};
    }
    const ChunkPtr chunk = topic.window.resident(offset);
    if (!chunk) {
        state.read_chunks(topic, offset, std::move(request), round);
        return std::nullopt;
    }
    return Beginning{offset, topic.log_bytes - bytes_before(*chunk, offset)};
}

}  // namespace baton::core
