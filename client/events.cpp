#include "baton/events.hpp"

#include "client/events_core.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace baton {

namespace {

constexpr std::array event_names{
    "unknown",       "added",   "waiting", "delayed", "active",     "completed",    "attempt_failed",  "failed",
    "dead_lettered", "stalled", "removed", "expired", "dropped",    "cancelled",    "progress",        "drained",
    "paused",        "resumed", "purged",  "custom",  "duplicated", "deduplicated", "waiting_children"};

}  // namespace

const char* to_text(EventType type) {
    const auto number = static_cast<std::size_t>(type);
    return type == EventType::missed ? "missed" : number < event_names.size() ? event_names[number] : "unknown";
}

std::optional<EventType> event_type_named(const std::string& name) {
    for (std::size_t i = 1; i < event_names.size(); ++i) {
        if (name == event_names[i]) {
            return static_cast<EventType>(i);
        }
    }
    return std::nullopt;
}

Events::Events(const Client& client, const std::string& queue, EventOptions options)
    : core_(std::make_shared<detail::EventsCore>(client.core(), queue, std::move(options))) {
    core_->open();
}

Events::~Events() { core_->close(); }

std::optional<Event> Events::next(std::chrono::milliseconds timeout) { return core_->next(timeout); }
bool Events::caught_up() const { return core_->caught_up(); }
std::uint64_t Events::next_seq() const { return core_->next_seq(); }

}  // namespace baton
