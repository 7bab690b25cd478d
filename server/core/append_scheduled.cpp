// A message that a schedule makes: stored as one that is produced, without asking for room for long.
#include "server/core/group_overflow.hpp"
#include "server/core/overflow.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/routing.hpp"
#include "server/core/schedule.hpp"
#include "server/core/state.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace baton::core {

std::optional<std::variant<Offset, Refusal>> append_scheduled(State& state, Queue& queue, const ScheduleSpec& spec,
                                                              std::shared_ptr<const ScheduledRun> run, Request& request,
                                                              TimeMs now, Round& round) {
    const std::uint64_t bytes = spec.entry.size_of(0);
    if (bytes > queue.settings.max_message_bytes) {
        return too_large(queue);
    }
    if (auto fault = check_options(queue, spec.options)) {
        return std::move(*fault);
    }
    if (queue.kind == QueueKind::subscription) {
        return Refusal{RefusalCode::wrong_kind, "a subscription gets what its topic gets"};
    }
    if (room_unknown(queue)) {
        queue.waiting_attach.push_back(std::move(request));
        return std::nullopt;
    }
    if (over_limit(queue, 1, bytes)) {
        const Room room = make_room(state, queue, 1, bytes, request, now, round);
        if (room == Room::reading) {
            return std::nullopt;
        }
        if (room == Room::no) {
            return queue_full(queue);
        }
    }
    if (!group_has_room(queue, spec.options.group.value_or(""))) {
        return group_full(queue);
    }
    if (queue.kind == QueueKind::topic) {
        std::optional<Refusal> fault;
        if (prepare_routes(state, queue, spec.entry, spec.options, request, fault, now, round) == Readiness::parked) {
            return std::nullopt;
        }
        if (fault) {
            return std::move(*fault);
        }
    }
    const Offset offset = queue.end;
    store_message(state, queue, spec.entry, spec.options, now, round, std::move(run));
    queue.totals.produced += 1;
    return offset;
}

}  // namespace baton::core
