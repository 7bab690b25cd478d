#include "client/reconnect_schedule.hpp"

#include <algorithm>

namespace baton::detail {

std::chrono::milliseconds reconnect_delay(std::uint32_t attempt, std::chrono::milliseconds base,
                                          std::chrono::milliseconds cap, double random) {
    std::chrono::milliseconds most = std::min(base, cap);
    for (std::uint32_t i = 0; i < attempt && most < cap; ++i) {
        most = most > cap / 2 ? cap : most * 2;
    }
    return std::chrono::milliseconds{static_cast<std::int64_t>(static_cast<double>(most.count()) * random)};
}

}  // namespace baton::detail
