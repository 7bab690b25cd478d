#include "storage/start_mark_codec.hpp"

namespace baton::storage {

void starts_to_proto(const std::vector<core::StartMark>& starts, store::v1::QueueState& out) {
    for (const core::StartMark& mark : starts) {
        store::v1::StartMark& stored = *out.add_starts();
        stored.set_epoch(mark.epoch);
        stored.set_end(mark.end);
    }
}

std::vector<core::StartMark> starts_from_proto(const store::v1::QueueState& stored) {
    std::vector<core::StartMark> starts;
    for (const store::v1::StartMark& mark : stored.starts()) {
        starts.push_back({mark.epoch(), mark.end()});
    }
    return starts;
}

}  // namespace baton::storage
