#include "server/core/chunk.hpp"

#include "server/core/require.hpp"

#include <algorithm>
#include <memory>

namespace baton::core {

bool Chunk::is_missing(Offset offset) const {
    return std::binary_search(missing.begin(), missing.end(), static_cast<std::uint32_t>(offset - first));
}

Holes Chunk::missing_in(Offset from, Offset upto) const {
    Holes holes;
    const auto begin = std::lower_bound(missing.begin(), missing.end(), static_cast<std::uint32_t>(from - first));
    for (auto slot = begin; slot != missing.end() && first + *slot < upto; ++slot) {
        holes.add(1, at(first + *slot).size_of(0));
    }
    return holes;
}

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

ChunkSource Chunk::source_of(Offset offset) const {
    Offset at = first;
    for (const ChunkSource& source : sources) {
        if (offset < at + source.count) {
            const auto skipped = static_cast<std::uint32_t>(offset - at);
            return {source.log, source.first + skipped, source.count - skipped};
        }
        at += source.count;
    }
    return {};
}

MetaPtr Chunk::parting_meta_of(Offset offset) const {
    const MetaPtr meta = meta_of(offset);
    const ChunkSource source = source_of(offset);
    if (source.count == 0) {
        return meta;
    }
    auto own = meta ? std::make_shared<MessageMeta>(*meta) : std::make_shared<MessageMeta>();
    own->source = {source.log, source.first};
    return own;
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
