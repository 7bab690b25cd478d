#pragma once
// What a group does that has as many messages as it may have: takes no more, or drops its last of the lowest priority
// and then its oldest. Included by the core's sources only.

#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/overflow.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

struct PreparedProduce;
struct Produce;
struct Queue;
struct Round;
struct State;

/// Makes room in the groups of what is produced, but for items that are refused anyway. Per item, those that find no
/// room join the refused; otherwise all must fit. `reading`: the request was parked until a body is read.
/// Whether some group has no room for what is planned, and nothing that waits can be dropped for it.
bool groups_refuse(const Queue& queue, const Produce& produce, const PreparedProduce& prepared);
Room make_group_room(State& state, Queue& queue, const Produce& produce, Request& request, PreparedProduce& prepared,
                     TimeMs now, Round& round);
/// Whether one more message fits into the group.
bool group_has_room(const Queue& queue, const std::string& group, std::uint64_t more = 1);
Refusal group_full(const Queue& queue);

/// What of the groups goes first when the queue itself is full; nothing when the request was parked to read it, or when
/// there is nothing (`empty`).
std::optional<MessageRecord> take_from_groups(State& state, Queue& queue, Request& request, bool& empty, Round& round);

}  // namespace baton::core
