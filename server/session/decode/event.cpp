#include "server/core/event.hpp"

#include "server/session/decode/parse.hpp"

#include <baton/v1/event.pb.h>

#include <utility>

namespace baton::session {

Fault decode_stream_events(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::StreamEvents>(body, "stream_events", [&out](const v1::StreamEvents& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "stream_events.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.credit(), 1, core::limits::event_credit_max, "stream_events.credit")) {
            return fault;
        }
        core::StreamEvents stream;
        for (const int type : from.types()) {
            if (!v1::EventType_IsValid(type) || type == v1::EVENT_TYPE_UNSPECIFIED) {
                return invalid("stream_events.types", "is unknown to this server", core::event_type_last);
            }
            stream.types |= core::event_bit(static_cast<core::EventType>(type));
        }
        stream.stream = from.stream_id();
        stream.queue = from.queue();
        if (from.has_from_seq()) {
            stream.from_seq = from.from_seq();
        }
        if (from.has_offset()) {
            stream.offset = from.offset();
        }
        stream.credit = from.credit();
        out = std::move(stream);
        return {};
    });
}

Fault decode_credit_events(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CreditEvents>(body, "credit_events", [&out](const v1::CreditEvents& from) -> Fault {
        if (auto fault = check_range(from.events(), 1, core::limits::event_credit_max, "credit_events.events")) {
            return fault;
        }
        out = core::CreditEvents{from.stream_id(), from.events()};
        return {};
    });
}

Fault decode_close_events(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::CloseEvents>(body, "close_events", [&out](const v1::CloseEvents& from) -> Fault {
        out = core::CloseEvents{from.stream_id()};
        return {};
    });
}

Fault decode_emit_event(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::EmitEvent>(body, "emit_event", [&out](const v1::EmitEvent& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "emit_event.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.name().size(), 1, core::limits::event_name_bytes_max, "emit_event.name")) {
            return fault;
        }
        if (auto fault = check_range(from.data().size(), 0, core::limits::event_data_bytes_max, "emit_event.data")) {
            return fault;
        }
        core::EmitEvent emit{from.queue(), from.name(), from.data(), {}};
        if (from.has_offset()) {
            emit.offset = from.offset();
        }
        out = std::move(emit);
        return {};
    });
}

Fault decode_trim_events(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::TrimEvents>(body, "trim_events", [&out](const v1::TrimEvents& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "trim_events.queue")) {
            return fault;
        }
        out = core::TrimEvents{from.queue(), from.keep()};
        return {};
    });
}

Fault decode_wait_job(std::string_view body, core::RequestBody& out) {
    return decode_as<v1::WaitJob>(body, "wait_job", [&out](const v1::WaitJob& from) -> Fault {
        if (auto fault = check_queue_name(from.queue(), "wait_job.queue")) {
            return fault;
        }
        if (auto fault = check_range(from.timeout_ms(), 0, core::limits::job_wait_ms_max, "wait_job.timeout_ms")) {
            return fault;
        }
        if (auto fault = check_job_id(from.id(), from.offset(), "wait_job.id")) {
            return fault;
        }
        out =
            core::WaitJob{from.queue(), from.offset(), static_cast<core::DurationMs>(from.timeout_ms()), 0, from.id()};
        return {};
    });
}

}  // namespace baton::session
