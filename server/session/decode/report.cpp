#include "proto/entry_format.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/decode/template_entry.hpp"

#include <baton/v1/report.pb.h>

#include <string>
#include <utility>

namespace baton::session {

namespace {

constexpr std::uint32_t log_lines_default = 100;

core::Token token_of(const v1::Token& from) {
    return core::Token{from.epoch(), core::QueueId{from.queue_id()}, from.batch()};
}

/// The bytes of the one entry, and everything else.
bool cut_entry(std::string_view body, std::string& rest, std::string_view& entry) {
    std::size_t pos = 0;
    while (pos < body.size()) {
        const std::size_t begin = pos;
        std::uint64_t tag = 0, length = 0;
        if (!proto::read_varint(body, pos, tag)) {
            return false;
        }
        if (tag != proto::entry_tag) {
            if (!proto::skip_field(body, pos, static_cast<std::uint32_t>(tag & 7))) {
                return false;
            }
            rest.append(body.substr(begin, pos - begin));
            continue;
        }
        if (entry.data() != nullptr || !proto::read_varint(body, pos, length) || length > body.size() - pos) {
            return false;
        }
        entry = body.substr(pos, length);
        pos += length;
    }
    return true;
}

}  // namespace

Fault decode_set_progress(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::SetProgress>(body, "set_progress", [&out](const v1::SetProgress& from) -> Fault {
        if (auto fault = check_range(from.value().size(), 0, core::limits::progress_bytes_max, "set_progress.value")) {
            return fault;
        }
        out = core::SetProgress{token_of(from.token()), from.offset(), from.value()};
        return {};
    });
}

Fault decode_append_log(std::string_view body, core::RequestBody& out) {
    if (auto fault = check_range(count_field(body, v1::AppendLog::kLinesFieldNumber), 1, core::limits::log_lines_max,
                                 "append_log.lines")) {
        return fault;
    }
    return decode_as<v1::AppendLog>(body, "append_log", [&out](const v1::AppendLog& from) -> Fault {
        core::AppendLog append{token_of(from.token()), from.offset(), {}};
        std::size_t bytes = 0;
        for (const std::string& line : from.lines()) {
            if (auto fault = check_range(line.size(), 0, core::limits::log_line_bytes_max, "append_log.lines")) {
                return fault;
            }
            bytes += line.size();
            append.lines.push_back(line);
        }
        if (auto fault = check_range(bytes, 0, core::limits::log_bytes_max, "append_log.lines")) {
            return fault;
        }
        out = std::move(append);
        return {};
    });
}

Fault decode_clear_log(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ClearLog>(body, "clear_log", [&out](const v1::ClearLog& from) -> Fault {
        out = core::ClearLog{token_of(from.token()), from.offset(), from.keep()};
        return {};
    });
}

Fault decode_set_data(std::string_view body, core::RequestBody& out) {
    // The entry is as large as a message may be, and parsing it would amplify it: it is cut out and only checked.
    std::string head;
    std::string_view entry;
    if (!cut_entry(body, head, entry)) {
        return malformed("the bytes are no valid request of this kind", "set_data");
    }
    return decode_as<v1::SetData>(head, "set_data", [&](const v1::SetData& from) -> Fault {
        if (entry.data() == nullptr) {
            return invalid("set_data.entry", "is missing");
        }
        if (auto fault = check_range(entry.size(), 0, core::limits::message_bytes_max, "set_data.entry")) {
            return fault;
        }
        core::SetData set{token_of(from.token()), from.offset(), {}};
        if (auto fault = template_entry(entry, "set_data.entry", set.entry)) {
            return fault;
        }
        out = std::move(set);
        return {};
    });
}

Fault decode_list_log(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ListLog>(body, "list_log", [&out](const v1::ListLog& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "list_log.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.limit(), 0, core::limits::log_lines_max, "list_log.limit")) {
            return fault;
        }
        if (auto fault = check_job_id(from.id(), from.offset(), "list_log.id")) {
            return fault;
        }
        core::ListLog list{from.queue(), from.offset(), {}, from.newest_first(), from.limit(), from.id()};
        if (from.has_from_line()) {
            list.from_line = from.from_line();
        }
        if (list.limit == 0) {
            list.limit = log_lines_default;
        }
        out = std::move(list);
        return {};
    });
}

}  // namespace baton::session
