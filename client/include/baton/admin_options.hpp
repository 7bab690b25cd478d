#pragma once
// What calls of Admin can be asked to do otherwise. Plain values.

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
    /// Offsets of failed or completed messages; empty = all of one set.
    std::vector<std::uint64_t> offsets;
    /// Keep the counters instead of starting them from 0.
    bool keep_counters = false;
    /// With no offsets: all of the completed set instead of the failed one.
    bool completed = false;
};

struct RedriveOptions {
    /// Empty = each message to the queue it came from.
    std::string destination;
    /// 0 = all.
    std::uint64_t max_messages = 0;
    bool keep_counters = false;
};

}  // namespace baton
