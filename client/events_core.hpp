#pragma once
// The inside of Events: what was received and not taken, and the credit that goes with it. The client knows it weakly.
// One lock guards the state. Functions marked [io] are called by the client on its I/O thread.

#include "baton/events.hpp"
#include "client/client_core.hpp"
#include "client/push_stream.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace baton::v1 {
class StreamEvents;
}  // namespace baton::v1

namespace baton::detail {

class EventsCore : public PushStream, public std::enable_shared_from_this<EventsCore> {
public:
    EventsCore(std::shared_ptr<ClientCore> client, std::string queue, EventOptions options);

    /// Waits for the server's answer; throws.
    void open();
    void close();
    std::optional<Event> next(std::chrono::milliseconds timeout);
    bool caught_up() const;
    std::uint64_t next_seq() const;

    void on_push(std::string_view body) override;            // [io]
    std::optional<PendingRequest> declare_again() override;  // [io]
    void on_closed(const Error& error) override;             // [io]

private:
    v1::StreamEvents request() const;
    void give_credit();

    // Constant after construction.
    const std::shared_ptr<ClientCore> client_;
    const std::string queue_;
    const EventOptions options_;
    const std::uint64_t id_;

    mutable std::mutex mutex_;  // Guards all below.
    std::condition_variable news_;
    std::deque<Event> received_;
    /// Behind everything that was received, and behind everything that was taken.
    std::optional<std::uint64_t> received_to_;
    std::uint64_t taken_to_ = 0;
    /// Taken since more was last allowed.
    std::uint32_t taken_ = 0;
    bool caught_up_ = false;
    bool open_ = false;
    std::optional<Error> closed_;
};

}  // namespace baton::detail
