#include "storage/totals_codec.hpp"

#include "storage/key_writer.hpp"
#include "storage/sealed.hpp"

namespace baton::storage {

namespace {

void minute_to_proto(const core::JobMinute& minute, store::v1::JobMinute& out) {
    out.set_minute(minute.minute);
    out.set_completed(minute.completed);
    out.set_failed(minute.failed);
}

core::JobMinute minute_from_proto(const store::v1::JobMinute& stored) {
    return {stored.minute(), stored.completed(), stored.failed()};
}

}  // namespace

void to_proto(const core::QueueTotals& totals, store::v1::QueueTotals& out) {
    out.set_produced(totals.produced);
    out.set_acked(totals.acked);
    out.set_expired(totals.expired);
    out.set_dropped(totals.dropped);
    out.set_dead_lettered(totals.dead_lettered);
    out.set_redelivered(totals.redelivered);
    out.set_purged(totals.purged);
    out.set_cancelled(totals.cancelled);
    out.set_retired(totals.retired);
    out.set_failed(totals.failed);
    out.set_compacted(totals.compacted);
    if (totals.minute != core::JobMinute{}) {
        minute_to_proto(totals.minute, *out.mutable_minute());
    }
}

core::QueueTotals from_proto(const store::v1::QueueTotals& stored) {
    return {stored.produced(),
            stored.acked(),
            stored.expired(),
            stored.dropped(),
            stored.dead_lettered(),
            stored.redelivered(),
            stored.purged(),
            stored.cancelled(),
            stored.retired(),
            stored.failed(),
            minute_from_proto(stored.minute()),
            stored.compacted()};
}

Key job_minutes_key(core::NamespaceId ns, core::QueueId queue) {
    return KeyWriter(ns, KeyKind::job_minutes, queue).key();
}

std::string encode(const core::PutJobMinutes& record) {
    store::v1::JobMinutes stored;
    for (const core::JobMinute& minute : record.minutes) {
        minute_to_proto(minute, *stored.add_minutes());
    }
    return sealed(stored, KeyKind::job_minutes, record.id, 0);
}

core::PutJobMinutes decode_job_minutes(const ParsedKey& key, std::string_view value) {
    core::PutJobMinutes record{key.ns, key.queue, {}};
    const auto stored = opened<store::v1::JobMinutes>(key, value);
    for (const store::v1::JobMinute& minute : stored.minutes()) {
        record.minutes.push_back(minute_from_proto(minute));
    }
    return record;
}

}  // namespace baton::storage
