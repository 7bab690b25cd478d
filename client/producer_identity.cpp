#include "client/producer_identity.hpp"

#include <chrono>
#include <random>

namespace baton::detail {

std::uint64_t random_producer_id() {
    std::random_device device;
    const std::uint64_t id = static_cast<std::uint64_t>(device()) << 32 | device();
    return id == 0 ? 1 : id;
}

std::int64_t wall_clock_ms() {
    using std::chrono::milliseconds;
    return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace baton::detail
