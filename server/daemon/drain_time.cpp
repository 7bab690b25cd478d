#include "server/daemon/drain_time.hpp"

#include "server/daemon/option_values.hpp"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

namespace baton::daemon {

std::chrono::milliseconds drain_time() {
    const char* given = std::getenv("BATON_DRAIN_TIME");
    if (given == nullptr) {
        return std::chrono::milliseconds(200);
    }
    const std::optional<std::int64_t> ms = parse_duration(given);
    if (!ms) {
        throw std::invalid_argument("BATON_DRAIN_TIME: '" + std::string(given) + "' is no duration, such as 5s");
    }
    return std::chrono::milliseconds(*ms);
}

}  // namespace baton::daemon
