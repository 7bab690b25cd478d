#include "storage/queue_examination.hpp"

#include <fmt/format.h>

namespace baton::storage {

void QueueExamination::check_count(const char* what, std::uint64_t counted, std::uint64_t there) {
    if (counted != there && !reads_.stopped()) {
        say(Ailment::Kind::counter, fmt::format("{}: counts {}, has {}", what, counted, there));
    }
}

void QueueExamination::run() {
    plain();
    lanes();
    locators();
    leases();
    names();
    flows_.run();
    check_count("bytes of messages that are not done", state_.live_bytes, live_bytes_);
    if (queue_.kind == core::QueueKind::topic) {
        check_count("messages that compaction took out", state_.holes.messages, holes_.messages);
        check_count("bytes of what compaction took out", state_.holes.bytes, holes_.bytes);
    }
}

}  // namespace baton::storage
