#include "client/transport.hpp"

#include "client/receive_buffer.hpp"
#include "proto/frame_reader.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <thread>
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

struct Transport::Impl {
    explicit Impl(Events handlers)
        : events(std::move(handlers)),
          io(1),
          work(asio::make_work_guard(io)),
          resolver(io),
          socket(io),
          dial_timer(io) {}

    void on_resolved(std::uint64_t dial, const error_code& error, const tcp::resolver::results_type& found);
    void on_connected(std::uint64_t dial, const error_code& error);
    void give_up_dial(const std::string& reason);
    void close();
    void lose(const std::string& reason);
    void read();
    void on_read(std::size_t bytes);
    void flush();

    Events events;
    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> work;
    std::thread thread;
    std::atomic<std::thread::id> thread_id;

    tcp::resolver resolver;
    tcp::socket socket;
    asio::steady_timer dial_timer;
    /// Rises with every dial and close, so that the completion of an older operation is known as such.
    std::uint64_t generation = 0;
    bool open = false;

    ReceiveBuffer incoming;
    std::size_t wanted_bytes = 0;
    std::deque<OutFramePtr> outgoing;
    std::vector<OutFramePtr> writing;
    std::size_t unwritten = 0;
    bool flush_posted = false;
};

Transport::Transport(Events events) : impl_(std::make_unique<Impl>(std::move(events))) {}

Transport::~Transport() { stop(); }

void Transport::start(std::shared_ptr<void> keep_alive) {
    impl_->thread = std::thread([impl = impl_.get(), keep = std::move(keep_alive)]() mutable {
        impl->thread_id = std::this_thread::get_id();
        impl->io.run();
        impl->thread_id = std::thread::id{};
        keep.reset();
    });
}

void Transport::stop() {
    impl_->work.reset();
    impl_->io.stop();
    if (!impl_->thread.joinable()) {
        return;
    }
    if (impl_->thread.get_id() == std::this_thread::get_id()) {
        impl_->thread.detach();  // The thread holds what keeps this object alive until it has left run().
    } else {
        impl_->thread.join();
    }
}

bool Transport::on_io_thread() const { return impl_->thread_id == std::this_thread::get_id(); }

void Transport::post(std::function<void()> work) { asio::post(impl_->io, std::move(work)); }

void Transport::after(std::chrono::microseconds delay, std::function<void()> work) {
    auto timer = std::make_shared<asio::steady_timer>(impl_->io, delay);
    timer->async_wait([timer, run = std::move(work)](const error_code& error) {
        if (!error) {
            run();
        }
    });
}

void Transport::dial(const Address& address, std::chrono::milliseconds timeout) {
    drop();
    const std::uint64_t dial = impl_->generation;
    impl_->dial_timer.expires_after(timeout);
    impl_->dial_timer.async_wait([impl = impl_.get(), dial](const error_code& error) {
        if (!error && dial == impl->generation && !impl->open) {
            impl->give_up_dial("no connection within the time given");
        }
    });
    impl_->resolver.async_resolve(
        address.host, address.port,
        [impl = impl_.get(), dial](const error_code& error, auto found) { impl->on_resolved(dial, error, found); });
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
    asio::async_connect(socket, found,
                        [this, dial](const error_code& failed, const tcp::endpoint&) { on_connected(dial, failed); });
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
    error_code ignored;
    socket.close(ignored);
    outgoing.clear();
    unwritten = 0;
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
                           [this, now = generation](const error_code& error, std::size_t bytes) {
                               if (now != generation) {
                                   return;
                               }
                               if (error) {
                                   lose(error.message());
                               } else {
                                   on_read(bytes);
                               }
                           });
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
    impl_->unwritten += frame->bytes();
    impl_->outgoing.push_back(std::move(frame));
    if (!impl_->flush_posted && impl_->writing.empty()) {
        impl_->flush_posted = true;
        asio::post(impl_->io, [impl = impl_.get()] {
            impl->flush_posted = false;
            impl->flush();
        });
    }
}

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
        buffers.emplace_back(asio::buffer(frame.head));
        if (!frame.body.empty()) {
            buffers.emplace_back(asio::buffer(frame.body));
        }
        bytes += frame.bytes();
    }
    asio::async_write(socket, buffers, [this, now = generation](const error_code& error, std::size_t written) {
        writing.clear();
        if (now != generation) {
            flush();  // What a newer connection has queued had to wait for these buffers.
            return;
        }
        unwritten -= written;
        if (error) {
            lose(error.message());
        } else {
            flush();
        }
    });
}

std::size_t Transport::unwritten_bytes() const { return impl_->unwritten; }

}  // namespace baton::detail
