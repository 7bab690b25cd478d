// The index of ids and deduplication ids, and what is parked: each belongs to a message that is there.
#include "server/core/read.hpp"
#include "storage/name_codec.hpp"
#include "storage/name_keys.hpp"
#include "storage/queue_examination.hpp"
#include "storage/record_codec.hpp"

#include <fmt/format.h>

namespace baton::storage {

namespace {

const char* family_text(NameFamily family) { return family == NameFamily::id ? "id" : "deduplication id"; }

}  // namespace

void QueueExamination::name_of_message(const core::MessageRecord& record, const core::Name& name) {
    const Key key = name_key(queue_.ns, name);
    const auto value = value_at(key);
    const auto said = value ? std::optional(decode_name(*parse_key(key.view()), *value)) : std::nullopt;
    if (!said || said->remembered || said->holder != record.offset) {
        say(Ailment::Kind::name,
            fmt::format("message {}: the index does not say that it has the {} '{}'", record.offset,
                        family_text(static_cast<NameFamily>(name.kind)), name.text));
    }
}

bool QueueExamination::has_record(core::Offset offset) {
    const Key at = locator_key(queue_.ns, queue_.id, offset);
    if (const auto value = value_at(at)) {
        const core::PutLocator to = decode_locator(*parse_key(at.view()), *value);
        const core::LaneKey place{to.at, offset, to.rank, to.group};
        if (value_at(lane_key(queue_.ns, queue_.id, to.lane, state_.lane_generation, place))) {
            return true;
        }
    }
    return value_at(failed_key(queue_.ns, queue_.id, state_.failed_generation, offset)).has_value();
}

void QueueExamination::names() {
    for (const NameFamily family : {NameFamily::id, NameFamily::dedup}) {
        each(name_range(queue_.ns, queue_.id, family), [&](const ParsedKey& key, std::string_view value) {
            const core::NameRecord record = decode_name(key, value);
            // After a purge the index is looked through by and by; until then a name that is left over holds up nobody.
            const bool by_holder = !record.remembered && record.until == 0 && !state_.names.sweeping;
            if (by_holder && !has_record(record.holder)) {
                say(Ailment::Kind::name,
                    fmt::format("{} '{}': its message {} is gone", family_text(family), key.text, record.holder));
            }
        });
    }
    each(name_range(queue_.ns, queue_.id, NameFamily::parked), [this](const ParsedKey& key, std::string_view value) {
        const core::PutParked parked = decode_parked(key, value);
        if (!has_record(parked.parked.holder)) {
            say(Ailment::Kind::parked,
                fmt::format("what is parked with the deduplication id '{}' waits for message {}, "
                            "which is gone",
                            key.text, parked.parked.holder));
        }
    });
    std::uint64_t ends = 0;
    each(queue_range(queue_.ns, queue_.id, KeyKind::name_end), [&](const ParsedKey& key, std::string_view value) {
        ++ends;
        decode_name_end(key, value);
    });
    check_count("ids that end by time or count", state_.names.timed + state_.names.counted, ends);
}

}  // namespace baton::storage
