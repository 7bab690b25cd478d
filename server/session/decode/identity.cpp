// Ids and deduplication keys of messages.

#include "proto/entry_format.hpp"
#include "server/session/decode/parse.hpp"

#include <baton/v1/identity.pb.h>
#include <baton/v1/identity_request.pb.h>

#include <string>
#include <utility>

namespace baton::session {

Fault check_name_text(std::string_view text, const char* field) {
    if (auto fault = check_range(text.size(), 1, core::limits::identity_bytes_max, field)) {
        return fault;
    }
    return proto::is_utf8(text) ? Fault{} : invalid(field, "is no valid UTF-8");
}

Fault check_job_id(const std::string& id, std::uint64_t offset, const char* field) {
    if (!id.empty() && offset != 0) {
        return invalid(field, "a message is named by its offset or by its id");
    }
    return id.empty() ? Fault{} : check_name_text(id, field);
}

Fault decode_id(std::string_view text, std::optional<std::string>& out) {
    if (auto fault = check_name_text(text, "options.id")) {
        return fault;
    }
    out = std::string(text);
    return {};
}

Fault decode_dedup(std::string_view bytes, std::optional<core::Dedup>& out) {
    return decode_as<v1::Dedup>(bytes, "options.dedup", [&out](const v1::Dedup& from) -> Fault {
        if (auto fault = check_name_text(from.id(), "options.dedup.id")) {
            return fault;
        }
        if (auto fault = check_range(from.ttl_ms(), 0, core::limits::ten_years_ms, "options.dedup.ttl_ms")) {
            return fault;
        }
        if (!v1::Dedup::Mode_IsValid(from.mode())) {
            return invalid("options.dedup.mode", "is unknown to this server");
        }
        core::Dedup dedup;
        dedup.key = from.id();
        dedup.mode = from.mode() == v1::Dedup::MODE_UNSPECIFIED ? core::DedupMode::simple
                                                                : static_cast<core::DedupMode>(from.mode());
        dedup.ttl_ms = static_cast<core::DurationMs>(from.ttl_ms());
        dedup.extend = from.extend();
        dedup.replace = from.replace();
        out = std::move(dedup);
        return {};
    });
}

Fault decode_show_dedup(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ShowDedup>(body, "show_dedup", [&out](const v1::ShowDedup& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "show_dedup.queue")) {
            return fault;
        }
        if (auto fault = check_name_text(from.id(), "show_dedup.id")) {
            return fault;
        }
        out = core::ShowDedup{from.queue(), from.id()};
        return {};
    });
}

Fault decode_clear_dedup(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::ClearDedup>(body, "clear_dedup", [&out](const v1::ClearDedup& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "clear_dedup.queue")) {
            return fault;
        }
        if (auto fault = check_name_text(from.id(), "clear_dedup.id")) {
            return fault;
        }
        core::ClearDedup clear{from.queue(), from.id(), {}};
        if (from.has_if_holder()) {
            clear.if_holder = from.if_holder();
        }
        out = std::move(clear);
        return {};
    });
}

}  // namespace baton::session
