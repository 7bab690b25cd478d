// The lanes and the sets of finished messages: as many records as are counted, and an index by offset that leads to
// each.
#include "storage/queue_examination.hpp"
#include "storage/record_codec.hpp"

#include <fmt/format.h>

#include <array>

namespace baton::storage {

namespace {

struct LaneCount {
    core::Lane lane;
    const char* what;
    std::uint32_t generation;
    std::uint64_t counted;
};

}  // namespace

void QueueExamination::lanes() {
    const core::PutQueueState& at = state_;
    const std::array counts = {
        LaneCount{core::Lane::timed, "messages of the timed lane", at.lane_generation, at.timed_count},
        LaneCount{core::Lane::prioritized, "prioritized messages", at.lane_generation, at.prioritized_count},
        LaneCount{core::Lane::grouped, "grouped messages", at.lane_generation, at.grouped_count},
        LaneCount{core::Lane::waiting_children, "messages that wait for children", at.lane_generation,
                  at.flows.waiting},
        LaneCount{core::Lane::failed, "failed messages", at.failed_generation, at.failed_count},
        LaneCount{core::Lane::completed, "completed messages", at.completed_generation, at.completed.messages},
    };
    std::uint64_t failed_bytes = 0;
    for (const LaneCount& count : counts) {
        std::uint64_t there = 0;
        each(lane_range(queue_.ns, queue_.id, count.lane, count.generation),
             [&](const ParsedKey& key, std::string_view value) {
                 ++there;
                 const core::MessageRecord record = decode_lane_record(key, value);
                 if (count.lane == core::Lane::completed) {
                     return;
                 }
                 (count.lane == core::Lane::failed ? failed_bytes : live_bytes_) += record.body.size_of(0);
                 lane_record(record);
                 if (count.lane == core::Lane::waiting_children) {
                     flows_.waiting_parent(record.offset);
                 }
             });
        check_count(count.what, count.counted, there);
    }
    check_count("bytes of failed messages", at.failed_bytes, failed_bytes);
}

void QueueExamination::lane_record(const core::MessageRecord& record) {
    const bool failed = record.lane == core::Lane::failed;
    const core::Identity* own = record.meta && record.meta->identity ? record.meta->identity.get() : nullptr;
    if (!failed && (queue_.profile == core::Profile::job || own != nullptr)) {
        if (!value_at(locator_key(queue_.ns, queue_.id, record.offset))) {
            say(Ailment::Kind::locator, fmt::format("message {}: the index by offset has no entry", record.offset));
        }
    }
    if (own != nullptr && !own->id.empty()) {
        name_of_message(record, {queue_.id, core::NameKind::id, own->id});
    }
    if (own != nullptr && own->dedup && !failed && !core::has_window(*own->dedup)) {
        name_of_message(record, {queue_.id, core::NameKind::dedup, own->dedup->key});
    }
}

void QueueExamination::locators() {
    each(queue_range(queue_.ns, queue_.id, KeyKind::locator), [this](const ParsedKey& key, std::string_view value) {
        const core::PutLocator to = decode_locator(key, value);
        const core::LaneKey place{to.at, to.offset, to.rank, to.group};
        if (!value_at(lane_key(queue_.ns, queue_.id, to.lane, state_.lane_generation, place))) {
            say(Ailment::Kind::locator, fmt::format("message {}: the index by offset leads nowhere", to.offset));
        }
    });
}

}  // namespace baton::storage
