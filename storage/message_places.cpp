#include "storage/message_places.hpp"

#include <utility>

namespace baton::storage {

MessagePlaces::Known& MessagePlaces::known(core::QueueId queue) {
    if (const auto found = queues_.find(queue); found != queues_.end()) {
        return found->second;
    }
    Known fresh;
    // Of a queue that is deleted there is none, and nothing is in it.
    fresh.state =
        reads_.record_at<core::PutQueueState>(queue_state_key(ns_, queue)).value_or(core::PutQueueState{ns_, queue});
    fresh.acks.restore(fresh.state);
    return queues_.emplace(queue, std::move(fresh)).first->second;
}

MessagePlaces::Place MessagePlaces::place_of(core::QueueId queue, core::Offset offset) {
    Known& in = known(queue);
    if (offset >= in.state.end) {
        return Place::nowhere;
    }
    if (const std::uint64_t page = offset >> core::AckMap::page_bits;
        offset >= in.acks.low() && in.pages.insert(page).second) {
        if (const auto stored = reads_.record_at<core::PutAckPage>(ack_page_key(ns_, queue, page))) {
            in.acks.restore(*stored);
        }
    }
    if (!in.acks.test(offset)) {
        return Place::live;
    }
    const Key at = locator_key(ns_, queue, offset);
    if (const auto value = reads_.value_at(at)) {
        const core::PutLocator to = decode_locator(*parse_key(at.view()), *value);
        const core::LaneKey place{to.at, offset, to.rank, to.group};
        if (reads_.has(lane_key(ns_, queue, to.lane, in.state.lane_generation, place))) {
            return Place::live;
        }
    }
    return reads_.has(failed_key(ns_, queue, in.state.failed_generation, offset)) ? Place::failed : Place::nowhere;
}

}  // namespace baton::storage
