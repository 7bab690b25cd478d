#pragma once
// The names that a user gives to a message beside where it is stored. Plain values.

#include <chrono>
#include <cstdint>
#include <string>

namespace baton {

/// By which a produce tells that it may ask for what is already under way. The first message with an id holds it.
struct Dedup {
    // The numbers are those of the protocol.
    enum class Mode : std::uint8_t {
        /// Ignored while the holder is not finished.
        simple = 1,
        /// Ignored for `ttl` from the first one, whatever becomes of it.
        throttle = 2,
        /// Takes the place of a delayed holder and begins the window again.
        debounce = 3,
        /// While the holder is leased the newest is parked, and is produced when the holder is finished.
        keep_last = 4,
    };
    /// Any UTF-8, 1 to 256 bytes; its scope is the queue.
    std::string id;
    Mode mode = Mode::simple;
    /// Needed by throttle, optional for debounce, refused by simple, no matter to keep_last.
    std::chrono::milliseconds ttl{0};
    /// An ignored produce begins the window again.
    bool extend = false;
    /// In any mode: takes the place of a holder that waits, is prioritized or delayed.
    bool replace = false;
};
/// "simple", "throttle", "debounce", "keep_last"
const char* to_text(Dedup::Mode mode);

}  // namespace baton
