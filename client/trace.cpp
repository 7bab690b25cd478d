#include "baton/trace.hpp"

#include "baton/topics.hpp"
#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/events_core.hpp"
#include "client/parsed.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace baton {

namespace {

/// Whether the row tells which message of the subscription it is. One that selects has offsets of its own, and does not
/// know that of a message that has left its log.
bool tells_offset(const TraceRow& row, std::uint64_t offset_in_topic) {
    switch (row.state) {
        case TraceState::waiting:
        case TraceState::leased:
        case TraceState::delayed:
        case TraceState::failed:
            return true;
        case TraceState::done:
            return row.offset == offset_in_topic;
        case TraceState::unspecified:
        case TraceState::filtered:
        case TraceState::before:
        case TraceState::settled:
        case TraceState::unknown:
            break;
    }
    return false;
}

/// Nothing where the subscription keeps no events.
std::optional<DeliveryLog> log_of(const std::shared_ptr<detail::ClientCore>& core, const TraceRow& row) {
    EventOptions options;
    options.from_seq = 1;  // What is gone of it is told.
    options.offset = row.offset;
    DeliveryLog log{row.subscription, {}, false};
    const auto events = std::make_shared<detail::EventsCore>(core, row.subscription, options);
    try {
        events->open();
        while (!events->caught_up()) {
            const auto event = events->next(std::chrono::milliseconds(10));
            if (event && event->type == EventType::missed) {
                log.incomplete = true;
            } else if (event && event->count != 0) {
                log.events.push_back(*event);
            }
        }
        events->close();
    } catch (const Exception& error) {
        if (error.code() == ErrorCode::events_not_kept) {
            return std::nullopt;
        }
        throw;
    }
    return log;
}

}  // namespace

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

std::vector<DeliveryLog> Topics::delivery_log(const MessageTrace& trace) {
    std::vector<DeliveryLog> all;
    for (const TraceRow& row : trace.rows) {
        auto log = tells_offset(row, trace.offset) ? log_of(core_, row) : std::nullopt;
        if (log) {
            all.push_back(std::move(*log));
        }
    }
    return all;
}

}  // namespace baton
