#pragma once
// A running job and its own children: see Received::wait_for_children and Flows::add_children.

#include <cstdint>

namespace baton {

/// What came of the wish to wait for children. The numbers are those of the protocol.
enum class ChildrenWait : std::uint8_t {
    /// The job waits.
    waits = 1,
    /// They are over, or it has none: the lease goes on.
    go_on = 2,
    /// A child has failed the job: it is in the failed set.
    failed = 3,
};

}  // namespace baton
