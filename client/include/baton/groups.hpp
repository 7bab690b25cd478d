#pragma once
// Groups: messages of a queue that name one take turns with those of the others, and each group can have a rate, a
// limit on what is in flight, a strict order and a maximum.
//
//     admin.create_queue("mails", {.settings = {.group_rate = baton::RateLimit{10, 1s}, .group_max_in_flight = 2}});
//     producer.produce({.payload = "...", .options = {.group = "provider-a"}});
//     baton::Groups(client).set("mails", "provider-b", {.max_in_flight = 20});
//
// Every call blocks until the server has answered and throws Exception on a refusal. May be used by several threads at
// once.

#include "baton/connection.hpp"
#include "baton/limits.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

/// What one group gets instead of its queue's rules; absent fields stay as they are.
struct GroupSettings {
    /// permits = 0: no limit.
    std::optional<RateLimit> rate;
    /// 0 = no limit. In strict order it is 1 whatever is set.
    std::optional<std::uint32_t> max_in_flight;
    /// 0 = no limit. Refused in a queue without group_max_messages.
    std::optional<std::uint64_t> max_messages;
    std::optional<bool> paused;
    /// Milliseconds since 1970 in the server's time; 0 = no pause.
    std::optional<std::int64_t> paused_until_ms;
    /// Sets paused_until_ms to this long from now.
    std::optional<std::chrono::milliseconds> pause_for;
    /// First everything goes back to the queue's rules.
    bool reset = false;
};

struct GroupInfo {
    std::string name;
    /// Ready and not leased; at least so many when waiting_more. Not counted in the answer to a change.
    std::uint64_t waiting = 0;
    bool waiting_more = false;
    std::uint32_t in_flight = 0;
    /// In strict order: tried before, and not ready yet.
    std::uint32_t retrying = 0;
    /// Waiting, delayed and leased; in queues with group_max_messages.
    std::optional<std::uint64_t> messages;
    /// What it has instead of the queue's rules; absent = nothing.
    std::optional<RateLimit> rate;
    std::optional<std::uint32_t> max_in_flight;
    std::optional<std::uint64_t> max_messages;
    bool paused = false;
    std::int64_t paused_until_ms = 0;
    /// What holds it back now, and until when, in milliseconds since 1970; 0 = open.
    Hold hold = Hold::none;
    std::int64_t held_until_ms = 0;
};

struct GroupPage {
    std::vector<GroupInfo> groups;
    /// Opaque bytes: pass as `cursor` for the next page; empty on the last.
    std::string next;
};

class Groups {
public:
    explicit Groups(const Client& client);

    /// Groups that have messages, work in flight or settings of their own, in the order of their turns. `limit` 0 =
    /// 100; at most 1,000.
    GroupPage list(const std::string& queue, const std::string& cursor = {}, std::uint32_t limit = 0);
    GroupInfo show(const std::string& queue, const std::string& group);
    /// The group need not exist; what is set stays until it is reset.
    GroupInfo set(const std::string& queue, const std::string& group, const GroupSettings& settings);
    GroupInfo pause(const std::string& queue, const std::string& group);
    /// Delivers nothing of it for this long; the server resumes by itself.
    GroupInfo pause(const std::string& queue, const std::string& group, std::chrono::milliseconds pause);
    /// Ends a pause of either kind.
    GroupInfo resume(const std::string& queue, const std::string& group);
    /// Holds the group back for this long from now, for example when its provider says to slow down; 0 ends it.
    void penalise(const std::string& queue, const std::string& group, std::chrono::milliseconds penalty);

private:
    std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace baton
