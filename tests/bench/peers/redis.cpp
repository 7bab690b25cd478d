// Redis Streams: XADD, and XREADGROUP with XACK by one group a consumer.
#include "tests/bench/peers/peer.hpp"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace baton::peers {

namespace {

constexpr std::size_t send_every = 256;
constexpr std::uint64_t shortest_stream = 100'000;

struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;
struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
};

class Connection {
public:
    explicit Connection(int port) : context_(redisConnect("127.0.0.1", port)) {
        if (!context_ || context_->err != 0) {
            throw std::runtime_error("cannot connect to redis");
        }
    }
    void append(const std::vector<std::string_view>& words) {
        argv_.clear();
        lengths_.clear();
        for (const std::string_view word : words) {
            argv_.push_back(word.data());
            lengths_.push_back(word.size());
        }
        check(redisAppendCommandArgv(context_.get(), static_cast<int>(argv_.size()), argv_.data(), lengths_.data()));
    }
    void write() {
        for (int done = 0; done == 0;) {
            check(redisBufferWrite(context_.get(), &done));
        }
    }
    /// Writes what was appended, and waits for the next reply.
    Reply read() {
        void* raw = nullptr;
        check(redisGetReply(context_.get(), &raw));
        return checked(raw);
    }
    /// The next reply, if it has come.
    Reply read_ready() {
        void* raw = nullptr;
        check(redisReaderGetReply(context_->reader, &raw));
        pollfd ready{.fd = context_->fd, .events = POLLIN, .revents = 0};
        if (raw == nullptr && ::poll(&ready, 1, 0) > 0) {
            check(redisBufferRead(context_.get()));
            check(redisReaderGetReply(context_->reader, &raw));
        }
        return raw == nullptr ? nullptr : checked(raw);
    }

private:
    void check(int status) const {
        if (status != REDIS_OK) {
            throw std::runtime_error(std::string("redis: ") + context_->errstr);
        }
    }
    static Reply checked(void* raw) {
        Reply reply(static_cast<redisReply*>(raw));
        if (reply->type == REDIS_REPLY_ERROR) {
            throw std::runtime_error(std::string("redis: ") + reply->str);
        }
        return reply;
    }

    std::unique_ptr<redisContext, FreeContext> context_;
    std::vector<const char*> argv_;
    std::vector<std::size_t> lengths_;
};

class StreamProducer : public Producer {
public:
    explicit StreamProducer(const Options& options) : connection_(options.port), window_(options.window) {
        // What is acked stays in a stream, so where messages are consumed it is kept short.
        if (options.workload == "end-to-end" || options.workload == "fan-out") {
            length_ = std::to_string(std::max(shortest_stream, options.lead * 4));
            words_ = {"XADD", "bench", "MAXLEN", "~", length_, "*", "p", ""};
        }
    }
    void send(std::string_view payload) override {
        words_.back() = payload;
        connection_.append(words_);
        open_ += 1;
        if (++unwritten_ >= send_every) {
            push();
        }
        while (open_ >= window_) {
            connection_.read();
            open_ -= 1;
        }
    }
    void push() override {
        connection_.write();
        unwritten_ = 0;
        while (open_ > 0 && connection_.read_ready()) {
            open_ -= 1;
        }
    }
    void finish() override {
        for (; open_ > 0; --open_) {
            connection_.read();
        }
    }

private:
    Connection connection_;
    std::uint32_t window_;
    std::uint32_t open_ = 0;
    std::size_t unwritten_ = 0;
    std::string length_;
    std::vector<std::string_view> words_{"XADD", "bench", "*", "p", ""};
};

class GroupConsumer : public Consumer {
public:
    GroupConsumer(const Options& options, std::uint32_t group)
        : connection_(options.port), group_("g" + std::to_string(group)) {}

    std::uint64_t receive(const Seen& seen, std::chrono::milliseconds wait) override {
        const std::string block = std::to_string(wait.count());
        connection_.append(
            {"XREADGROUP", "GROUP", group_, "c", "COUNT", "1000", "BLOCK", block, "STREAMS", "bench", ">"});
        finish();  // The reply to the acks before, which left together with this.
        const Reply reply = connection_.read();
        if (reply->type == REDIS_REPLY_NIL) {
            return 0;
        }
        const redisReply* entries = reply->element[0]->element[1];
        std::vector<std::string_view> words{"XACK", "bench", group_};
        for (std::size_t i = 0; i < entries->elements; ++i) {
            const redisReply* id = entries->element[i]->element[0];
            const redisReply* payload = entries->element[i]->element[1]->element[1];
            seen({payload->str, payload->len});
            words.emplace_back(id->str, id->len);
        }
        connection_.append(words);
        acking_ = true;
        return entries->elements;
    }
    void finish() override {
        if (acking_) {
            connection_.read();
            acking_ = false;
        }
    }

private:
    Connection connection_;
    std::string group_;
    bool acking_ = false;
};

class Redis : public Peer {
public:
    explicit Redis(const Options& options) : options_(options) {}
    void prepare() override {
        Connection connection(options_.port);
        for (std::uint32_t group = 0; group < options_.groups; ++group) {
            connection.append({"XGROUP", "CREATE", "bench", "g" + std::to_string(group), "0", "MKSTREAM"});
            connection.read();
        }
    }
    std::unique_ptr<Producer> producer() override { return std::make_unique<StreamProducer>(options_); }
    std::unique_ptr<Consumer> consumer(std::uint32_t group) override {
        return std::make_unique<GroupConsumer>(options_, group);
    }

private:
    Options options_;
};

}  // namespace

std::unique_ptr<Peer> make_peer(const Options& options) { return std::make_unique<Redis>(options); }

}  // namespace baton::peers
