#pragma once
// Requests of a run that are not answered, of those kinds that the coverage wants to know of: an event says that a
// message became ready early, and only the request says by whose wish.

#include "server/core/request.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace baton::simulation {

class CoverageRequests {
public:
    void sent(const core::Request& request);
    /// Takes the request that this answers; nothing when it was of no interest.
    std::optional<core::RequestBody> answered(core::ConnectionId connection, core::RequestId request);
    /// Their connections are lost.
    void clear() { open_.clear(); }

    bool promotes(const std::string& queue, core::Offset offset, const std::string& id) const;
    bool changes(const std::string& queue, core::Offset offset, const std::string& id) const;
    /// Some deduplication key of the queue: the message that forgets it does not say which it was.
    bool clears_key(const std::string& queue) const;

private:
    std::map<std::pair<std::uint64_t, std::uint64_t>, core::RequestBody> open_;
};

}  // namespace baton::simulation
