#include "server/session/decode/parse.hpp"
#include "server/session/page_cursor.hpp"

#include <baton/v1/queue.pb.h>

#include <utility>

namespace baton::session {

namespace {

constexpr std::uint32_t page_messages_default = 10;

Fault decode_page(const std::string& queue, const std::string& cursor, std::uint32_t limit, core::Peek& out) {
    if (auto fault = check_queue_name(queue, "queue")) {
        return fault;
    }
    if (auto fault = check_range(limit, 0, core::limits::page_messages_max, "limit")) {
        return fault;
    }
    const auto from = read_cursor(cursor);
    if (!from) {
        return invalid("cursor", "was not given by this server");
    }
    out.queue = queue;
    out.from_at = from->at;
    out.from_offset = from->offset;
    out.from_rank = from->rank;
    out.from_group = from->group;
    out.limit = limit == 0 ? page_messages_default : limit;
    return {};
}

}  // namespace

Fault decode_peek(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::Peek>(body, "peek", [&out](const v1::Peek& from) -> Fault {
        core::Peek peek;
        if (!v1::MessageState_IsValid(from.state())) {
            return invalid("peek.state", "is unknown to this server");
        }
        if (from.state() != v1::MESSAGE_STATE_UNSPECIFIED) {
            peek.state = static_cast<core::MessageState>(from.state());
        }
        if (auto fault = decode_page(from.queue(), from.cursor(), from.limit(), peek)) {
            return fault;
        }
        if (auto fault = check_group(from.group(), 0, "peek.group")) {
            return fault;
        }
        if (!from.group().empty() && peek.state != core::MessageState::grouped) {
            return invalid("peek.group", "goes with the state GROUPED only");
        }
        peek.group = from.group();
        out = std::move(peek);
        return {};
    });
}

Fault decode_list_failed(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListFailed>(body, "list_failed", [&out](const v1::ListFailed& from) -> Fault {
        core::Peek peek;
        peek.state = core::MessageState::failed;
        if (auto fault = decode_page(from.queue(), from.cursor(), from.limit(), peek)) {
            return fault;
        }
        out = std::move(peek);
        return {};
    });
}

Fault decode_show_failed(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ShowFailed>(body, "show_failed", [&out](const v1::ShowFailed& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "show_failed.queue")) {
            return fault;
        }
        out = core::ShowFailed{from.queue(), from.offset()};
        return {};
    });
}

Fault decode_retry_failed(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::RetryFailed>(body, "retry_failed", [&out](const v1::RetryFailed& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "retry_failed.queue")) {
            return fault;
        }
        if (auto fault = check_range(static_cast<std::size_t>(from.offsets_size()), 0, limits::offsets_max,
                                     "retry_failed.offsets")) {
            return fault;
        }
        if (auto fault = check_range(static_cast<std::size_t>(from.ids_size()), 0, core::limits::jobs_per_request_max,
                                     "retry_failed.ids")) {
            return fault;
        }
        core::RetryFailed retry{
            from.queue(), {from.offsets().begin(), from.offsets().end()}, from.keep_counters(), from.completed()};
        if (auto fault = decode_own_ids(from.ids(), "retry_failed.ids", retry.own)) {
            return fault;
        }
        out = std::move(retry);
        return {};
    });
}

Fault decode_redrive(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::Redrive>(body, "redrive", [&out](const v1::Redrive& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "redrive.queue")) {
            return fault;
        }
        if (!from.destination().empty()) {
            if (auto fault = check_queue_name(from.destination(), "redrive.destination")) {
                return fault;
            }
        }
        out = core::Redrive{from.queue(), from.destination(), from.max_messages(), from.keep_counters()};
        return {};
    });
}

}  // namespace baton::session
