#include "baton/produce_outcome.hpp"
#include "baton/queue_info.hpp"

#include <array>

namespace baton {

namespace {

template <std::size_t N>
const char* name_of(const std::array<const char*, N>& names, std::size_t number) {
    return number < N ? names[number] : "unknown";
}

}  // namespace

const char* to_text(ConsumerMode mode) {
    return name_of(std::array{"unspecified", "shared", "exclusive", "failover", "key-shared"},
                   static_cast<std::size_t>(mode));
}

const char* to_text(Durability durability) {
    return name_of(std::array{"unspecified", "sync", "os"}, static_cast<std::size_t>(durability));
}

const char* to_text(Overflow overflow) {
    return name_of(std::array{"unspecified", "reject", "drop_oldest", "dead_letter_oldest", "block"},
                   static_cast<std::size_t>(overflow));
}

const char* to_text(GroupOrder order) {
    return name_of(std::array{"unspecified", "none", "strict"}, static_cast<std::size_t>(order));
}

const char* to_text(GroupOverflow overflow) {
    return name_of(std::array{"unspecified", "reject", "drop_oldest", "dead_letter_oldest"},
                   static_cast<std::size_t>(overflow));
}

const char* to_text(Hold hold) {
    if (hold == Hold::retry) {
        return "retry";
    }
    return name_of(std::array{"none", "paused", "paused_until", "penalty", "rate", "in_flight", "restart"},
                   static_cast<std::size_t>(hold));
}

const char* to_text(QueueKind kind) {
    return name_of(std::array{"queue", "topic", "subscription"}, static_cast<std::size_t>(kind));
}

const char* to_text(Profile profile) {
    return name_of(std::array{"unspecified", "message", "job"}, static_cast<std::size_t>(profile));
}

const char* to_text(MessageState state) {
    return name_of(std::array{"unspecified", "waiting", "delayed", "leased", "failed", "prioritized", "grouped",
                              "completed", "waiting_children"},
                   static_cast<std::size_t>(state));
}

const char* to_text(Dedup::Mode mode) {
    return name_of(std::array{"unspecified", "simple", "throttle", "debounce", "keep_last"},
                   static_cast<std::size_t>(mode));
}

const char* to_text(ProduceOutcome::Kind kind) {
    return name_of(std::array{"created", "duplicate", "replaced", "parked"}, static_cast<std::size_t>(kind));
}

const char* to_text(Backoff::Kind kind) {
    return name_of(std::array{"unspecified", "fixed", "linear", "exponential", "list"}, static_cast<std::size_t>(kind));
}

const char* to_text(RetryRule::Action action) {
    return name_of(std::array{"unspecified", "retry", "fail", "retry-after"}, static_cast<std::size_t>(action));
}

}  // namespace baton
