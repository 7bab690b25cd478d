#pragma once
// What the calls of Admin take beside names. Plain values.

#include "baton/queue.hpp"
#include "baton/stored_message.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

struct CreateOptions {
    /// unspecified = message (20 attempts); job = 3 attempts. Fixed at creation.
    Profile profile = Profile::unspecified;
    QueueSettings settings;
    /// When the queue exists with other settings: change them instead of refusing.
    bool update = false;
};

struct PeekOptions {
    /// Unspecified = waiting. Of completed ones the newest come first.
    MessageState state = MessageState::unspecified;
    /// With grouped: of this group only.
    std::string group = {};
    /// From MessagePage::next; empty = from the start.
    std::string cursor;
    /// 0 = 10; at most 1,000.
    std::uint32_t limit = 0;
};

struct RetryOptions {
    /// Offsets of failed or completed messages; when these and `ids` are empty, all of one set.
    std::vector<std::uint64_t> offsets;
    /// Keep the counters instead of starting them from 0.
    bool keep_counters = false;
    /// When none is named: all of the completed set instead of the failed one.
    bool completed = false;
    /// Further ones by the ids that their producers gave them, at most 1,000. What nobody has counts as skipped.
    std::vector<std::string> ids = {};
};

struct RedriveOptions {
    /// Empty = each message to the queue it came from.
    std::string destination;
    /// 0 = all.
    std::uint64_t max_messages = 0;
    bool keep_counters = false;
};

}  // namespace baton
