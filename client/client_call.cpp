// Requests whose caller waits for the answer.
#include "client/client_core.hpp"
#include "proto/frame_reader.hpp"

#include <google/protobuf/message_lite.h>

#include <utility>

namespace baton::detail {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// What a waiting call shares with the handler of its request, which may outlive the call.
struct Waiter {
    std::promise<Result<std::string>> promise;
};

}  // namespace

std::string ClientCore::call(std::uint32_t field, const google::protobuf::MessageLite& body, std::uint32_t reply_field,
                             bool repeatable, milliseconds timeout) {
    const std::uint64_t id = next_id();
    PendingRequest request{id, make_frame(id, options_.namespace_name, field, body), {}};
    request.repeatable = repeatable;
    request.deadline = steady_clock::now() + (timeout.count() == 0 ? options_.request_timeout : timeout);
    return exchange(std::move(request), reply_field);
}

std::string ClientCore::call_encoded(std::uint32_t field, std::string_view body, std::uint32_t reply_field) {
    const std::uint64_t id = next_id();
    PendingRequest request{id, make_frame(id, options_.namespace_name, field, body), {}};
    request.deadline = steady_clock::now() + options_.request_timeout;
    return exchange(std::move(request), reply_field);
}

std::string ClientCore::exchange(PendingRequest&& request, std::uint32_t reply_field) {
    require_may_block();
    // The server would end the connection, and the next one too when the request is repeated.
    const std::size_t bytes = request.frame->bytes() - proto::frame_head_bytes;
    if (const std::size_t frame_max = server().frame_bytes_max; frame_max != 0 && bytes > frame_max) {
        throw Exception({ErrorCode::frame_too_large, "the request is too large", false, "frame", frame_max});
    }
    const auto waiter = std::make_shared<Waiter>();
    auto answer = waiter->promise.get_future();
    request.handler = [waiter, reply_field](const Result<Reply>& reply) {
        if (!reply) {
            waiter->promise.set_value(reply.error());
        } else if (reply.value().field != reply_field) {
            waiter->promise.set_value(Error{ErrorCode::protocol_violation, "the server answered something else"});
        } else {
            waiter->promise.set_value(std::string(reply.value().body));
        }
        return true;
    };
    if (!submit(std::move(request))) {
        throw Exception({ErrorCode::closed, "the client is closed"});
    }
    return answer.get().value();
}

}  // namespace baton::detail
