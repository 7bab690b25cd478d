#pragma once
// Listeners: who wants messages as they are published and keeps no place. One lives as long as its connection and
// writes nothing. It gets what it has allowed; what comes beyond that is lost to it, and told. Plain values.

#include "server/core/entry_run.hpp"
#include "server/core/ids.hpp"
#include "server/core/route_table.hpp"

#include <cstdint>
#include <string>

namespace baton::core {

struct Listener {
    ConnectionId connection{};
    std::uint64_t id = 0;
    NamespaceId ns{};
    Route route;
    /// Its address, when it is one.
    std::string inbox;
    std::uint64_t credit_messages = 0, credit_bytes = 0;
    /// Not handed out since the last that were.
    std::uint64_t lost = 0;
};

/// Answered by ListenStarted.
struct Listen {
    /// Chosen by the client, unique on its connection.
    std::uint64_t listener = 0;
    SelectionPtr selects;
    /// An address of its own instead of a pattern: what is produced to it is stored nowhere.
    bool inbox = false;
    std::uint64_t messages = 0, bytes = 0;
};
/// More may come.
struct CreditListener {
    std::uint64_t listener = 0, messages = 0, bytes = 0;
};
struct StopListening {
    std::uint64_t listener = 0;
};

struct ListenStarted {
    /// The address of an inbox.
    std::string inbox;
};
/// Messages for a listener.
struct Heard {
    ConnectionId connection{};
    std::uint64_t listener = 0;
    std::string topic;
    /// Of the first entry; 0 in an inbox.
    Offset first = 0;
    TimeMs stored_at = 0;
    /// None when only a loss is told.
    EntryRun entries;
    /// How many it did not get before these.
    std::uint64_t lost = 0;
};

/// How the names of inboxes begin; no queue or topic can have such a one.
inline constexpr const char* inbox_prefix = "/inbox/";

}  // namespace baton::core
