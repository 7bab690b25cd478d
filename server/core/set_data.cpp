// A new body for a leased message: what a redelivery, and the record of its end, then carry.
#include "server/core/planted_bug.hpp"
#include "server/core/reports.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <optional>
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

}  // namespace

Refusal held_since_before_restart() {
    // Nothing on disk says whose it is, so that a second restart could not tell either.
    return {
        RefusalCode::busy, "the lease began just before a restart: its message stays as it is", "token", 0, true, 0};
}

void set_data(State& state, Queue& queue, LeaseBatch& batch, Request&& request, TimeMs now, Round& round) {
    const SetData& set = std::get<SetData>(request.body);
    if (batch.restart_hold) {
        reply(request, held_since_before_restart(), round);
        return;
    }
    std::optional<MessageRecord> record = leased_record(state, queue, batch, set.offset, request, round);
    if (!record) {
        return;
    }
    const std::uint64_t before = leased_bytes(queue, *batch.run_of(set.offset), set.offset, 1);
    if (auto fault = check_size(queue, before, set.entry.size_of(0))) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (!planted(PlantedBug::old_body_comes_back)) {
        record->body = set.entry;
    }
    change_leased_record(state, queue, batch, std::move(*record), now, round);
    reply(request, Done{}, round);
}

}  // namespace baton::core
