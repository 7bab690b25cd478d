#include "server/core/entry_run.hpp"

#include <algorithm>
#include <string>

namespace baton::core {

namespace {

/// What a run may keep alive for each byte of its own, and beside that.
constexpr std::size_t kept_factor = 2, kept_bytes_min = 1'024;

}  // namespace

EntryRun EntryRun::apart() const {
    if (count == 0 || !index) {
        return *this;
    }
    const std::string_view own = bytes();
    const std::size_t of_index = index->bounds.size() * 2 * sizeof(std::uint32_t);
    const std::size_t kept = std::max(buffer.view.size(), buffer.owner_bytes) + of_index;
    if (kept <= kept_factor * own.size() + kept_bytes_min) {
        return *this;
    }
    struct Copy {
        std::string bytes;
        EntryIndex index;
    };
    const auto copy = std::make_shared<Copy>();
    copy->bytes = own;
    const std::uint32_t begin = index->bounds[from];
    for (std::uint32_t i = 0; i <= count; ++i) {
        copy->index.bounds.push_back(index->bounds[from + i] - begin);
    }
    copy->index.checksums.assign(index->checksums.begin() + from, index->checksums.begin() + from + count);
    return {Buffer{copy, copy->bytes}, std::shared_ptr<const EntryIndex>(copy, &copy->index), 0, count};
}

}  // namespace baton::core
