// Options of entries, read off the wire.
#include "server/core/limits.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/decode/retry.hpp"
#include "server/session/decode/template_entry.hpp"
#include "server/session/decode/wire_walk.hpp"

namespace baton::session {

namespace {

Fault check_most(std::uint64_t value, std::uint64_t most, const char* field) {
    if (value > most) {
        return invalid(field, "must be at most " + std::to_string(most), most);
    }
    return {};
}

Fault take_lease(std::uint64_t value, core::EntryOptions& out) {
    if (value < core::limits::lease_ms_min) {
        return invalid("options.lease_ms", "must be at least " + std::to_string(core::limits::lease_ms_min),
                       core::limits::lease_ms_min);
    }
    out.lease_ms = static_cast<core::DurationMs>(value);
    return check_most(value, core::limits::lease_ms_max, "options.lease_ms");
}

Fault take_text_option(std::uint64_t tag, std::string_view slice, core::EntryOptions& out) {
    if (tag == tag_of(30, wire_bytes)) {
        return decode_id(slice, out.id);
    }
    return tag == tag_of(31, wire_bytes) ? decode_dedup(slice, out.dedup) : take_group(slice, out);
}

}  // namespace

Fault decode_template_options(std::string_view bytes, core::EntryOptions& out) {
    Walk walk{bytes};
    while (walk.pos < bytes.size()) {
        std::uint64_t tag = 0, value = 0;
        if (!walk.varint(tag)) {
            return malformed("cut in the options of an entry", "produce.options");
        }
        if (is_retry_option(tag)) {
            if (auto fault = decode_retry_option(tag, bytes, walk.pos, out)) {
                return fault;
            }
            continue;
        }
        const bool text =
            tag == tag_of(30, wire_bytes) || tag == tag_of(31, wire_bytes) || tag == tag_of(50, wire_bytes);
        if (std::string_view slice; text && walk.slice(slice)) {
            if (auto fault = take_text_option(tag, slice, out)) {
                return fault;
            }
            continue;
        }
        const bool known = tag == tag_of(1, wire_varint) || tag == tag_of(2, wire_varint) ||
                           tag == tag_of(3, wire_varint) || tag == tag_of(4, wire_varint) ||
                           tag == tag_of(10, wire_varint) || tag == tag_of(11, wire_varint);
        if (!(known ? walk.varint(value) : proto::skip_field(bytes, walk.pos, static_cast<std::uint32_t>(tag & 7)))) {
            return malformed("cut in the options of an entry", "produce.options");
        }
        if (tag == tag_of(1, wire_varint)) {
            if (auto fault = check_most(value, core::limits::ten_years_ms, "options.delay_ms")) {
                return fault;
            }
            out.delay_ms = static_cast<core::DurationMs>(value);
        } else if (tag == tag_of(2, wire_varint)) {
            out.due_at = static_cast<core::TimeMs>(value);
        } else if (tag == tag_of(3, wire_varint)) {
            if (auto fault = check_most(value, core::limits::ten_years_ms, "options.ttl_ms")) {
                return fault;
            }
            out.ttl_ms = static_cast<core::DurationMs>(value);
        } else if (tag == tag_of(4, wire_varint)) {
            if (auto fault = take_lease(value, out)) {
                return fault;
            }
        } else if (tag == tag_of(10, wire_varint)) {
            if (auto fault = check_most(value, core::limits::priority_max, "options.priority")) {
                return fault;
            }
            out.priority = static_cast<std::uint32_t>(value);
        } else if (tag == tag_of(11, wire_varint)) {
            out.lifo = value != 0;
        }
    }
    return out.delay_ms && out.due_at ? invalid("options.due_ms", "excludes delay_ms") : Fault{};
}

}  // namespace baton::session
