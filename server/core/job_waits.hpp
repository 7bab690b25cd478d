#pragma once
// Who waits for which message of a queue, by message and by deadline. Owned by one queue.

#include "server/core/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace baton::core {

struct JobWait {
    ConnectionId connection{};
    RequestId request{};
    Offset offset = 0;
    TimeMs deadline = 0;
};

class JobWaits {
public:
    bool empty() const { return waits_.empty(); }
    void add(const JobWait& wait) {
        deadlines_.emplace(wait.deadline, Key{wait.offset, wait.connection, wait.request});
        waits_.emplace(Key{wait.offset, wait.connection, wait.request}, wait.deadline);
    }
    /// Takes one that waits for a message in [first, first + count), if any.
    std::optional<JobWait> take(Offset first, std::uint64_t count) {
        const auto found = waits_.lower_bound(Key{first, ConnectionId{}, RequestId{}});
        if (found == waits_.end() || found->first.offset >= first + count) {
            return std::nullopt;
        }
        return take(found);
    }
    /// Takes one whose time is up.
    std::optional<JobWait> take_due(TimeMs now) {
        if (deadlines_.empty() || deadlines_.begin()->first > now) {
            return std::nullopt;
        }
        return take(waits_.find(deadlines_.begin()->second));
    }
    /// Takes one of this connection, and of this request unless that is 0. Walks them all.
    std::optional<JobWait> take(ConnectionId connection, RequestId request) {
        for (auto at = waits_.begin(); at != waits_.end(); ++at) {
            if (at->first.connection == connection && (value(request) == 0 || at->first.request == request)) {
                return take(at);
            }
        }
        return std::nullopt;
    }
    std::optional<TimeMs> next_deadline() const {
        return deadlines_.empty() ? std::nullopt : std::optional(deadlines_.begin()->first);
    }
    /// The first that waits for a message at or after `from`.
    std::optional<Offset> next_offset(Offset from) const {
        const auto found = waits_.lower_bound(Key{from, ConnectionId{}, RequestId{}});
        return found == waits_.end() ? std::nullopt : std::optional(found->first.offset);
    }

private:
    struct Key {
        Offset offset = 0;
        ConnectionId connection{};
        RequestId request{};
        auto operator<=>(const Key&) const = default;
    };
    JobWait take(std::map<Key, TimeMs>::iterator at) {
        const JobWait wait{at->first.connection, at->first.request, at->first.offset, at->second};
        deadlines_.erase({at->second, at->first});
        waits_.erase(at);
        return wait;
    }

    std::map<Key, TimeMs> waits_;
    std::set<std::pair<TimeMs, Key>> deadlines_;
};

}  // namespace baton::core
