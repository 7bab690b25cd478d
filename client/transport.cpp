#include "client/transport.hpp"

#include "client/reactor.hpp"
#include "client/receive_buffer.hpp"
#include "proto/frame_reader.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

namespace baton::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t frame_body_bytes_max = 32 * 1024 * 1024;
constexpr std::size_t gathered_frames_max = 64;
constexpr std::size_t gathered_bytes_max = 2 * 1024 * 1024;

}  // namespace

/// Handlers hold it weakly: what is still under way when the transport goes finds nothing and does nothing.
struct Transport::Impl : std::enable_shared_from_this<Impl> {
    Impl(Events handlers, std::shared_ptr<Reactor> shared_reactor)
        : events(std::move(handlers)),
          reactor(std::move(shared_reactor)),
          resolver(reactor->io()),
          socket(reactor->io()),
          dial_timer(reactor->io()) {}

    /// A handler that calls `work` with this object and the handler's arguments, as long as the transport runs.
    template <typename Work>
    auto guarded(Work work) {
        return [weak = weak_from_this(), run = std::move(work)](auto&&... arguments) mutable {
            if (const auto self = weak.lock(); self && !self->stopped) {
                run(*self, std::forward<decltype(arguments)>(arguments)...);
            }
        };
    }
    void on_resolved(std::uint64_t dial, const error_code& error, const tcp::resolver::results_type& found);
    void on_connected(std::uint64_t dial, const error_code& error);
    void give_up_dial(const std::string& reason);
    void close();
    void lose(const std::string& reason);
    void read();
    void on_read(std::size_t bytes);
    void post_flush();
    void flush();

    Events events;
    const std::shared_ptr<Reactor> reactor;
    /// Set and read on the I/O thread.
    bool stopped = false;
    std::shared_ptr<void> keep_alive;

    tcp::resolver resolver;
    tcp::socket socket;
    asio::steady_timer dial_timer;
    /// Rises with every dial and close, so that the completion of an older operation is known as such.
    std::uint64_t generation = 0;
    bool open = false;

    ReceiveBuffer incoming;
    std::size_t wanted_bytes = 0;

    std::mutex write_mutex;  // Guards all below, since other threads may write as well.
    std::deque<OutFramePtr> outgoing;
    std::vector<OutFramePtr> writing;
    /// Of the first frame of `outgoing`, what try_write() has sent already.
    std::size_t front_written = 0;
    bool flush_posted = false;
    /// The socket to write to from other threads; -1 while there is none.
    int direct_socket = -1;
};

Transport::Transport(Events events, std::shared_ptr<Reactor> reactor)
    : impl_(std::make_shared<Impl>(std::move(events), std::move(reactor))) {}

Transport::~Transport() { stop(); }

void Transport::start(std::shared_ptr<void> keep_alive) { impl_->keep_alive = std::move(keep_alive); }

void Transport::stop() {
    if (impl_->reactor->on_its_thread()) {
        impl_->stopped = true;
        impl_->close();
        // The handler that runs now may stand in what is kept alive.
        asio::post(impl_->reactor->io(), [kept = std::exchange(impl_->keep_alive, nullptr)] {});
        return;
    }
    std::promise<void> stopped;
    asio::post(impl_->reactor->io(), [impl = impl_, &stopped] {
        impl->stopped = true;
        impl->close();
        stopped.set_value();
    });
    stopped.get_future().wait();
    impl_->keep_alive.reset();
}

bool Transport::on_io_thread() const { return impl_->reactor->on_its_thread(); }

void Transport::post(std::function<void()> work) {
    asio::post(impl_->reactor->io(), impl_->guarded([run = std::move(work)](Impl&) { run(); }));
}

void Transport::after(std::chrono::microseconds delay, std::function<void()> work) {
    auto timer = std::make_shared<asio::steady_timer>(impl_->reactor->io(), delay);
    timer->async_wait(impl_->guarded([timer, run = std::move(work)](Impl&, const error_code& error) {
        if (!error) {
            run();
        }
    }));
}

void Transport::dial(const Address& address, std::chrono::milliseconds timeout) {
    drop();
    const std::uint64_t dial = impl_->generation;
    impl_->dial_timer.expires_after(timeout);
    impl_->dial_timer.async_wait(impl_->guarded([dial](Impl& impl, const error_code& error) {
        if (!error && dial == impl.generation && !impl.open) {
            impl.give_up_dial("no connection within the time given");
        }
    }));
    impl_->resolver.async_resolve(address.host, address.port,
                                  impl_->guarded([dial](Impl& impl, const error_code& error, const auto& found) {
                                      impl.on_resolved(dial, error, found);
                                  }));
}

void Transport::Impl::on_resolved(std::uint64_t dial, const error_code& error,
                                  const tcp::resolver::results_type& found) {
    if (dial != generation) {
        return;
    }
    if (error) {
        give_up_dial(error.message());
        return;
    }
    asio::async_connect(socket, found, guarded([dial](Impl& self, const error_code& failed, const tcp::endpoint&) {
                            self.on_connected(dial, failed);
                        }));
}

void Transport::Impl::on_connected(std::uint64_t dial, const error_code& error) {
    if (dial != generation) {
        return;
    }
    if (error) {
        give_up_dial(error.message());
        return;
    }
    dial_timer.cancel();
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    {
        const std::lock_guard lock(write_mutex);
        direct_socket = socket.native_handle();
    }
    open = true;
    incoming.reset();
    wanted_bytes = 0;
    read();
    events.connected();
}

void Transport::Impl::give_up_dial(const std::string& reason) {
    close();
    events.lost(reason);
}

void Transport::drop() { impl_->close(); }

void Transport::fail(const std::string& reason) { impl_->lose(reason); }

void Transport::Impl::close() {
    generation += 1;
    open = false;
    resolver.cancel();
    dial_timer.cancel();
    const std::lock_guard lock(write_mutex);
    direct_socket = -1;
    error_code ignored;
    socket.close(ignored);
    outgoing.clear();
    front_written = 0;
}

void Transport::Impl::lose(const std::string& reason) {
    if (open) {
        close();
        events.lost(reason);
    }
}

void Transport::Impl::read() {
    const auto room = incoming.room(wanted_bytes);
    socket.async_read_some(asio::buffer(room.data, room.bytes),
                           guarded([now = generation](Impl& self, const error_code& error, std::size_t bytes) {
                               if (now != self.generation) {
                                   return;
                               }
                               if (error) {
                                   self.lose(error.message());
                               } else {
                                   self.on_read(bytes);
                               }
                           }));
}

void Transport::Impl::on_read(std::size_t bytes) {
    const std::uint64_t now = generation;
    incoming.received(bytes);
    while (true) {
        const proto::FrameView next = proto::next_frame(incoming.bytes(), frame_body_bytes_max);
        if (next.status == proto::FrameStatus::partial) {
            wanted_bytes = next.wanted;
            break;
        }
        const bool whole = next.status == proto::FrameStatus::complete;
        const bool taken = whole && events.frame(next.frame, incoming);
        if (now != generation) {
            return;  // The handler gave the connection up.
        }
        if (!taken) {
            lose("the server sent a frame that makes no sense");
            return;
        }
        incoming.consume(next.consumed);
    }
    events.idle();
    if (now == generation) {
        read();
    }
}

void Transport::write(OutFramePtr frame) {
    const std::lock_guard lock(impl_->write_mutex);
    impl_->outgoing.push_back(std::move(frame));
    impl_->post_flush();
}

bool Transport::try_write(const OutFramePtr& frame) {
    const std::lock_guard lock(impl_->write_mutex);
    if (impl_->direct_socket < 0 || !impl_->writing.empty() || !impl_->outgoing.empty()) {
        return false;
    }
    iovec parts[2] = {{frame->head.data(), frame->head.size()}, {frame->body.data(), frame->body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const ssize_t sent = ::sendmsg(impl_->direct_socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0) {
        return false;  // No room, or broken: the I/O thread finds out which.
    }
    if (static_cast<std::size_t>(sent) < frame->bytes()) {
        impl_->front_written = static_cast<std::size_t>(sent);
        impl_->outgoing.push_front(frame);
        impl_->post_flush();
    }
    return true;
}

/// With the lock held.
void Transport::Impl::post_flush() {
    if (!flush_posted && writing.empty()) {
        flush_posted = true;
        asio::post(reactor->io(), guarded([](Impl& self) {
                       const std::lock_guard lock(self.write_mutex);
                       self.flush_posted = false;
                       self.flush();
                   }));
    }
}

/// With the lock held.
void Transport::Impl::flush() {
    if (!open || !writing.empty() || outgoing.empty()) {
        return;
    }
    std::vector<asio::const_buffer> buffers;
    std::size_t bytes = 0;
    while (!outgoing.empty() && writing.size() < gathered_frames_max && bytes < gathered_bytes_max) {
        writing.push_back(std::move(outgoing.front()));
        outgoing.pop_front();
        const OutFrame& frame = *writing.back();
        const std::size_t skipped = std::exchange(front_written, 0);
        const asio::const_buffer head = asio::buffer(frame.head) + skipped;
        const asio::const_buffer body =
            asio::buffer(frame.body) + (skipped > frame.head.size() ? skipped - frame.head.size() : 0);
        if (head.size() != 0) {
            buffers.push_back(head);
        }
        if (body.size() != 0) {
            buffers.push_back(body);
        }
        bytes += head.size() + body.size();
    }
    asio::async_write(socket, buffers, guarded([now = generation](Impl& self, const error_code& error, std::size_t) {
                          {
                              const std::lock_guard lock(self.write_mutex);
                              self.writing.clear();
                              if (now != self.generation || !error) {
                                  // Also what a newer connection has queued meanwhile: it had to wait for these
                                  // buffers.
                                  self.flush();
                                  return;
                              }
                          }
                          self.lose(error.message());
                      }));
}

}  // namespace baton::detail
