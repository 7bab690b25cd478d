// The hot path: a produce is walked once. Its entries stay where they arrived and only their bounds and checksums are
// noted; nothing else of them is decoded.

#include "proto/entry_format.hpp"
#include "server/core/limits.hpp"
#include "server/core/queue_settings.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/decode/retry.hpp"
#include "server/session/decode/template_entry.hpp"
#include "server/session/decode/wire_types.hpp"
#include "server/session/session_limits.hpp"

#include <bit>
#include <cstring>
#include <limits>

namespace baton::session {

namespace {

constexpr std::uint64_t tag_of(std::uint32_t field, std::uint32_t wire_type) { return field << 3 | wire_type; }

/// A position in the wire bytes of a message.
struct Walk {
    std::string_view bytes;
    std::size_t pos = 0;

    bool varint(std::uint64_t& out) { return proto::read_varint(bytes, pos, out); }
    bool fixed64(std::uint64_t& out) {
        static_assert(std::endian::native == std::endian::little, "fixed64 is little-endian on the wire");
        if (bytes.size() - pos < sizeof out) {
            return false;
        }
        std::memcpy(&out, bytes.data() + pos, sizeof out);
        pos += sizeof out;
        return true;
    }
    bool slice(std::string_view& out) {
        std::uint64_t length = 0;
        if (!varint(length) || length > bytes.size() - pos) {
            return false;
        }
        out = bytes.substr(pos, length);
        pos += length;
        return true;
    }
};

/// Bounds and checksums while the number of entries is unknown; reused, since its room is that of the largest batch.
struct Scratch {
    std::vector<std::uint32_t> bounds;
    std::vector<std::uint32_t> checksums;
};
Scratch& scratch() {
    thread_local Scratch kept;
    kept.bounds.clear();
    kept.checksums.clear();
    return kept;
}

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

Fault decode_options(std::string_view bytes, core::EntryOptions& out) {
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

Fault decode_indexed_options(std::string_view bytes, core::Produce& out) {
    if (out.options.size() == core::limits::batch_messages_max) {
        return invalid("produce.options", "more options than a batch has messages", core::limits::batch_messages_max);
    }
    Walk walk{bytes};
    std::uint64_t index = 0;
    core::EntryOptions options;
    while (walk.pos < bytes.size()) {
        std::uint64_t tag = 0;
        std::string_view body;
        bool whole = walk.varint(tag);
        if (whole && tag == tag_of(1, wire_varint)) {
            whole = walk.varint(index);
        } else if (whole && tag == tag_of(2, wire_bytes)) {
            whole = walk.slice(body);
            if (auto fault = whole ? decode_options(body, options) : Fault{}) {
                return fault;
            }
        } else if (whole) {
            whole = proto::skip_field(bytes, walk.pos, static_cast<std::uint32_t>(tag & 7));
        }
        if (!whole) {
            return malformed("cut in the options of an entry", "produce.options");
        }
    }
    if (index > std::numeric_limits<std::uint32_t>::max() ||
        (!out.options.empty() && index <= out.options.back().first)) {
        return invalid("produce.options.index", "must ascend");
    }
    out.options.emplace_back(static_cast<std::uint32_t>(index), options);
    return {};
}

Fault entry_fault(proto::EntryFault fault, std::size_t index) {
    const std::string field = "produce.entries[" + std::to_string(index) + "]";
    switch (fault) {
        case proto::EntryFault::ok:
            return {};
        case proto::EntryFault::malformed:
            return malformed("the bytes are no valid entry", field);
        case proto::EntryFault::name_too_long:
            return invalid(field + ".name", "too long", core::limits::name_bytes_max);
        case proto::EntryFault::too_many_headers:
            return invalid(field + ".headers", "too many", core::limits::headers_max);
        case proto::EntryFault::headers_too_large:
            return invalid(field + ".headers", "too many bytes", core::limits::headers_bytes_max);
    }
    return {};
}

/// Walks the entries at the front of `wire`; `used` is how many bytes they take.
Fault walk_entries(std::string_view wire, Scratch& found, std::uint32_t& largest, std::size_t& used) {
    constexpr proto::EntryLimits entry_limits{core::limits::name_bytes_max, core::limits::headers_max,
                                              core::limits::headers_bytes_max};
    proto::EntryFault fault = proto::EntryFault::ok;
    bool too_many = false;
    const auto end = proto::for_each_entry(wire, [&](std::size_t begin, std::string_view body) {
        if (too_many || fault != proto::EntryFault::ok) {
            return;
        }
        too_many = found.checksums.size() == core::limits::batch_messages_max;
        if (too_many) {
            return;
        }
        fault = proto::check_entry(body, entry_limits);
        const auto tail = static_cast<std::size_t>(body.data() - wire.data()) + body.size();
        const auto bytes = static_cast<std::uint32_t>(tail - begin);
        largest = std::max(largest, bytes);
        found.bounds.push_back(static_cast<std::uint32_t>(begin));
        found.checksums.push_back(proto::entry_checksum(wire.substr(begin, bytes)));
    });
    if (fault != proto::EntryFault::ok) {
        return entry_fault(fault, found.checksums.size() - 1);
    }
    if (too_many) {
        return wire_error(core::Refusal{core::RefusalCode::batch_too_large, "too many messages in one batch",
                                        "produce.entries", core::limits::batch_messages_max});
    }
    if (!end) {
        return malformed("an entry is cut", "produce.entries");
    }
    used = *end;
    found.bounds.push_back(static_cast<std::uint32_t>(used));
    if (largest > core::limits::message_bytes_max) {
        return wire_error(core::Refusal{core::RefusalCode::message_too_large, "a message is too large",
                                        "produce.entries", core::limits::message_bytes_max});
    }
    if (used > core::limits::batch_bytes_max && found.checksums.size() > 1) {
        return wire_error(core::Refusal{core::RefusalCode::batch_too_large, "the batch has too many bytes",
                                        "produce.entries", core::limits::batch_bytes_max});
    }
    return {};
}

core::EntryRun make_run(std::string_view wire, const core::Buffer& frame, const Scratch& found) {
    core::EntryRun run;
    run.count = static_cast<std::uint32_t>(found.checksums.size());
    run.index = std::make_shared<const core::EntryIndex>(core::EntryIndex{found.bounds, found.checksums});
    if (wire.size() >= limits::pin_bytes_min) {
        run.buffer = core::Buffer{frame.owner, wire, limits::block_bytes};
        return run;
    }
    auto copy = std::make_shared_for_overwrite<char[]>(wire.size());
    std::memcpy(copy.get(), wire.data(), wire.size());
    const std::string_view view(copy.get(), wire.size());
    run.buffer = core::Buffer{std::move(copy), view};
    return run;
}

/// The fields but the entries. `known` tells whether the tag was one of them.
Fault decode_field(std::uint64_t tag, Walk& walk, core::Produce& out, bool& known) {
    std::uint64_t number = 0;
    std::string_view slice;
    bool whole = true;
    known = true;
    Fault fault;
    switch (tag) {
        case tag_of(1, wire_bytes):
            whole = walk.slice(slice);
            out.queue = slice;
            break;
        case tag_of(2, wire_fixed64):
            whole = walk.fixed64(out.producer);
            break;
        case tag_of(3, wire_varint):
            whole = walk.varint(number);
            out.producer_created_at = static_cast<core::TimeMs>(number);
            break;
        case tag_of(4, wire_varint):
            whole = walk.varint(out.sequence);
            break;
        case tag_of(5, wire_varint):
            whole = walk.varint(out.acked_through);
            break;
        case tag_of(6, wire_bytes):
            whole = walk.slice(slice);
            fault = whole ? decode_options(slice, out.defaults) : Fault{};
            break;
        case tag_of(7, wire_bytes):
            whole = walk.slice(slice);
            fault = whole ? decode_indexed_options(slice, out) : Fault{};
            break;
        case tag_of(8, wire_varint):
            whole = walk.varint(number);
            out.per_item = number != 0;
            break;
        default:
            known = false;
    }
    return whole ? fault : malformed("a field is cut", "produce");
}

Fault check_produce(const core::Produce& produce) {
    if (auto refusal = core::check_target_name(produce.queue, "produce.queue")) {
        return wire_error(std::move(*refusal));
    }
    if (produce.entries.count == 0) {
        return invalid("produce.entries", "holds no message");
    }
    if (!produce.options.empty() && produce.options.back().first >= produce.entries.count) {
        return invalid("produce.options.index", "names no entry", produce.entries.count);
    }
    if (produce.producer != 0 && produce.sequence == 0) {
        return invalid("produce.sequence", "a producer numbers its batches from 1");
    }
    return {};
}

}  // namespace

Fault decode_template_options(std::string_view bytes, core::EntryOptions& out) { return decode_options(bytes, out); }

Fault decode_produce(std::string_view body, const core::Buffer& frame, core::RequestBody& out) {
    core::Produce produce;
    Walk walk{body};
    while (walk.pos < body.size()) {
        if (static_cast<std::uint8_t>(body[walk.pos]) == proto::entry_tag) {
            if (produce.entries.count != 0) {
                return invalid("produce.entries", "the entries must be adjacent on the wire");
            }
            const std::string_view rest = body.substr(walk.pos);
            Scratch& found = scratch();
            std::size_t used = 0;
            if (auto fault = walk_entries(rest, found, produce.largest_entry_bytes, used)) {
                return fault;
            }
            produce.entries = make_run(rest.substr(0, used), frame, found);
            walk.pos += used;
            continue;
        }
        std::uint64_t tag = 0;
        bool known = false;
        if (!walk.varint(tag)) {
            return malformed("a field is cut", "produce");
        }
        if (auto fault = decode_field(tag, walk, produce, known)) {
            return fault;
        }
        if (!known && !proto::skip_field(body, walk.pos, static_cast<std::uint32_t>(tag & 7))) {
            return malformed("a field is cut", "produce");
        }
    }
    if (auto fault = check_produce(produce)) {
        return fault;
    }
    out = std::move(produce);
    return {};
}

}  // namespace baton::session
