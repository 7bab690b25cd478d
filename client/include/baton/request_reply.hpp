#pragma once
// Asking and answering over queues and topics: the question carries the address of a private inbox, the answer goes
// there and is stored nowhere.
//
//     baton::Requester prices(client);                                            // who asks
//     const auto answer = prices.ask("price.of", {.payload = "apple"}, 2s);
//
//     baton::Worker worker(client, "price.of", [&](baton::Job& job) {             // who answers
//         baton::answer(client, job.message(), {.payload = price_of(job.payload())});
//         return baton::Outcome::ok();
//     });
//
// A question is a message like any other: durable, retried, answered once the worker has come back. An answer to nobody
// who still waits is refused with queue_not_found, or ignored.

#include "baton/connection.hpp"
#include "baton/listener.hpp"
#include "baton/message.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace baton {

namespace detail {
class RequesterCore;
}

/// The headers of a question, and of its answer.
inline constexpr const char* reply_to_header = "reply-to";
inline constexpr const char* correlation_header = "correlation-id";

class Requester {
public:
    explicit Requester(const Client& client);
    ~Requester();
    Requester(const Requester&) = delete;
    Requester& operator=(const Requester&) = delete;

    /// Produces the question to a queue or a topic and waits for the first answer. Throws timed_out when none came in
    /// time, and connection_lost when the connection was lost meanwhile: whether the question was stored is then not
    /// known, and it is not repeated. It is not delivered later than the deadline, which is above 0. May be called by
    /// several threads at once.
    HeardMessage ask(const std::string& queue, Message question, std::chrono::milliseconds timeout);

private:
    std::shared_ptr<detail::RequesterCore> core_;
};

/// Answers a question; false when it did not ask for an answer. Throws queue_not_found when who asked is gone.
bool answer(const Client& client, const MessageView& question, Message reply);

}  // namespace baton
