#include "server/session/encode/encode.hpp"

#include <baton/v1/report.pb.h>
#include <baton/v1/wire.pb.h>

namespace baton::session {

void encode_log_bounds(core::RequestId request, const core::LogBounds& bounds, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    frame.mutable_log_bounds()->set_lines(bounds.lines);
    frame.mutable_log_bounds()->set_next_line(bounds.next_line);
    append_frame(frame, out);
}

void encode_log_page(core::RequestId request, const core::LogPage& page, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::LogPage& to = *frame.mutable_log_page();
    to.set_total(page.total);
    to.set_next(page.next);
    to.mutable_lines()->Reserve(static_cast<int>(page.lines.size()));
    for (const core::LogPage::Line& line : page.lines) {
        v1::LogPage::Line& kept = *to.add_lines();
        kept.set_number(line.number);
        kept.set_at_ms(line.at);
        kept.set_text(line.text);
    }
    append_frame(frame, out);
}

}  // namespace baton::session
