#include "client/request_table.hpp"

#include <algorithm>
#include <utility>

namespace baton::detail {

void RequestTable::add(PendingRequest&& request) {
    next_deadline_ = std::min(next_deadline_, request.deadline);
    if (request.sent) {
        in_flight_ += 1;
    } else {
        unsent_.insert(unsent_.end(), request.id);
    }
    const std::uint64_t id = request.id;
    requests_.emplace_hint(requests_.end(), id, std::move(request));
}

std::vector<OutFramePtr> RequestTable::take_sendable(std::size_t in_flight_max) {
    std::vector<OutFramePtr> frames;
    while (!unsent_.empty() && in_flight_ < in_flight_max) {
        PendingRequest& request = requests_.at(*unsent_.begin());
        unsent_.erase(unsent_.begin());
        request.sent = true;
        in_flight_ += 1;
        frames.push_back(request.frame);
    }
    return frames;
}

std::vector<PendingRequest> RequestTable::connection_lost() {
    std::vector<PendingRequest> given_up;
    for (auto next = requests_.begin(); next != requests_.end();) {
        auto& [id, request] = *next;
        if (request.sent && !request.repeatable) {
            given_up.push_back(std::move(request));
            next = requests_.erase(next);
            continue;
        }
        if (request.sent) {
            request.sent = false;
            request.repeated = true;
            unsent_.insert(id);
        }
        ++next;
    }
    in_flight_ = 0;
    return given_up;
}

PendingRequest* RequestTable::find(std::uint64_t id) {
    const auto found = requests_.find(id);
    return found == requests_.end() ? nullptr : &found->second;
}

PendingRequest RequestTable::remove(std::uint64_t id) {
    const auto found = requests_.find(id);
    PendingRequest request = std::move(found->second);
    requests_.erase(found);
    if (request.sent) {
        in_flight_ -= 1;
    } else {
        unsent_.erase(id);
    }
    return request;
}

std::vector<PendingRequest> RequestTable::take_expired(TimePoint now) {
    std::vector<PendingRequest> expired;
    if (now < next_deadline_) {
        return expired;
    }
    std::vector<std::uint64_t> ids;
    next_deadline_ = TimePoint::max();
    for (const auto& [id, request] : requests_) {
        if (request.deadline <= now) {
            ids.push_back(id);
        } else {
            next_deadline_ = std::min(next_deadline_, request.deadline);
        }
    }
    for (const std::uint64_t id : ids) {
        expired.push_back(remove(id));
    }
    return expired;
}

std::vector<PendingRequest> RequestTable::take_all() {
    std::vector<PendingRequest> all;
    for (auto& [id, request] : requests_) {
        all.push_back(std::move(request));
    }
    requests_.clear();
    unsent_.clear();
    in_flight_ = 0;
    next_deadline_ = TimePoint::max();
    return all;
}

}  // namespace baton::detail
