#pragma once
// Tells whether what a read found of a message still holds when its answer comes: remembers which messages of a queue
// changed their lane while reads by id are under way. Costs nothing while none is.
//
// Owned by one queue.

#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace baton::core {

class JobReads {
public:
    /// A read is asked for; keep what it returns for holds() and end() it when its answer was used.
    std::uint64_t begin() {
        ++open_;
        return ++version_;
    }
    void end() {
        if (--open_ == 0) {
            changed_.clear();
        }
    }
    void changed(Offset offset) {
        if (open_ != 0) {
            changed_[offset] = version_;
        }
    }
    /// True when the message did not change since that begin().
    bool holds(Offset offset, std::uint64_t version) const {
        const auto found = changed_.find(offset);
        return found == changed_.end() || found->second < version;
    }

private:
    std::uint64_t version_ = 0;
    std::uint32_t open_ = 0;
    /// Lookups only: its order never reaches an output.
    std::unordered_map<Offset, std::uint64_t> changed_;
};

/// The last records of a lane, from its end.
struct LaneTail {
    std::vector<MessageRecord> records;
    std::uint64_t version = 0;
};
/// Lane and failed records that were read for a request.
struct FoundJobs {
    /// Absent where a message has no record.
    std::map<Offset, std::optional<MessageRecord>> records;
    std::uint64_t version = 0;
    std::uint32_t lane_generation = 0;
    std::uint32_t failed_generation = 0;
    std::uint32_t completed_generation = 0;
};

struct LoadNames {
    std::vector<Name> names;
    std::uint64_t begun = 0;
    /// Nothing when a produce waits for it in its queue, or will.
    std::optional<Request> parked;
};
/// A look for names that have ended.
struct SweepNames {
    std::uint64_t begun = 0;
    std::uint64_t version = 0;
    std::uint32_t generation = 0;
};

}  // namespace baton::core
