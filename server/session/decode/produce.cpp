// The hot path: a produce is walked once. Its entries stay where they arrived and only their bounds and checksums are
// noted; nothing else of them is decoded.

#include "proto/entry_format.hpp"
#include "server/core/limits.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/word_pattern.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/decode/retry.hpp"
#include "server/session/decode/template_entry.hpp"
#include "server/session/decode/wire_walk.hpp"
#include "server/session/session_limits.hpp"

#include <bit>
#include <cstring>
#include <limits>

namespace baton::session {

namespace {

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
            if (auto fault = whole ? decode_template_options(body, options) : Fault{}) {
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
            fault = whole ? decode_template_options(slice, out.defaults) : Fault{};
            break;
        case tag_of(7, wire_bytes):
            whole = walk.slice(slice);
            fault = whole ? decode_indexed_options(slice, out) : Fault{};
            break;
        case tag_of(8, wire_varint):
            whole = walk.varint(number);
            out.per_item = number != 0;
            break;
        case tag_of(9, wire_varint):
            whole = walk.varint(number);
            out.refuse_unrouted = number != 0;
            break;
        default:
            known = false;
    }
    return whole ? fault : malformed("a field is cut", "produce");
}

Fault check_produce(const core::Produce& produce) {
    if (core::is_pattern(produce.queue)) {
        return invalid("produce.queue", "messages are published to one topic, not to a pattern of them");
    }
    if (!produce.queue.starts_with(core::inbox_prefix)) {
        if (auto refusal = core::check_target_name(produce.queue, "produce.queue")) {
            return wire_error(std::move(*refusal));
        }
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
