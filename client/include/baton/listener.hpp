#pragma once
// Listening to topics as messages are published: no place is kept, nothing is stored, and what is not taken in time is
// lost and counted. For dashboards, caches and tests; who must not lose anything makes a subscription.
//
//     baton::Listener orders(client, {.topics = "order.*"});
//     while (const auto heard = orders.next(10s)) {
//         std::cout << heard->topic << ' ' << heard->message.payload << '\n';
//     }
//
// Goes on after a lost connection; what was published meanwhile was not heard. next() may be called by one thread at a
// time, all else by any.

#include "baton/connection.hpp"
#include "baton/filter.hpp"
#include "baton/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace baton {

namespace detail {
class ListenerCore;
}

struct HeardMessage {
    /// Empty in an inbox.
    std::string topic;
    std::uint64_t offset = 0;
    /// When it was stored, milliseconds since 1970.
    std::int64_t stored_ms = 0;
    Message message;
    /// How many were lost right before it, since they were not taken in time.
    std::uint64_t lost_before = 0;
    /// The connection was lost before it: who knows what else was published.
    bool gap_before = false;
};

struct ListenOptions {
    /// A topic or a pattern of topics: * is one word, # any number, > one or more at the end.
    std::string topics = {};
    Filter filter = {};
    /// An address of its own instead: what is produced to `inbox()` comes here and is stored nowhere.
    bool inbox = false;
    /// What may be received and not taken before messages are lost, at most 65,536 and 4 MiB.
    std::uint32_t window_messages = 4'096;
    std::uint32_t window_bytes = 2 * 1024 * 1024;
    /// Called on the I/O thread for each message, instead of next(). Must not block.
    std::function<void(HeardMessage&&)> on_message = {};
};

class Listener {
public:
    /// Waits for the server's answer. Throws invalid_argument for a bad pattern or filter.
    Listener(const Client& client, ListenOptions options);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// The next message; nothing when none comes in time. Throws when the client was closed.
    std::optional<HeardMessage> next(std::chrono::milliseconds timeout);
    /// All that were lost so far.
    std::uint64_t lost() const;
    /// The queue name under which this inbox is reached; another one after a lost connection.
    std::string inbox() const;

private:
    std::shared_ptr<detail::ListenerCore> core_;
};

}  // namespace baton
