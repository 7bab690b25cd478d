// NATS JetStream: a file stream, asynchronous publishes that are each confirmed, durable push consumers with explicit
// acks.
#include "tests/bench/peers/peer.hpp"

#include <nats/nats.h>

#include <atomic>
#include <stdexcept>

namespace baton::peers {

namespace {

constexpr std::uint64_t receive_max = 1'000;
constexpr std::int64_t unacked_max = 8'192;
constexpr std::int64_t patience_ms = 60'000;

void check(natsStatus status, const char* what) {
    if (status != NATS_OK) {
        throw std::runtime_error(std::string("nats: ") + what + ": " + natsStatus_GetText(status));
    }
}

class Connection {
public:
    explicit Connection(const Options& options) {
        natsOptions* settings = nullptr;
        check(natsOptions_Create(&settings), "options");
        natsOptions_SetURL(settings, ("nats://127.0.0.1:" + std::to_string(options.port)).c_str());
        // The library gathers what is published for a millisecond, which a latency would show.
        natsOptions_SetSendAsap(settings, options.workload == "latency");
        const natsStatus status = natsConnection_Connect(&connection_, settings);
        natsOptions_Destroy(settings);
        check(status, "connect");
        jsOptions stream;
        jsOptions_Init(&stream);
        stream.PublishAsync.MaxPending = options.window;
        stream.PublishAsync.StallWait = patience_ms;
        stream.PublishAsync.ErrHandler = failed;
        stream.PublishAsync.ErrHandlerClosure = &failures_;
        check(natsConnection_JetStream(&stream_, connection_, &stream), "JetStream");
    }
    Connection(const Connection&) = delete;
    ~Connection() {
        jsCtx_Destroy(stream_);
        natsConnection_Destroy(connection_);
    }
    jsCtx* stream() const { return stream_; }
    void flush() const { check(natsConnection_FlushTimeout(connection_, patience_ms), "flush"); }
    std::uint64_t failures() const { return failures_; }

private:
    static void failed(jsCtx*, jsPubAckErr*, void* failures) {
        static_cast<std::atomic<std::uint64_t>*>(failures)->fetch_add(1);
    }

    natsConnection* connection_ = nullptr;
    jsCtx* stream_ = nullptr;
    std::atomic<std::uint64_t> failures_{0};
};

class AsyncProducer : public Producer {
public:
    explicit AsyncProducer(const Options& options) : connection_(options) {}
    void send(std::string_view payload) override {
        check(js_PublishAsync(connection_.stream(), "bench", payload.data(), static_cast<int>(payload.size()), nullptr),
              "publish");
    }
    void push() override {}  // The library's own thread does.
    void finish() override {
        jsPubOptions wait;
        jsPubOptions_Init(&wait);
        wait.MaxWait = patience_ms;
        check(js_PublishAsyncComplete(connection_.stream(), &wait), "confirmations");
        if (connection_.failures() > 0) {
            throw std::runtime_error("nats: a message was not confirmed");
        }
    }

private:
    Connection connection_;
};

class DurableConsumer : public Consumer {
public:
    DurableConsumer(const Options& options, std::uint32_t group) : connection_(options) {
        const std::string name = "g" + std::to_string(group);
        jsSubOptions settings;
        jsSubOptions_Init(&settings);
        settings.ManualAck = true;
        settings.Config.Durable = name.c_str();
        settings.Config.AckPolicy = js_AckExplicit;
        settings.Config.MaxAckPending = unacked_max;
        check(js_SubscribeSync(&subscription_, connection_.stream(), "bench", nullptr, &settings, nullptr),
              "subscribe");
        check(natsSubscription_SetPendingLimits(subscription_, -1, -1), "limits");
    }
    ~DurableConsumer() override { natsSubscription_Destroy(subscription_); }

    std::uint64_t receive(const Seen& seen, std::chrono::milliseconds wait) override {
        std::uint64_t count = 0;
        for (std::int64_t patience = wait.count(); count < receive_max; patience = 0) {
            natsMsg* message = nullptr;
            const natsStatus status = natsSubscription_NextMsg(&message, subscription_, patience);
            if (status == NATS_TIMEOUT) {
                break;
            }
            check(status, "receive");
            seen({natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))});
            const natsStatus acked = natsMsg_Ack(message, nullptr);
            natsMsg_Destroy(message);
            check(acked, "ack");
            count += 1;
        }
        return count;
    }
    void finish() override { connection_.flush(); }

private:
    Connection connection_;
    natsSubscription* subscription_ = nullptr;
};

class Nats : public Peer {
public:
    explicit Nats(const Options& options) : options_(options) {}
    void prepare() override {
        const Connection connection(options_);
        const char* subjects[] = {"bench"};
        jsStreamConfig stream;
        jsStreamConfig_Init(&stream);
        stream.Name = "bench";
        stream.Subjects = subjects;
        stream.SubjectsLen = 1;
        stream.Storage = js_FileStorage;
        // A queue loses what is acked; a topic keeps it.
        stream.Retention = options_.groups > 1 ? js_LimitsPolicy : js_WorkQueuePolicy;
        check(js_AddStream(nullptr, connection.stream(), &stream, nullptr, nullptr), "stream");
    }
    std::unique_ptr<Producer> producer() override { return std::make_unique<AsyncProducer>(options_); }
    std::unique_ptr<Consumer> consumer(std::uint32_t group) override {
        return std::make_unique<DurableConsumer>(options_, group);
    }

private:
    Options options_;
};

}  // namespace

std::unique_ptr<Peer> make_peer(const Options& options) { return std::make_unique<Nats>(options); }

}  // namespace baton::peers
