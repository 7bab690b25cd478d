#include "server/core/list_jobs.hpp"

#include "server/core/limits.hpp"
#include "server/core/message_list.hpp"
#include "server/core/state.hpp"
#include "server/core/stored_message.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace baton::core {

struct Listing {
    JobFilterPtr filter;
    std::uint32_t limit = 0;
    std::vector<StoredMessage> found;
    std::uint64_t bytes = 0;
    std::uint32_t scanned = 0;
};

namespace {

constexpr std::array states_in_order{MessageState::waiting,   MessageState::prioritized,     MessageState::grouped,
                                     MessageState::delayed,   MessageState::leased,          MessageState::failed,
                                     MessageState::completed, MessageState::waiting_children};

/// The first state at or behind this one in which something may match; 0 when there is none.
MessageState state_from(const JobFilter& filter, std::size_t place) {
    for (; place < states_in_order.size(); ++place) {
        if (filter.states == 0 || (filter.states & state_bit(states_in_order[place])) != 0) {
            return states_in_order[place];
        }
    }
    return MessageState{};
}

std::size_t place_of_state(MessageState state) {
    return static_cast<std::size_t>(std::find(states_in_order.begin(), states_in_order.end(), state) -
                                    states_in_order.begin());
}

std::uint64_t bytes_of(const StoredMessage& message) { return message.body.count == 0 ? 0 : message.body.size_of(0); }

/// Takes what matches. The number of messages to read anew when there are more than are wanted, else 0.
std::uint32_t take_matches(Listing& listing, MessageList& page) {
    const std::size_t room = listing.limit - listing.found.size();
    std::vector<std::size_t> matching;
    for (std::size_t i = 0; i < page.messages.size(); ++i) {
        if (!matches(*listing.filter, page.queue, page.messages[i])) {
            continue;
        }
        if (matching.size() == room) {
            return static_cast<std::uint32_t>(i);
        }
        matching.push_back(i);
    }
    for (const std::size_t i : matching) {
        listing.bytes += bytes_of(page.messages[i]);
        listing.found.push_back(std::move(page.messages[i]));
    }
    return 0;
}

}  // namespace

void apply_list_jobs(State& state, Request&& request, Round& round) {
    const ListJobs& list = std::get<ListJobs>(request.body);
    if (auto fault = check_filter(*list.filter, "list_jobs.filter")) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (list.limit == 0 || list.limit > limits::page_messages_max) {
        reply(request, invalid("list_jobs.limit", "limit is from 1 to 1000", limits::page_messages_max), round);
        return;
    }
    const bool anew = list.from_state == MessageState{};
    Peek peek;
    peek.queue = list.queue;
    peek.state = anew ? state_from(*list.filter, 0) : list.from_state;
    peek.from_at = list.from_at;
    peek.from_offset = list.from_offset;
    peek.from_rank = list.from_rank;
    peek.from_group = list.from_group;
    peek.limit = limits::list_slice_messages;
    peek.listing = std::make_shared<Listing>(Listing{list.filter, list.limit, {}, 0, 0});
    request.body = std::move(peek);
    state.rerun.push_back(std::move(request));
}

void answer_page(State& state, Request&& request, MessageList&& page, Round& round) {
    name_topics(state, page);
    Peek& peek = std::get<Peek>(request.body);
    if (!peek.listing) {
        reply(request, std::move(page), round);
        return;
    }
    Listing& listing = *peek.listing;
    if (const std::uint32_t fewer = take_matches(listing, page); fewer != 0) {
        peek.limit = fewer;
        state.rerun.push_back(std::move(request));
        return;
    }
    listing.scanned += page.more ? peek.limit : static_cast<std::uint32_t>(page.messages.size());
    if (page.more) {
        peek.from_at = page.next_at;
        peek.from_offset = page.next_offset;
        peek.from_rank = page.next_rank;
        peek.from_group = page.next_group;
    } else {
        peek.state = state_from(*listing.filter, place_of_state(peek.state) + 1);
        peek.from_at = 0;
        peek.from_offset = 0;
        peek.from_rank = 0;
        peek.from_group = {};
    }
    peek.limit = limits::list_slice_messages;
    const bool over = peek.state == MessageState{};
    if (!over && listing.found.size() < listing.limit && listing.scanned < limits::list_scan_messages &&
        listing.bytes < limits::commit_bytes_max) {
        state.rerun.push_back(std::move(request));
        return;
    }
    MessageList out;
    out.queue = page.queue;
    out.messages = std::move(listing.found);
    out.scanned = listing.scanned;
    out.more = !over;
    out.next_state = peek.state;
    out.next_at = peek.from_at;
    out.next_offset = peek.from_offset;
    out.next_rank = peek.from_rank;
    out.next_group = peek.from_group;
    reply(request, std::move(out), round);
}

}  // namespace baton::core
