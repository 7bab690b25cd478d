#include "server/session/connection.hpp"

#include "server/session/awaiting.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <utility>

namespace baton::session {

namespace asio = boost::asio;

namespace {

/// Asio hands at most this many buffers to one writev.
constexpr std::size_t buffers_max = 64;
/// Bytes of frames handled, and reads done, before other connections get their turn.
constexpr std::size_t turn_bytes_max = 1024 * 1024;
constexpr std::uint32_t turn_reads_max = 8;
/// An ended connection reads on for this long, so that the peer sees the last frame and not a reset.
constexpr std::int64_t linger_ms = 1'000;

}  // namespace

std::int64_t steady_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

bool Shared::submit(core::Request&& request, std::size_t bytes, std::function<void()> resume) {
    if (std::exchange(engine_told, false)) {
        asio::post(io, [this] {
            engine_told = true;
            backend.submitted();
        });
    }
    return backend.submit(std::move(request), bytes, std::move(resume));
}

Connection::Connection(Shared& shared, Tcp::socket socket, core::ConnectionId id)
    : shared_(shared),
      socket_(std::move(socket)),
      id_(id),
      in_(shared.pool),
      protocol_(shared.context, id, out_),
      resume_(shared.io, asio::steady_timer::time_point::max()),
      accepted_ms_(steady_ms()),
      received_ms_(accepted_ms_),
      progress_ms_(accepted_ms_) {
    slices_.reserve(buffers_max);
    shared_.unopened += 1;
}

asio::awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
    try {
        co_await self->read_frames();
        if (!self->closed_) {
            co_await self->discard_input();
        }
    } catch (const std::exception&) {
        // Out of memory, or a descriptor that the system took away: this connection ends, the others go on.
    }
    self->close();
}

asio::awaitable<void> Connection::read_frames() {
    while (!protocol_.closing() && !closed_) {
        if (!co_await fill()) {
            close();
            co_return;
        }
        bool more = true;
        while (more && !closed_) {
            inputs_.clear();
            more = protocol_.receive(in_, turn_bytes_max, inputs_);
            dispatch(inputs_);
            flush();
            if (more) {
                co_await asio::post(shared_.io, asio::use_awaitable);
            }
            while (paused() && !closed_) {
                co_await wait_for_resume();
            }
        }
    }
    if (protocol_.closing()) {
        shared_.counters.protocol_errors += protocol_.refused() ? 1 : 0;
        linger_until_ms_ = steady_ms() + linger_ms;
        flush();
    }
}

asio::awaitable<bool> Connection::fill() {
    while (!closed_) {
        if (drained_) {
            in_.release_if_empty();
            const auto [waited] = co_await socket_.async_wait(Tcp::socket::wait_read, awaiting);
            if (waited) {
                co_return false;
            }
            reads_in_a_row_ = 0;
        } else if (++reads_in_a_row_ % turn_reads_max == 0) {
            co_await asio::post(shared_.io, asio::use_awaitable);
        }
        if (closed_) {
            break;
        }
        const auto room = in_.room(protocol_.wanted());
        boost::system::error_code error;
        const std::size_t bytes = socket_.read_some(asio::buffer(room.data(), room.size()), error);
        if (error == asio::error::would_block) {
            drained_ = true;
            continue;
        }
        if (error) {
            co_return false;
        }
        drained_ = bytes < room.size();
        in_.received(bytes);
        received_ms_ = steady_ms();
        shared_.counters.bytes_in.fetch_add(bytes, std::memory_order_relaxed);
        co_return true;
    }
    co_return false;
}

asio::awaitable<void> Connection::wait_for_resume() {
    resume_.expires_at(asio::steady_timer::time_point::max());
    co_await resume_.async_wait(awaiting);
}

asio::awaitable<void> Connection::discard_input() {
    std::array<char, 4096> ignored;
    while (!closed_ && steady_ms() < linger_until_ms_) {
        const auto [error, bytes] = co_await socket_.async_read_some(asio::buffer(ignored), awaiting);
        if (error || bytes == 0) {
            co_return;
        }
    }
}

template <typename Facts>
std::function<void(Facts&&)> Connection::answer_later(core::RequestId request,
                                                      void (Protocol::*answer)(core::RequestId, const Facts&)) {
    return [&shared = shared_, id = id_, request, answer](Facts&& facts) {
        asio::post(shared.io, [&shared, id, request, answer, done = std::move(facts)] {
            if (const auto found = shared.connections.find(id); found != shared.connections.end()) {
                (found->second->protocol_.*answer)(request, done);
                found->second->flush();
            }
        });
    };
}

void Connection::dispatch(std::vector<ProtocolInput>& inputs) {
    shared_.counters.frames_in.fetch_add(inputs.size(), std::memory_order_relaxed);
    for (ProtocolInput& input : inputs) {
        if (auto* request = std::get_if<core::Request>(&input.what)) {
            submit(std::move(*request), input.bytes);
        } else if (auto* status = std::get_if<StatusAsked>(&input.what)) {
            StatusFacts facts = shared_.backend.status();
            facts.connections = shared_.connections.size();
            protocol_.answer_status(status->request, facts);
        } else if (auto* backup = std::get_if<BackupAsked>(&input.what)) {
            shared_.backend.backup(std::move(backup->directory),
                                   answer_later<BackupFacts>(backup->request, &Protocol::answer_backup));
        } else if (auto* doctor = std::get_if<DoctorAsked>(&input.what)) {
            shared_.backend.doctor(std::move(doctor->ns), std::move(doctor->queue),
                                   answer_later<DoctorFacts>(doctor->request, &Protocol::answer_doctor));
        }
    }
}

void Connection::submit(core::Request&& request, std::size_t bytes) {
    if (counted_unopened_ && protocol_.opened()) {
        note_opened();
    }
    auto resume = [&shared = shared_, id = id_] {
        asio::post(shared.io, [&shared, id] {
            if (const auto found = shared.connections.find(id); found != shared.connections.end()) {
                found->second->engine_has_room();
            }
        });
    };
    // Once told to wait, the rest of what was decoded still goes in: it is bounded by one turn.
    if (!shared_.submit(std::move(request), bytes, engine_full_ ? std::function<void()>{} : resume)) {
        engine_full_ = true;
    }
}

void Connection::note_opened() {
    counted_unopened_ = false;
    shared_.unopened -= 1;
}

bool Connection::paused() const {
    return !protocol_.closing() && (engine_full_ || out_.bytes() > limits::out_bytes_pause);
}

void Connection::engine_has_room() {
    engine_full_ = false;
    resume_.cancel();
}

void Connection::note_out_bytes() {
    shared_.counters.out_bytes.fetch_add(out_.bytes() - noted_out_bytes_, std::memory_order_relaxed);
    noted_out_bytes_ = out_.bytes();
}

void Connection::flush() {
    if (closed_) {
        return;
    }
    if (out_.bytes() > shared_.options.out_bytes_max) {
        shared_.counters.overflowed += 1;
        close();
        return;
    }
    if (noted_out_bytes_ == 0) {
        progress_ms_ = steady_ms();
    }
    while (!out_.empty() && !writing_) {
        out_.front(slices_);
        std::array<asio::const_buffer, buffers_max> buffers;
        for (std::size_t i = 0; i < slices_.size(); ++i) {
            buffers[i] = asio::buffer(slices_[i].data(), slices_[i].size());
        }
        boost::system::error_code error;
        const std::size_t bytes = socket_.write_some(buffers, error);
        if (error == asio::error::would_block) {
            writing_ = true;
            asio::co_spawn(shared_.io, write_when_ready(shared_from_this()), asio::detached);
            break;
        }
        if (error) {
            close();
            return;
        }
        out_.written(bytes);
        progress_ms_ = steady_ms();
        shared_.counters.bytes_out.fetch_add(bytes, std::memory_order_relaxed);
    }
    note_out_bytes();
    if (out_.bytes() <= limits::out_bytes_pause / 2) {
        resume_.cancel();
    }
    if (out_.empty() && close_when_written_) {
        close();
    } else if (out_.empty() && protocol_.closing() && !write_ended_) {
        write_ended_ = true;
        boost::system::error_code ignored;
        socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    }
}

asio::awaitable<void> Connection::write_when_ready(std::shared_ptr<Connection> self) {
    const auto [error] = co_await self->socket_.async_wait(Tcp::socket::wait_write, awaiting);
    self->writing_ = false;
    if (error) {
        self->close();
    } else {
        self->flush();
    }
}

std::int64_t Connection::stuck_ms(std::int64_t now_ms) const { return out_.empty() ? 0 : now_ms - progress_ms_; }

void Connection::check_deadlines(std::int64_t now_ms) {
    const bool late_hello = counted_unopened_ && now_ms - accepted_ms_ > shared_.options.hello_ms_max;
    const bool silent = !engine_full_ && !paused() && now_ms - received_ms_ > shared_.options.silence_ms_max;
    const bool stuck = stuck_ms(now_ms) > shared_.options.stuck_ms_max;
    const bool lingered = linger_until_ms_ != 0 && now_ms > linger_until_ms_;
    if (late_hello || silent || stuck) {
        shared_.counters.timed_out += 1;
    }
    if (late_hello || silent || stuck || lingered) {
        close();
    }
}

void Connection::close_when_written() {
    close_when_written_ = true;
    flush();
}

void Connection::close() {
    if (closed_) {
        return;
    }
    const auto self = shared_from_this();
    closed_ = true;
    if (counted_unopened_) {
        note_opened();
    }
    out_ = {};
    note_out_bytes();
    if (protocol_.opened()) {
        shared_.submit(core::Request{id_, core::RequestId{}, {}, core::ConnectionLost{}}, 0, {});
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
    resume_.cancel();
    if (const auto found = shared_.sessions.find(protocol_.session());
        found != shared_.sessions.end() && found->second == id_) {
        shared_.sessions.erase(found);
    }
    shared_.connections.erase(id_);
    shared_.counters.connections.store(shared_.connections.size(), std::memory_order_relaxed);
}

}  // namespace baton::session
