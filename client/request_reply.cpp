#include "baton/request_reply.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/listener_core.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace baton {

namespace {

// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
constexpr std::uint32_t question_request = 6, question_reply = 6;

/// Not repeated after a lost connection: nobody could tell that it comes a second time.
void produce_once(detail::ClientCore& client, const std::string& queue, const Message& message,
                  std::chrono::milliseconds timeout) {
    v1::Produce produce;
    produce.set_queue(queue);
    if (timeout.count() != 0 && !queue.starts_with("/inbox/")) {
        produce.mutable_defaults()->set_ttl_ms(static_cast<std::uint64_t>(timeout.count()));
    }
    v1::Entry& entry = *produce.add_entries();
    entry.set_payload(message.payload);
    entry.set_name(message.name);
    for (const Header& header : message.headers) {
        v1::Header& to = *entry.add_headers();
        to.set_key(header.key);
        to.set_value(header.value);
    }
    client.call(question_request, produce, question_reply, false, timeout);
}

std::string header_of(const Message& message, const char* key) {
    const auto found = std::find_if(message.headers.begin(), message.headers.end(),
                                    [key](const Header& header) { return header.key == key; });
    return found == message.headers.end() ? std::string() : found->value;
}

}  // namespace

namespace detail {

/// The questions that wait, by correlation. One inbox serves them all.
class RequesterCore : public std::enable_shared_from_this<RequesterCore> {
public:
    explicit RequesterCore(std::shared_ptr<ClientCore> client) : client_(std::move(client)) {}

    void open() {
        ListenOptions options;
        options.inbox = true;
        options.on_message = [weak = weak_from_this()](HeardMessage&& heard) {
            if (const auto self = weak.lock()) {
                self->answered(std::move(heard));
            }
        };
        inbox_ = std::make_shared<ListenerCore>(client_, std::move(options), [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->give_up();
            }
        });
        inbox_->open();
    }
    void close() { inbox_->close(); }

    HeardMessage ask(const std::string& queue, Message&& question, std::chrono::milliseconds timeout) {
        client_->require_may_block();
        const auto until = std::chrono::steady_clock::now() + timeout;
        const std::string correlation = std::to_string(client_->next_id());
        question.headers.push_back({reply_to_header, address(until)});
        question.headers.push_back({correlation_header, correlation});
        std::future<HeardMessage> answer;
        {
            const std::lock_guard lock(mutex_);
            answer = waiting_[correlation].get_future();
        }
        try {
            produce_once(*client_, queue, question, timeout);
            if (answer.wait_until(until) == std::future_status::ready) {
                return answer.get();
            }
        } catch (...) {
            forget(correlation);
            throw;
        }
        forget(correlation);
        throw Exception(Error{ErrorCode::timed_out, "no answer came in time"});
    }

private:
    /// That of the inbox; after a lost connection it takes a moment until there is one again.
    std::string address(std::chrono::steady_clock::time_point until) {
        std::string inbox = inbox_->inbox();
        while (inbox.empty() && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            inbox = inbox_->inbox();
        }
        if (inbox.empty()) {
            throw Exception(Error{ErrorCode::timed_out, "there was no connection in time"});
        }
        return inbox;
    }
    /// The inbox is gone with the connection, and so is every answer that is on its way.
    void give_up() {
        std::map<std::string, std::promise<HeardMessage>> waiting;
        {
            const std::lock_guard lock(mutex_);
            waiting.swap(waiting_);
        }
        for (auto& [correlation, promise] : waiting) {
            promise.set_exception(std::make_exception_ptr(
                Exception(Error{ErrorCode::connection_lost, "the connection was lost before the answer came"})));
        }
    }
    void answered(HeardMessage&& heard) {
        const std::lock_guard lock(mutex_);
        const auto found = waiting_.find(header_of(heard.message, correlation_header));
        if (found != waiting_.end()) {
            found->second.set_value(std::move(heard));
            waiting_.erase(found);
        }
    }
    void forget(const std::string& correlation) {
        const std::lock_guard lock(mutex_);
        waiting_.erase(correlation);
    }

    const std::shared_ptr<ClientCore> client_;
    std::shared_ptr<ListenerCore> inbox_;
    std::mutex mutex_;  // Guards what waits.
    std::map<std::string, std::promise<HeardMessage>> waiting_;
};

}  // namespace detail

Requester::Requester(const Client& client) : core_(std::make_shared<detail::RequesterCore>(client.core())) {
    core_->open();
}

Requester::~Requester() { core_->close(); }

HeardMessage Requester::ask(const std::string& queue, Message question, std::chrono::milliseconds timeout) {
    return core_->ask(queue, std::move(question), timeout);
}

bool answer(const Client& client, const MessageView& question, Message reply) {
    const auto to = question.header(reply_to_header);
    if (!to) {
        return false;
    }
    reply.headers.push_back({correlation_header, std::string(question.header(correlation_header).value_or(""))});
    produce_once(*client.core(), std::string(*to), reply, {});
    return true;
}

}  // namespace baton
