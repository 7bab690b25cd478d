#include "server/session/decode/bodies.hpp"
#include "server/session/decode/filter.hpp"
#include "server/session/decode/parse.hpp"

#include <baton/v1/listen.pb.h>
#include <baton/v1/wire.pb.h>

#include <memory>
#include <utility>

namespace baton::session {

namespace {

Fault check_credit(std::uint64_t messages, std::uint64_t bytes, const char* messages_field, const char* bytes_field) {
    if (auto fault = check_range(messages, 0, core::limits::listen_messages_max, messages_field)) {
        return fault;
    }
    return check_range(bytes, 0, core::limits::listen_bytes_max, bytes_field);
}

Fault decode_listen(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::Listen>(body, "listen", [&out](const v1::Listen& from) -> Fault {
        if (auto fault = check_credit(from.credit_messages(), from.credit_bytes(), "listen.credit_messages",
                                      "listen.credit_bytes")) {
            return fault;
        }
        if (from.inbox() && (!from.topics().empty() || from.has_filter())) {
            return invalid("listen.inbox", "an inbox is an address of its own, not of topics");
        }
        core::Listen listen;
        listen.listener = from.listener_id();
        listen.inbox = from.inbox();
        listen.messages = from.credit_messages();
        listen.bytes = from.credit_bytes();
        core::Selection selects{from.topics(), nullptr};
        if (from.has_filter()) {
            if (auto fault = decode_message_filter(from.filter(), "listen.filter", selects.filter)) {
                return fault;
            }
        }
        listen.selects = std::make_shared<const core::Selection>(std::move(selects));
        out = std::move(listen);
        return {};
    });
}

Fault decode_credit_listener(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CreditListener>(body, "credit_listener", [&out](const v1::CreditListener& from) -> Fault {
        out = core::CreditListener{from.listener_id(), from.messages(), from.bytes()};
        return check_credit(from.messages(), from.bytes(), "credit_listener.messages", "credit_listener.bytes");
    });
}

Fault decode_stop_listening(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::StopListening>(body, "stop_listening", [&out](const v1::StopListening& from) -> Fault {
        out = core::StopListening{from.listener_id()};
        return {};
    });
}

}  // namespace

Fault decode_listen_body(std::uint64_t field, std::string_view body, core::RequestBody& out, bool& known) {
    switch (field) {
        case v1::ClientFrame::kListen:
            return decode_listen(body, out);
        case v1::ClientFrame::kCreditListener:
            return decode_credit_listener(body, out);
        case v1::ClientFrame::kStopListening:
            return decode_stop_listening(body, out);
        default:
            known = false;
            return {};
    }
}

}  // namespace baton::session
