// What stands in the way of deliveries, and examinations.

#include "server/session/decode/bodies.hpp"
#include "server/session/decode/parse.hpp"

#include <baton/v1/why.pb.h>

#include <string>
#include <utility>

namespace baton::session {

Fault decode_why(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::Why>(body, "why", [&out](const v1::Why& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "why.queue")) {
            return fault;
        }
        if (!from.id().empty()) {
            if (from.has_offset()) {
                return invalid("why.id", "excludes offset");
            }
            if (auto fault = check_name_text(from.id(), "why.id")) {
                return fault;
            }
        }
        if (from.has_offset() || !from.id().empty()) {
            out = core::WhyJob{from.queue(), from.offset(), from.id()};
        } else {
            out = core::WhyQueue{from.queue()};
        }
        return {};
    });
}

Fault decode_doctor(std::string_view body, DoctorRequest& out) {
    return decode_as<v1::Doctor>(body, "doctor", [&out](const v1::Doctor& from) -> Fault {
        if (!from.queue().empty()) {
            if (auto fault = check_queue_name(from.queue(), "doctor.queue")) {
                return fault;
            }
        }
        out.queue = from.queue();
        return {};
    });
}

}  // namespace baton::session
