#include "cli/event_output.hpp"

#include "cli/message_output.hpp"
#include "cli/units.hpp"
#include "proto/entry_format.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <string>

namespace baton::cli {

boost::json::object event_json(const Event& event) {
    boost::json::object out{{"seq", event.seq}, {"type", to_text(event.type)}};
    if (event.at_ms != 0) {
        out["at"] = format_time(event.at_ms);
    }
    if (event.count != 0) {
        out["first_offset"] = event.first_offset;
        out["count"] = event.count;
    }
    if (!event.text.empty()) {
        out["text"] = event.text;
    }
    if (!event.data.empty()) {
        out[proto::is_utf8(event.data) ? "data" : "data_base64"] =
            proto::is_utf8(event.data) ? event.data : base64(event.data);
    }
    return out;
}

void print_event(const Event& event) {
    const std::string jobs = event.type == EventType::missed ? fmt::format("{} events", event.count)
                             : event.count == 0              ? ""
                             : event.count == 1
                                 ? fmt::format("{}", event.first_offset)
                                 : fmt::format("{}..{}", event.first_offset, event.first_offset + event.count - 1);
    fmt::print("{:>8}  {}  {:14} {}", event.seq, event.at_ms == 0 ? "" : format_time(event.at_ms), to_text(event.type),
               jobs);
    if (!event.text.empty()) {
        fmt::print("  {}", printable(event.text, 200));
    }
    if (!event.data.empty()) {
        fmt::print("  {}", printable(event.data, 200));
    }
    fmt::print("\n");
}

}  // namespace baton::cli
