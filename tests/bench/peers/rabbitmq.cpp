// RabbitMQ: persistent messages with publisher confirms, durable queues, a fanout exchange where there are many.
#include "tests/bench/peers/peer.hpp"

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <stdexcept>
#include <vector>

namespace baton::peers {

namespace {

constexpr amqp_channel_t channel = 1;
constexpr int frame_max = 131'072;
constexpr std::uint16_t prefetch = 2'000;
constexpr std::uint64_t ack_every = 500;
constexpr std::size_t send_every = 64;

amqp_bytes_t bytes(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string queue_name(std::uint32_t group) { return "bench." + std::to_string(group); }

class Connection {
public:
    explicit Connection(int port) : state_(amqp_new_connection()) {
        amqp_socket_t* socket = amqp_tcp_socket_new(state_);
        check(amqp_socket_open(socket, "127.0.0.1", port));
        check(amqp_login(state_, "/", 0, frame_max, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"));
        amqp_channel_open(state_, channel);
        check();
    }
    Connection(const Connection&) = delete;
    ~Connection() { amqp_destroy_connection(state_); }

    amqp_connection_state_t state() const { return state_; }
    void check() const { check(amqp_get_rpc_reply(state_)); }
    static void check(const amqp_rpc_reply_t& reply) {
        if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) {
            check(reply.library_error);
        }
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
            throw std::runtime_error("rabbitmq: the server refused a request");
        }
    }
    static void check(int status) {
        if (status != AMQP_STATUS_OK) {
            throw std::runtime_error(std::string("rabbitmq: ") + amqp_error_string2(status));
        }
    }

private:
    amqp_connection_state_t state_;
};

class ConfirmedProducer : public Producer {
public:
    explicit ConfirmedProducer(const Options& options)
        : connection_(options.port),
          window_(options.window),
          exchange_(options.groups > 1 ? "bench" : ""),
          queue_(options.groups > 1 ? "" : queue_name(0)) {
        amqp_confirm_select(connection_.state(), channel);
        connection_.check();
        properties_._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
        properties_.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    }
    void send(std::string_view payload) override {
        if (unsent_ == 0) {
            hold(1);
        }
        Connection::check(amqp_basic_publish(connection_.state(), channel, bytes(exchange_), bytes(queue_), 0, 0,
                                             &properties_, bytes(payload)));
        confirmed_.push_back(false);
        open_ += 1;
        if (++unsent_ >= send_every) {
            push();
        }
        while (open_ >= window_) {
            wait_for_confirm(nullptr);
        }
    }
    void push() override {
        hold(0);
        unsent_ = 0;
        timeval at_once{};
        while (open_ > 0 && wait_for_confirm(&at_once)) {
        }
        amqp_maybe_release_buffers(connection_.state());
    }
    void finish() override {
        push();
        while (open_ > 0) {
            wait_for_confirm(nullptr);
        }
    }

private:
    /// The library makes three small writes a message; the kernel holds them back until there are some messages.
    void hold(int on) { ::setsockopt(amqp_get_sockfd(connection_.state()), IPPROTO_TCP, TCP_CORK, &on, sizeof on); }
    /// Whether a frame came within the time; null = waits.
    bool wait_for_confirm(const timeval* wait) {
        amqp_frame_t frame;
        const int status = amqp_simple_wait_frame_noblock(connection_.state(), &frame, wait);
        if (status == AMQP_STATUS_TIMEOUT) {
            return false;
        }
        Connection::check(status);
        if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
            throw std::runtime_error("rabbitmq: a message was not confirmed");
        }
        const auto* ack = static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
        for (std::uint64_t tag = ack->multiple ? first_open_ : ack->delivery_tag; tag <= ack->delivery_tag; ++tag) {
            if (!confirmed_[tag - 1]) {
                confirmed_[tag - 1] = true;
                open_ -= 1;
            }
        }
        while (first_open_ <= confirmed_.size() && confirmed_[first_open_ - 1]) {
            first_open_ += 1;
        }
        return true;
    }

    Connection connection_;
    std::uint32_t window_;
    std::string exchange_, queue_;
    amqp_basic_properties_t properties_{};
    std::uint32_t open_ = 0;
    std::size_t unsent_ = 0;
    /// By delivery tag, which counts from 1.
    std::vector<bool> confirmed_;
    std::uint64_t first_open_ = 1;
};

class QueueConsumer : public Consumer {
public:
    QueueConsumer(const Options& options, std::uint32_t group) : connection_(options.port), queue_(queue_name(group)) {
        amqp_basic_qos(connection_.state(), channel, 0, prefetch, 0);
        connection_.check();
        amqp_basic_consume(connection_.state(), channel, bytes(queue_), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
        connection_.check();
    }
    std::uint64_t receive(const Seen& seen, std::chrono::milliseconds wait) override {
        timeval patience{.tv_sec = wait.count() / 1'000, .tv_usec = wait.count() % 1'000 * 1'000};
        std::uint64_t last = 0, count = 0;
        while (count < ack_every) {
            amqp_maybe_release_buffers(connection_.state());
            amqp_envelope_t envelope;
            const amqp_rpc_reply_t reply = amqp_consume_message(connection_.state(), &envelope, &patience, 0);
            if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT) {
                break;
            }
            Connection::check(reply);
            seen({static_cast<const char*>(envelope.message.body.bytes), envelope.message.body.len});
            last = envelope.delivery_tag;
            amqp_destroy_envelope(&envelope);
            count += 1;
            patience = {};
        }
        if (count > 0) {
            Connection::check(amqp_basic_ack(connection_.state(), channel, last, 1));
        }
        return count;
    }
    void finish() override { Connection::check(amqp_channel_close(connection_.state(), channel, AMQP_REPLY_SUCCESS)); }

private:
    Connection connection_;
    std::string queue_;
};

class RabbitMq : public Peer {
public:
    explicit RabbitMq(const Options& options) : options_(options) {}
    void prepare() override {
        const Connection connection(options_.port);
        amqp_exchange_declare(connection.state(), channel, bytes("bench"), bytes("fanout"), 0, 1, 0, 0,
                              amqp_empty_table);
        connection.check();
        amqp_table_entry_t kind{};
        kind.key = bytes("x-queue-type");
        kind.value.kind = AMQP_FIELD_KIND_UTF8;
        kind.value.value.bytes = bytes(options_.kind);
        const amqp_table_t arguments{1, &kind};
        for (std::uint32_t group = 0; group < options_.groups; ++group) {
            const std::string queue = queue_name(group);
            amqp_queue_declare(connection.state(), channel, bytes(queue), 0, 1, 0, 0, arguments);
            connection.check();
            amqp_queue_bind(connection.state(), channel, bytes(queue), bytes("bench"), amqp_empty_bytes,
                            amqp_empty_table);
            connection.check();
        }
    }
    std::unique_ptr<Producer> producer() override { return std::make_unique<ConfirmedProducer>(options_); }
    std::unique_ptr<Consumer> consumer(std::uint32_t group) override {
        return std::make_unique<QueueConsumer>(options_, group);
    }

private:
    Options options_;
};

}  // namespace

std::unique_ptr<Peer> make_peer(const Options& options) { return std::make_unique<RabbitMq>(options); }

}  // namespace baton::peers
