#pragma once
// The inside of a Client: keeps one connection alive, speaks the handshake and heartbeats, matches answers to requests
// and hands deliveries to consumers. Shared by everything made from the client; its I/O thread ends with close().
//
// Functions marked [any] may be called from any thread, all others belong to the I/O thread.

#include "baton/connection.hpp"
#include "client/flow_identity.hpp"
#include "client/request_table.hpp"
#include "client/transport.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace google::protobuf {
class MessageLite;
}

namespace baton::detail {

class ConsumerCore;
class PushStream;

class ClientCore : public std::enable_shared_from_this<ClientCore> {
public:
    ClientCore(Address address, ClientOptions options);
    ~ClientCore();

    /// [any] Starts the I/O thread and waits for the first connection. Throws.
    void connect();
    /// [any] See Client::close.
    void close(std::chrono::milliseconds deadline);

    /// [any] Unique, ascending.
    std::uint64_t next_id() { return next_id_.fetch_add(1) + 1; }
    /// [any] Sends a request now, or as soon as there is a connection. False when the client is closed: the handler is
    /// not called then.
    bool submit(PendingRequest&& request);
    /// [any] Returns the bytes of the answer, which is to be of the kind `reply_field`. Throws. 0 = as the options say.
    std::string call(std::uint32_t field, const google::protobuf::MessageLite& body, std::uint32_t reply_field,
                     bool repeatable = true, std::chrono::milliseconds timeout = {});
    std::string call_encoded(std::uint32_t field, std::string_view body, std::uint32_t reply_field);
    /// [any] Runs `work` on the I/O thread; false, and it will not run, when the client is closed.
    bool post(std::function<void()> work);
    void after(std::chrono::microseconds delay, std::function<void()> work) {
        transport_.after(delay, std::move(work));
    }
    /// Sends a frame that has no answer; lost when there is no connection.
    void send_unanswered(OutFramePtr frame);

    /// [any] Throws when called on the I/O thread, where waiting would wait for itself.
    void require_may_block() const;
    bool on_io_thread() const { return transport_.on_io_thread(); }
    const ClientOptions& options() const { return options_; }
    ServerInfo server() const;
    bool connected() const;
    /// [any] The name a consumer goes by when it has none of its own.
    std::string default_worker() const;

    /// [any] From now on deliveries for this consumer reach it, and it is declared again after reconnects.
    void add_consumer(std::uint64_t id, std::weak_ptr<ConsumerCore> consumer);
    void remove_consumer(std::uint64_t id);
    /// [any] The same for one who follows events, or listens.
    void add_stream(std::uint64_t id, std::weak_ptr<PushStream> stream);
    void remove_stream(std::uint64_t id);
    FlowIdentity& flow_identity() { return flow_identity_; }  // [any]

private:
    std::string exchange(PendingRequest&& request, std::uint32_t reply_field);
    enum class State : std::uint8_t { idle, dialing, greeting, ready, stopped };

    void dial();
    void on_connected();
    void on_lost(const std::string& reason);
    bool on_frame(std::string_view frame, ReceiveBuffer& buffer);
    void on_first_frame(std::uint32_t field, std::string_view body);
    bool on_welcome(std::string_view body);
    void on_notice(std::string_view body);
    void on_lease_revoked(std::string_view body);
    bool on_push(std::string_view body, ReceiveBuffer& buffer);
    bool answer(std::uint64_t id, const Reply& reply);
    void declare_consumers(bool resumed);
    void take_inbox();
    void drain_inbox();
    void send_ready();
    void tick();
    void check_heartbeat(TimePoint now);
    void fail_requests(std::vector<PendingRequest>&& requests, const Error& error);
    /// [any] Waits until nothing is gathered or unanswered, or no longer could be answered.
    void settle_down(TimePoint until);
    void shut_down();
    void tell(const ConnectionEvent& event) const;
    void settle_first_connect(const Error* error);
    std::shared_ptr<ConsumerCore> consumer(std::uint64_t id);
    std::vector<std::shared_ptr<ConsumerCore>> consumers();
    std::vector<std::shared_ptr<PushStream>> streams();
    void declare(PendingRequest&& request);
    void on_stream_push(std::string_view body);

    // Constant after construction.
    const Address address_;
    const ClientOptions options_;

    // Any thread.
    std::atomic<std::uint64_t> next_id_{0};
    FlowIdentity flow_identity_;
    mutable std::mutex mutex_;  // Guards up to the blank line.
    std::condition_variable settled_;
    std::vector<PendingRequest> inbox_;
    bool drain_posted_ = false;
    /// Nothing waits to be sent, so a new request may be written by the thread that makes it.
    bool may_write_directly_ = false;
    bool closed_ = false, connected_ = false;
    std::size_t unanswered_ = 0;
    ServerInfo server_;
    std::map<std::uint64_t, std::weak_ptr<ConsumerCore>> consumers_;
    std::map<std::uint64_t, std::weak_ptr<PushStream>> streams_;

    // I/O thread.
    State state_ = State::idle;
    RequestTable requests_;
    std::uint64_t session_id_ = 0, session_secret_ = 0, epoch_ = 0;
    std::size_t in_flight_max_ = 1;
    std::chrono::milliseconds send_interval_{30'000};
    std::uint32_t attempt_ = 0;
    bool ever_connected_ = false;
    std::string last_loss_ = "not connected yet";
    TimePoint started_at_{};
    TimePoint greeting_until_{};
    TimePoint last_received_{};
    TimePoint last_sent_{};
    TimePoint pinged_at_{};
    bool ping_open_ = false;
    std::mt19937_64 random_;
    std::promise<Result<bool>> first_connect_;
    bool first_connect_settled_ = false;

    // Last, so that its thread is gone before anything else is.
    Transport transport_;
};

}  // namespace baton::detail
