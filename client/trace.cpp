#include "baton/trace.hpp"

#include "baton/topics.hpp"
#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/parsed.hpp"

#include <array>

namespace baton {

const char* to_text(TraceState state) {
    static constexpr std::array names{"unspecified", "filtered", "before", "waiting", "leased",
                                      "delayed",     "failed",   "done",   "settled", "unknown"};
    const auto number = static_cast<std::size_t>(state);
    return number < names.size() ? names[number] : "unspecified";
}

MessageTrace Topics::trace(const std::string& topic, std::uint64_t offset) {
    constexpr std::uint32_t trace_message_request = 174, message_trace_reply = 173, page_rows = 1'000;
    MessageTrace all;
    v1::TraceMessage request;
    request.set_topic(topic);
    request.set_offset(offset);
    request.set_limit(page_rows);
    do {
        const auto page =
            detail::parsed<v1::MessageTrace>(core_->call(trace_message_request, request, message_trace_reply));
        all.offset = page.offset();
        all.stored_ms = page.stored_ms();
        for (const v1::TraceRow& row : page.rows()) {
            all.rows.push_back({row.subscription(), static_cast<TraceState>(row.state()), row.offset(),
                                row.deliveries(), row.failures(), row.lease_losses(), row.at_ms(), row.worker()});
        }
        request.set_after(page.next());
    } while (!request.after().empty());
    return all;
}

}  // namespace baton
