#pragma once
// The inside of Listener: what was heard and not taken, and the credit that goes with it. One lock guards the state.
// Functions marked [io] are called by the client on its I/O thread.

#include "baton/listener.hpp"
#include "client/client_core.hpp"
#include "client/push_stream.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace baton::v1 {
class Entry;
class Listen;
}  // namespace baton::v1

namespace baton::detail {

class ListenerCore : public PushStream, public std::enable_shared_from_this<ListenerCore> {
public:
    /// `on_gap` is called [io], with the lock held, when the connection was lost: what was allowed is forgotten.
    ListenerCore(std::shared_ptr<ClientCore> client, ListenOptions options, std::function<void()> on_gap = {});

    /// Waits for the server's answer; throws.
    void open();
    void close();
    std::optional<HeardMessage> next(std::chrono::milliseconds timeout);
    std::uint64_t lost() const;
    std::string inbox() const;

    void on_push(std::string_view body) override;            // [io]
    std::optional<PendingRequest> declare_again() override;  // [io]
    void on_closed(const Error& error) override;             // [io]

private:
    struct Held {
        HeardMessage heard;
        std::uint64_t bytes = 0;
    };
    v1::Listen request() const;
    void started(std::string_view body);
    void taken(std::uint64_t bytes);

    // Constant after construction.
    const std::shared_ptr<ClientCore> client_;
    const ListenOptions options_;
    const std::function<void()> on_gap_;
    const std::uint64_t id_;

    mutable std::mutex mutex_;  // Guards all below.
    std::condition_variable news_;
    std::deque<Held> received_;
    std::uint64_t received_bytes_ = 0;
    /// Taken since more was last allowed.
    std::uint64_t taken_messages_ = 0, taken_bytes_ = 0;
    std::uint64_t lost_ = 0, lost_before_next_ = 0;
    bool gap_before_next_ = false;
    std::string inbox_;
    bool open_ = false;
    std::optional<Error> closed_;
};

}  // namespace baton::detail
