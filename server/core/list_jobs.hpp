#pragma once
// Listing messages by a filter: state after state, each in slices as a peek reads them. Included by the core's sources
// only, but for the request.

#include "server/core/group_id.hpp"
#include "server/core/ids.hpp"
#include "server/core/job_filter.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

struct MessageList;
struct Request;
struct Round;
struct State;

/// Answered by a MessageList with what was found until there is enough, or enough was looked at: it may be short, also
/// empty, and yet have a next.
struct ListJobs {
    std::string queue;
    JobFilterPtr filter;
    std::uint32_t limit = 10;
    /// Where to go on, as the MessageList said; state 0 = from the start.
    MessageState from_state{};
    TimeMs from_at = 0;
    Offset from_offset = 0;
    std::int64_t from_rank = 0;
    GroupId from_group = {};
};

/// What the peeks of one listing have found.
struct Listing;

void apply_list_jobs(State& state, Request&& request, Round& round);
/// A page was read for a peek, which is its answer, or a slice of a listing.
void answer_page(State& state, Request&& request, MessageList&& page, Round& round);

}  // namespace baton::core
