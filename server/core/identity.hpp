#pragma once
// The names that users give to messages beside their offsets: an id, which one message of a queue has at a time, and a
// deduplication key, by which a produce tells that it asks again for what is already under way. Plain values.

#include "server/core/ids.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace baton::core {

/// What a produce with the key of an earlier message comes to. Stored on disk and sent on the wire: do not change these
/// values.
enum class DedupMode : std::uint8_t {
    /// Ignored until the holder is finished.
    simple = 1,
    /// Ignored for a time from the first one, whatever becomes of it.
    throttle = 2,
    /// Takes the place of a delayed holder; ignored beside any other.
    debounce = 3,
    /// While the holder is leased the newest is kept, and is produced when the holder is finished.
    keep_last = 4,
};

struct Dedup {
    std::string key;
    DedupMode mode = DedupMode::simple;
    /// The window; 0 = until the holder is finished.
    DurationMs ttl_ms = 0;
    /// An ignored produce begins the window again.
    bool extend = false;
    /// Takes the place of a holder that waits, is prioritized or delayed, in any mode.
    bool replace = false;
    bool operator==(const Dedup&) const = default;
};

/// True when the key is held for a time instead of until its message is finished.
inline bool has_window(const Dedup& dedup) {
    return dedup.ttl_ms != 0 && (dedup.mode == DedupMode::throttle || dedup.mode == DedupMode::debounce);
}

/// The names of one message.
struct Identity {
    /// Empty = none.
    std::string id;
    std::optional<Dedup> dedup;
    bool operator==(const Identity&) const = default;
};

/// Stored on disk: do not change these values.
enum class NameKind : std::uint8_t { id = 1, dedup = 2 };

/// One name in the index of a queue.
struct Name {
    QueueId queue{};
    NameKind kind = NameKind::id;
    std::string text;
    auto operator<=>(const Name&) const = default;
};

struct NameHash {
    std::size_t operator()(const Name& name) const {
        return std::hash<std::string>()(name.text) ^ (value(name.queue) * 2 + static_cast<std::size_t>(name.kind));
    }
};

/// Who has a name. Whether the message is still there is for the reader to check.
struct NameRecord {
    Offset holder = 0;
    /// Of an id: its message is gone, and the id is refused a while longer.
    bool remembered = false;
    /// The name is held until then, whatever became of the message; 0 = no matter.
    TimeMs until = 0;
    /// The number of the record that brings it back when it is over; 0 = none.
    std::uint64_t number = 0;
    /// Of a remembered id: its number among those.
    std::uint64_t turn = 0;
    bool operator==(const NameRecord&) const = default;
};

/// What a queue knows of its names without reading any.
struct NameCounts {
    /// Some message had a name: removals take locators along.
    bool used = false;
    /// Names may be left over from a purge and are looked through.
    bool sweeping = false;
    std::uint64_t numbers = 0, turns = 0;
    /// Records that end by time, and by count.
    std::uint64_t timed = 0, counted = 0;
    bool operator==(const NameCounts&) const = default;
};

}  // namespace baton::core
