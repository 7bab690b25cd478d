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
}

}  // namespace baton::storage
