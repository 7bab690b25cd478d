#pragma once
// Children for a message that is there already: one that runs, or that waits for children. Included by the core's
// sources only.

#include "server/core/flow_request.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <cstddef>
#include <optional>
#include <variant>

namespace baton::core {

struct Flow;
struct LeaseBatch;
struct Queue;
struct Round;
struct State;

/// The parent of what a request adds, as it was found: everything that must be read for it is in memory.
struct AttachTo {
    Queue* queue = nullptr;
    FlowId flow;
    /// Who holds it, and what its record is, or would be if it had one; null: it waits for children.
    LeaseBatch* batch = nullptr;
    std::optional<MessageRecord> record;
    /// How many children it has.
    std::size_t children = 0;
};
/// The request is parked until something is read.
struct AttachParked {};

/// `added` children are to be added by `request`, whose parent this is.
std::variant<AttachTo, AttachParked, Refusal> find_parent(State& state, const FlowParent& parent, std::size_t added,
                                                          Request& request, TimeMs now, Round& round);
/// Makes a found message the parent of these children, which are being stored in the same commit.
void attach_children(State& state, AttachTo&& to, std::vector<FlowChild>&& children, TimeMs now, Round& round);

}  // namespace baton::core
