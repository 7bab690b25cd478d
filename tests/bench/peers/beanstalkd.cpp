// beanstalkd: its protocol is lines over a socket, with commands sent ahead of their replies.
#include "tests/bench/peers/peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace baton::peers {

namespace {

constexpr std::size_t send_at_bytes = 32 * 1024;
constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::uint64_t reserves_max = 512;
constexpr int time_to_run_seconds = 300;

class Connection {
public:
    explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("cannot connect to beanstalkd");
        }
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    Connection(const Connection&) = delete;
    ~Connection() { ::close(socket_); }

    Connection& append(std::string_view text) {
        out_ += text;
        return *this;
    }
    std::size_t unwritten() const { return out_.size(); }
    void write() {
        for (std::string_view rest = out_; !rest.empty();) {
            const ssize_t count = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                throw std::runtime_error("beanstalkd hung up");
            }
            rest.remove_prefix(static_cast<std::size_t>(count));
        }
        out_.clear();
    }
    /// Whether there is something to read.
    bool ready() {
        pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
        return begin_ < end_ || ::poll(&readable, 1, 0) > 0;
    }
    /// A view is valid until the next read.
    std::string_view line() {
        std::size_t length = unread().find("\r\n");
        for (; length == std::string_view::npos; length = unread().find("\r\n")) {
            read_more();
        }
        return take(length);
    }
    std::string_view body(std::size_t size) {
        while (unread().size() < size + 2) {
            read_more();
        }
        return take(size);
    }

private:
    std::string_view unread() const { return {in_.data() + begin_, end_ - begin_}; }
    std::string_view take(std::size_t size) {
        const std::string_view found = unread().substr(0, size);
        begin_ += size + 2;
        return found;
    }
    void read_more() {
        if (in_.size() - end_ < read_bytes) {
            std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin_),
                      in_.begin() + static_cast<std::ptrdiff_t>(end_), in_.begin());
            end_ -= begin_;
            begin_ = 0;
            in_.resize(std::max(in_.size(), end_ + read_bytes));
        }
        const ssize_t count = ::recv(socket_, in_.data() + end_, in_.size() - end_, 0);
        if (count <= 0) {
            throw std::runtime_error("beanstalkd hung up");
        }
        end_ += static_cast<std::size_t>(count);
    }

    int socket_;
    std::string out_;
    std::vector<char> in_ = std::vector<char>(read_bytes * 4);
    std::size_t begin_ = 0, end_ = 0;
};

class PutProducer : public Producer {
public:
    explicit PutProducer(const Options& options)
        : connection_(options.port),
          window_(options.window),
          put_("put 0 0 " + std::to_string(time_to_run_seconds) + " ") {}

    void send(std::string_view payload) override {
        connection_.append(put_).append(std::to_string(payload.size())).append("\r\n").append(payload).append("\r\n");
        open_ += 1;
        if (connection_.unwritten() >= send_at_bytes) {
            push();
        }
        if (open_ >= window_) {
            connection_.write();
        }
        while (open_ >= window_) {
            take_reply();
        }
    }
    void push() override {
        connection_.write();
        while (open_ > 0 && connection_.ready()) {
            take_reply();
        }
    }
    void finish() override {
        connection_.write();
        while (open_ > 0) {
            take_reply();
        }
    }

private:
    void take_reply() {
        const std::string_view reply = connection_.line();
        if (!reply.starts_with("INSERTED ")) {
            throw std::runtime_error("beanstalkd: " + std::string(reply));
        }
        open_ -= 1;
    }

    Connection connection_;
    std::uint32_t window_;
    std::string put_;
    std::uint32_t open_ = 0;
};

/// Asks for as many jobs at once as are likely to be there. A connection that waits for a job carries out nothing else,
/// so only the first of them waits, behind the removals of the jobs before.
class ReserveConsumer : public Consumer {
public:
    explicit ReserveConsumer(const Options& options) : connection_(options.port) {}

    std::uint64_t receive(const Seen& seen, std::chrono::milliseconds wait) override {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
        connection_.append("reserve-with-timeout ").append(std::to_string(seconds)).append("\r\n");
        for (std::uint64_t i = 1; i < ahead_; ++i) {
            connection_.append("reserve-with-timeout 0\r\n");
        }
        connection_.write();
        finish();
        std::uint64_t count = 0;
        for (std::uint64_t i = 0; i < ahead_; ++i) {
            count += take_job(seen) ? 1 : 0;
        }
        deleting_ = count;
        connection_.write();
        ahead_ = std::clamp<std::uint64_t>(count * 2, 1, reserves_max);
        return count;
    }
    void finish() override {
        for (; deleting_ > 0; --deleting_) {
            if (const std::string_view reply = connection_.line(); reply != "DELETED") {
                throw std::runtime_error("beanstalkd: " + std::string(reply));
            }
        }
    }

private:
    static constexpr std::string_view reserved = "RESERVED ";

    bool take_job(const Seen& seen) {
        const std::string reply(connection_.line());
        if (reply == "TIMED_OUT") {
            return false;
        }
        const std::size_t id_end = reply.find(' ', reserved.size());
        if (!reply.starts_with(reserved) || id_end == std::string::npos) {
            throw std::runtime_error("beanstalkd: " + reply);
        }
        seen(connection_.body(std::stoull(reply.substr(id_end + 1))));
        connection_.append("delete ").append(reply.substr(reserved.size(), id_end - reserved.size())).append("\r\n");
        return true;
    }

    Connection connection_;
    std::uint64_t ahead_ = 1, deleting_ = 0;
};

class Beanstalkd : public Peer {
public:
    explicit Beanstalkd(const Options& options) : options_(options) {}
    void prepare() override {}
    std::unique_ptr<Producer> producer() override { return std::make_unique<PutProducer>(options_); }
    std::unique_ptr<Consumer> consumer(std::uint32_t) override { return std::make_unique<ReserveConsumer>(options_); }

private:
    Options options_;
};

}  // namespace

std::unique_ptr<Peer> make_peer(const Options& options) { return std::make_unique<Beanstalkd>(options); }

}  // namespace baton::peers
