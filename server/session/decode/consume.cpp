#include "server/session/decode/fetch.hpp"
#include "server/session/decode/parse.hpp"

#include <baton/v1/wire.pb.h>

#include <utility>

namespace baton::session {

namespace {

Fault check_credit(std::uint32_t messages, std::uint32_t bytes, const char* messages_field, const char* bytes_field) {
    if (auto fault = check_range(messages, 0, core::limits::credit_messages_max, messages_field)) {
        return fault;
    }
    return check_range(bytes, 0, core::limits::credit_bytes_max, bytes_field);
}

std::uint32_t bytes_or_max(std::uint32_t bytes) { return bytes == 0 ? core::limits::credit_bytes_max : bytes; }

}  // namespace

Fault decode_fetch(const v1::Fetch& from, core::Fetch& out) {
    if (auto fault = check_credit(from.max_messages(), from.max_bytes(), "fetch.max_messages", "fetch.max_bytes")) {
        return fault;
    }
    if (auto fault = check_range(from.wait_ms(), 0, core::limits::fetch_wait_ms_max, "fetch.wait_ms")) {
        return fault;
    }
    if (from.has_lease_ms()) {
        if (auto fault = check_lease(from.lease_ms(), "fetch.lease_ms")) {
            return fault;
        }
    }
    out.consumer = core::ConsumerId{from.consumer_id()};
    out.max_messages = std::max(1U, from.max_messages());
    out.max_bytes = bytes_or_max(from.max_bytes());
    out.wait_ms = from.wait_ms();
    out.lease_ms = from.lease_ms();
    return {};
}

Fault decode_fetch(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::Fetch>(body, "fetch", [&out](const v1::Fetch& from) -> Fault {
        core::Fetch fetch;
        if (auto fault = decode_fetch(from, fetch)) {
            return fault;
        }
        out = fetch;
        return {};
    });
}

Fault decode_open_consumer(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::OpenConsumer>(body, "open_consumer", [&out](const v1::OpenConsumer& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "open_consumer.queue")) {
            return fault;
        }
        if (auto fault = check_credit(from.credit_messages(), from.credit_bytes(), "open_consumer.credit_messages",
                                      "open_consumer.credit_bytes")) {
            return fault;
        }
        if (from.has_lease_ms()) {
            if (auto fault = check_lease(from.lease_ms(), "open_consumer.lease_ms")) {
                return fault;
            }
        }
        if (auto fault = check_range(from.worker().size(), 0, core::limits::worker_bytes_max, "open_consumer.worker")) {
            return fault;
        }
        if (auto fault = check_range(static_cast<std::size_t>(from.held_batches_size()), 0, limits::held_batches_max,
                                     "open_consumer.held_batches")) {
            return fault;
        }
        core::OpenConsumer open;
        open.consumer = core::ConsumerId{from.consumer_id()};
        open.queue = from.queue();
        open.credit_messages = from.credit_messages();
        open.credit_bytes = bytes_or_max(from.credit_bytes());
        open.lease_ms = from.lease_ms();
        open.worker = from.worker();
        open.priority = from.priority();
        open.redeclared = from.redeclared();
        open.held_batches.assign(from.held_batches().begin(), from.held_batches().end());
        out = std::move(open);
        return {};
    });
}

Fault decode_close_consumer(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CloseConsumer>(body, "close_consumer", [&out](const v1::CloseConsumer& from) -> Fault {
        out = core::CloseConsumer{core::ConsumerId{from.consumer_id()}};
        return {};
    });
}

Fault decode_set_credit(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::SetCredit>(body, "set_credit", [&out](const v1::SetCredit& from) -> Fault {
        if (auto fault = check_credit(from.credit_messages(), from.credit_bytes(), "set_credit.credit_messages",
                                      "set_credit.credit_bytes")) {
            return fault;
        }
        out = core::SetCredit{core::ConsumerId{from.consumer_id()}, from.credit_messages(),
                              bytes_or_max(from.credit_bytes())};
        return {};
    });
}

}  // namespace baton::session
