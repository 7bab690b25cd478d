#include "server/session/decode/parse.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

Fault decode_advance_clock(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::AdvanceClock>(body, "advance_clock", [&out](const v1::AdvanceClock& from) -> Fault {
        if (auto fault = check_range(from.by_ms(), 0, core::limits::ten_years_ms, "advance_clock.by_ms")) {
            return fault;
        }
        out = core::AdvanceClock{static_cast<core::DurationMs>(from.by_ms())};
        return {};
    });
}

}  // namespace baton::session
