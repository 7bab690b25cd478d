#pragma once
// Mutations of the index of names: who has one, when names end that outlive their message, and what waits parked behind
// a holder. Plain values.

#include "server/core/entry_run.hpp"
#include "server/core/identity.hpp"
#include "server/core/message_record.hpp"

namespace baton::core {

struct PutName {
    NamespaceId ns{};
    Name name;
    NameRecord record;
};
struct RemoveName {
    NamespaceId ns{};
    Name name;
};

/// A name that ends by time, or with `until` INT64_MAX by count; in the order of their end.
struct NameEnd {
    TimeMs until = 0;
    std::uint64_t number = 0;
    std::uint64_t turn = 0;
    Name name;
};
struct PutNameEnd {
    NamespaceId ns{};
    NameEnd end;
};
struct RemoveNameEnd {
    NamespaceId ns{};
    QueueId id{};
    TimeMs until = 0;
    std::uint64_t number = 0;
};

/// The newest produce with a key whose holder is leased.
struct Parked {
    Offset holder = 0;
    TimeMs parked_at = 0;
    DurationMs delay_ms = 0;
    /// 0 = none of its own.
    DurationMs ttl_ms = 0;
    MetaPtr meta;
    EntryRun body;  // exactly one entry
};
struct PutParked {
    NamespaceId ns{};
    QueueId id{};
    std::string key;
    Parked parked;
};
struct RemoveParked {
    NamespaceId ns{};
    QueueId id{};
    std::string key;
};

}  // namespace baton::core
