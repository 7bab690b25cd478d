#pragma once
// One TCP connection at a time: dialing, framing, gathered writes, timers, all on the thread of its reactor, which
// other transports may share. It knows frames but not what they say. Owned by ClientCore.
//
// post(), on_io_thread(), stop() and try_write() may be called from any thread; everything else, and all events, belong
// to the I/O thread.

#include "client/address.hpp"
#include "client/out_frame.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace baton::detail {

class Reactor;
class ReceiveBuffer;

class Transport {
public:
    struct Events {
        std::function<void()> connected;
        /// The connection broke, or could not be made within the time given. Not called after drop().
        std::function<void(const std::string& reason)> lost;
        /// A whole frame. The view is valid during the call; buffer.share() keeps it longer. False: the frame makes no
        /// sense, the connection is given up.
        std::function<bool(std::string_view frame, ReceiveBuffer& buffer)> frame;
        /// All frames that had arrived together have been handled.
        std::function<void()> idle;
    };

    Transport(Events events, std::shared_ptr<Reactor> reactor);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    /// From now on handlers may run; `keep_alive` is held until stop().
    void start(std::shared_ptr<void> keep_alive);
    /// After it no handler runs and no event comes; waits for the one that runs, unless called by that. Closes the
    /// connection.
    void stop();
    bool on_io_thread() const;
    /// Runs `work` on the I/O thread, in order, not before the call returns.
    void post(std::function<void()> work);
    /// Runs `work` after `delay`, unless stopped before.
    void after(std::chrono::microseconds delay, std::function<void()> work);

    void dial(const Address& address, std::chrono::milliseconds timeout);
    /// Closes the connection, if any, without an event.
    void drop();
    /// Closes the connection and reports it lost.
    void fail(const std::string& reason);
    /// Queues a frame; the frames of one turn leave in one gathered write.
    void write(OutFramePtr frame);
    /// Writes the frame from the calling thread when nothing is queued before it and the system takes it at once: a
    /// lone request need not wake the I/O thread. False, and nothing was done, otherwise.
    bool try_write(const OutFramePtr& frame);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace baton::detail
