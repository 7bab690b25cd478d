#pragma once
// What a queue knows of the names of its messages: counts of its index, what is parked behind leased holders, and the
// looks at the index that are under way. Data only; the behaviour is in names.hpp.

#include "server/core/identity_mutation.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace baton::core {

struct QueueNames {
    // ---- on disk
    NameCounts counts;
    /// By deduplication key.
    std::map<std::string, Parked> parked;

    // ---- memory only
    /// The parked produce, while it waits for who has its names.
    std::unique_ptr<Request> waiting_produce;
    /// A look for names that have ended is under way.
    bool sweep_reading = false;
    /// From where the next look through all of them goes on.
    Name sweep_from;
    /// The next look through all of them does not begin before.
    TimeMs sweep_not_before = INT64_MIN;
    /// When the first name ends by time, as far as known.
    TimeMs ends_at = INT64_MIN;
};

}  // namespace baton::core
