// Leases that the server ends: what was not handed out yet goes back unseen, of the rest the application is told.
#include "client/consumer_core.hpp"

#include <algorithm>
#include <utility>

namespace baton::detail {

std::vector<OffsetRange> ConsumerCore::drop_revoked(std::uint64_t batch, OffsetRange revoked, bool held) {
    std::vector<OffsetRange> dropped;
    for (const Queued& queued : queued_) {
        const DeliveredFrame& frame = *queued.frame;
        if (frame.token.batch != batch) {
            continue;
        }
        for (std::uint32_t i = queued.next; i < frame.count(); ++i) {
            const std::uint64_t offset = frame.offset_of(i);
            if (offset < revoked.first || offset >= revoked.first + revoked.count) {
                continue;
            }
            std::vector<OffsetRange> ranges = frame.settle(i, 1);
            dropped.insert(dropped.end(), ranges.begin(), ranges.end());
            if (held && !ranges.empty()) {
                // The result does not matter: gone is what it will be.
                const SettleAction release{.kind = SettleAction::Kind::release};
                const bool added = settles_.add(queued.frame, std::move(ranges), release, [](const auto&) {});
                settles_added_ += added ? 1 : 0;
                schedule_pump();
            } else {
                frame.confirmed_count += static_cast<std::uint32_t>(ranges.size());
            }
        }
    }
    return dropped;
}

void ConsumerCore::on_revoked(const Token& token, OffsetRange revoked, LeaseRevocation::Reason reason,
                              std::chrono::milliseconds grace) {
    bool all_dropped = false;
    {
        const std::lock_guard lock(mutex_);
        std::uint32_t dropped = 0;
        for (const OffsetRange& range :
             drop_revoked(token.batch, revoked, reason == LeaseRevocation::Reason::cancelled)) {
            dropped += range.count;
        }
        all_dropped = dropped == revoked.count;
    }
    if (options_.on_revoked && !all_dropped) {
        options_.on_revoked({{token.queue_id, revoked.first}, revoked.count, token.batch, reason, grace});
    }
}

}  // namespace baton::detail
