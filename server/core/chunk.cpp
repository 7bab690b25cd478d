#include "server/core/chunk.hpp"

#include "server/core/require.hpp"

#include <algorithm>

namespace baton::core {

void Chunk::slice(Offset offset, std::uint32_t n, std::vector<EntryRun>& out) const {
    require(offset >= first && offset + n <= end(), "a slice lies within its chunk");
    auto skip = static_cast<std::uint32_t>(offset - first);
    for (const EntryRun& run : runs) {
        if (n == 0) {
            return;
        }
        if (skip >= run.count) {
            skip -= run.count;
            continue;
        }
        const std::uint32_t taken = std::min(n, run.count - skip);
        out.push_back(run.slice(skip, taken));
        n -= taken;
        skip = 0;
    }
}

EntryRun Chunk::at(Offset offset) const {
    std::vector<EntryRun> one;
    slice(offset, 1, one);
    return one.front();
}

MetaPtr Chunk::meta_of(Offset offset) const {
    if (metas.empty()) {
        return nullptr;
    }
    const auto slot = static_cast<std::uint32_t>(offset - first);
    const auto found = std::lower_bound(metas.begin(), metas.end(), slot,
                                        [](const auto& meta, std::uint32_t wanted) { return meta.first < wanted; });
    return found != metas.end() && found->first == slot ? found->second : nullptr;
}

const char* to_text(EndReason reason) {
    switch (reason) {
        case EndReason::none:
            return "";
        case EndReason::attempts_exhausted:
            return "attempts_exhausted";
        case EndReason::lease_losses_exhausted:
            return "lease_losses_exhausted";
        case EndReason::deliveries_exhausted:
            return "deliveries_exhausted";
        case EndReason::rejected:
            return "rejected";
        case EndReason::expired:
            return "expired";
        case EndReason::overflow:
            return "overflow";
        case EndReason::cancelled:
            return "cancelled";
        case EndReason::child_failed:
            return "child_failed";
    }
    return "";
}

}  // namespace baton::core
