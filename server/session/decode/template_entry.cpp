#include "server/session/decode/template_entry.hpp"

#include "proto/entry_format.hpp"
#include "server/core/limits.hpp"

#include <string>
#include <utility>

namespace baton::session {

Fault template_entry(std::string_view body, const std::string& field, core::EntryRun& out) {
    constexpr proto::EntryLimits entry_limits{core::limits::name_bytes_max, core::limits::headers_max,
                                              core::limits::headers_bytes_max};
    switch (proto::check_entry(body, entry_limits)) {
        case proto::EntryFault::ok:
            break;
        case proto::EntryFault::malformed:
            return malformed("the bytes are no valid entry", field);
        case proto::EntryFault::name_too_long:
            return invalid(field + ".name", "too long", core::limits::name_bytes_max);
        case proto::EntryFault::too_many_headers:
            return invalid(field + ".headers", "too many", core::limits::headers_max);
        case proto::EntryFault::headers_too_large:
            return invalid(field + ".headers", "too many bytes", core::limits::headers_bytes_max);
    }
    char length[10];
    auto wire = std::make_shared<std::string>(1, static_cast<char>(proto::entry_tag));
    wire->append(length, proto::write_varint(body.size(), length));
    wire->append(body);
    auto index = std::make_shared<core::EntryIndex>();
    index->bounds = {0, static_cast<std::uint32_t>(wire->size())};
    index->checksums = {proto::entry_checksum(*wire)};
    const std::string_view view(*wire);
    out = core::EntryRun{core::Buffer{std::move(wire), view}, std::move(index), 0, 1};
    return {};
}

}  // namespace baton::session
