#include "storage/record_codec.hpp"

#include "baton/store/v1/store.pb.h"
#include "storage/finished_codec.hpp"
#include "storage/flow_codec.hpp"
#include "storage/group_codec.hpp"
#include "storage/limit_codec.hpp"
#include "storage/meta_codec.hpp"
#include "storage/name_codec.hpp"
#include "storage/producer_codec.hpp"
#include "storage/queue_codec.hpp"
#include "storage/retry_codec.hpp"
#include "storage/schedule_codec.hpp"
#include "storage/sealed.hpp"
#include "storage/selection_codec.hpp"
#include "storage/start_mark_codec.hpp"
#include "storage/task_codec.hpp"
#include "storage/totals_codec.hpp"

namespace baton::storage {

namespace {

core::PutReturned returned(const ParsedKey& key, const store::v1::Returned& stored) {
    return {key.ns,
            key.queue,
            key.number,
            storage::from_proto(stored.counters()),
            static_cast<core::Cause>(stored.cause()),
            attempts_from_proto(stored.attempts()),
            stored.fence(),
            stored.isolated(),
            stored.not_before_ms()};
}

core::PutShard shard(const store::v1::Shard& stored) {
    return {stored.next_namespace(), stored.next_queue(), stored.next_schedule(), lost_children_from_proto(stored)};
}

core::PutAckPage ack_page(const ParsedKey& key, const store::v1::AckPage& stored) {
    return {key.ns, key.queue, key.number, {stored.words().begin(), stored.words().end()}};
}

core::PutQueueState queue_state(const ParsedKey& key, const store::v1::QueueState& stored) {
    core::PutQueueState record;
    record.ns = key.ns;
    record.id = key.queue;
    record.end = stored.end();
    record.low = stored.low();
    record.horizon = stored.horizon();
    record.lane_horizon = stored.lane_horizon();
    record.next_batch = stored.next_batch();
    record.lane_generation = stored.lane_generation();
    record.failed_generation = stored.failed_generation();
    record.timed_count = stored.timed_count();
    record.failed_count = stored.failed_count();
    record.prioritized_count = stored.prioritized_count();
    record.grouped_count = stored.grouped_count();
    record.fronts = stored.fronts();
    record.bits_set = stored.bits_set();
    record.live_bytes = stored.live_bytes();
    record.failed_bytes = stored.failed_bytes();
    record.totals = storage::from_proto(stored.totals());
    kept_from_proto(stored, record);
    record.flows = flow_counts_from_proto(stored);
    limiter_from_proto(stored, record);
    record.has_expiries = stored.has_expiries();
    record.has_reports = stored.has_reports();
    record.sweep_reports = stored.sweep_reports();
    record.names = storage::from_proto(stored.names());
    record.starts = starts_from_proto(stored);
    log_from_proto(stored, record);
    for (int i = 0; i + 1 < stored.full_pages_size(); i += 2) {
        record.full_pages.emplace_back(stored.full_pages(i), stored.full_pages(i + 1));
    }
    record.low_page.assign(stored.low_page().begin(), stored.low_page().end());
    for (const auto& producer : stored.producers()) {
        record.producers.push_back(storage::from_proto(key.ns, key.queue, producer.producer_id(), producer));
    }
    return record;
}

core::Lane lane_of(const store::v1::Lease::Range& range) {
    if (range.group_low() != 0) {
        return core::Lane::grouped;
    }
    return range.prioritized() ? core::Lane::prioritized : core::Lane::timed;
}

core::PutLease lease(const ParsedKey& key, const store::v1::Lease& stored) {
    core::PutLease record;
    record.ns = key.ns;
    record.id = key.queue;
    record.batch = key.number;
    record.epoch = stored.epoch();
    record.session = core::SessionId{stored.session()};
    record.consumer = core::ConsumerId{stored.consumer()};
    record.worker = stored.worker();
    record.lease_ms = stored.lease_ms();
    record.deadline = stored.deadline_ms();
    record.delivered_at = stored.delivered_ms();
    record.ends_at = stored.ends_ms();
    for (const auto& range : stored.ranges()) {
        record.ranges.push_back({range.first(),
                                 range.count(),
                                 range.from_lane(),
                                 range.lane_at_ms(),
                                 range.started(),
                                 storage::from_proto(range.counters()),
                                 static_cast<core::Cause>(range.cause()),
                                 lane_of(range),
                                 range.lane_rank(),
                                 {range.group_high(), range.group_low()},
                                 range.ends_ms(),
                                 range.cancelled()});
    }
    return record;
}

}  // namespace

std::string encode(const core::PutShard& record) {
    store::v1::Shard stored;
    stored.set_next_namespace(record.next_namespace);
    stored.set_next_queue(record.next_queue);
    stored.set_next_schedule(record.next_schedule);
    lost_children_to_proto(record.lost_children, stored);
    return sealed(stored, KeyKind::shard, core::QueueId{}, 0);
}

std::string encode(const core::PutNamespace& record) {
    store::v1::Namespace stored;
    stored.set_name(record.name);
    return sealed(stored, KeyKind::name_space, core::QueueId{}, 0);
}

std::string encode(const core::PutQueueState& record) {
    store::v1::QueueState stored;
    stored.set_end(record.end);
    stored.set_low(record.low);
    stored.set_horizon(record.horizon);
    stored.set_lane_horizon(record.lane_horizon);
    stored.set_next_batch(record.next_batch);
    stored.set_lane_generation(record.lane_generation);
    stored.set_failed_generation(record.failed_generation);
    stored.set_timed_count(record.timed_count);
    stored.set_failed_count(record.failed_count);
    stored.set_prioritized_count(record.prioritized_count);
    stored.set_grouped_count(record.grouped_count);
    stored.set_fronts(record.fronts);
    starts_to_proto(record.starts, stored);
    log_to_proto(record, stored);
    if (record.names.used) {
        storage::to_proto(record.names, *stored.mutable_names());
    }
    stored.set_bits_set(record.bits_set);
    stored.set_live_bytes(record.live_bytes);
    stored.set_failed_bytes(record.failed_bytes);
    storage::to_proto(record.totals, *stored.mutable_totals());
    kept_to_proto(record, stored);
    flow_counts_to_proto(record.flows, stored);
    limiter_to_proto(record, stored);
    stored.set_has_expiries(record.has_expiries);
    stored.set_has_reports(record.has_reports);
    stored.set_sweep_reports(record.sweep_reports);
    for (const auto& [first, count] : record.full_pages) {
        stored.add_full_pages(first);
        stored.add_full_pages(count);
    }
    stored.mutable_low_page()->Add(record.low_page.begin(), record.low_page.end());
    for (const core::PutProducer& producer : record.producers) {
        store::v1::Producer& out = *stored.add_producers();
        to_proto(producer, out);
        out.set_producer_id(producer.producer);
    }
    return sealed(stored, KeyKind::queue_state, record.id, 0);
}

std::string encode(const core::PutAckPage& record) {
    store::v1::AckPage stored;
    stored.mutable_words()->Add(record.words.begin(), record.words.end());
    return sealed(stored, KeyKind::ack_page, record.id, record.page);
}

std::string encode(const core::PutLease& record) {
    store::v1::Lease stored;
    stored.set_epoch(record.epoch);
    stored.set_session(core::value(record.session));
    stored.set_consumer(core::value(record.consumer));
    stored.set_worker(record.worker);
    stored.set_lease_ms(record.lease_ms);
    stored.set_deadline_ms(record.deadline);
    stored.set_delivered_ms(record.delivered_at);
    stored.set_ends_ms(record.ends_at);
    for (const auto& range : record.ranges) {
        auto& out = *stored.add_ranges();
        out.set_first(range.first);
        out.set_count(range.count);
        out.set_from_lane(range.from_lane);
        out.set_lane_at_ms(range.lane_at);
        out.set_prioritized(range.lane == core::Lane::prioritized);
        out.set_lane_rank(range.lane_rank);
        out.set_ends_ms(range.ends_at);
        out.set_cancelled(range.cancelled);
        out.set_group_high(range.lane_group.high);
        out.set_group_low(range.lane_group.low);
        out.set_started(range.started);
        storage::to_proto(range.counters, *out.mutable_counters());
        out.set_cause(static_cast<std::uint32_t>(range.cause));
    }
    return sealed(stored, KeyKind::lease, record.id, record.batch);
}

std::string encode(const core::PutReturned& record) {
    store::v1::Returned stored;
    storage::to_proto(record.counters, *stored.mutable_counters());
    stored.set_cause(static_cast<std::uint32_t>(record.cause));
    attempts_to_proto(record.attempts, *stored.mutable_attempts());
    stored.set_fence(record.fence);
    stored.set_isolated(record.isolated);
    stored.set_not_before_ms(record.not_before);
    return sealed(stored, KeyKind::returned, record.id, record.offset);
}

std::string encode(const core::PutProducer& record) {
    store::v1::Producer stored;
    to_proto(record, stored);
    return sealed(stored, KeyKind::producer, record.id, record.producer);
}

std::optional<core::Mutation> decode_record(const ParsedKey& key, std::string_view value) {
    switch (key.kind) {
        case KeyKind::shard:
            return shard(opened<store::v1::Shard>(key, value));
        case KeyKind::name_space: {
            ParsedKey plain = key;
            plain.number = 0;
            return core::PutNamespace{key.ns, opened<store::v1::Namespace>(plain, value).name()};
        }
        case KeyKind::queue:
            return queue_from_proto(key, opened<store::v1::Queue>(key, value));
        case KeyKind::queue_state:
            return queue_state(key, opened<store::v1::QueueState>(key, value));
        case KeyKind::ack_page:
            return ack_page(key, opened<store::v1::AckPage>(key, value));
        case KeyKind::lease:
            return lease(key, opened<store::v1::Lease>(key, value));
        case KeyKind::returned:
            return returned(key, opened<store::v1::Returned>(key, value));
        case KeyKind::producer:
            return from_proto(key.ns, key.queue, key.number, opened<store::v1::Producer>(key, value));
        case KeyKind::schedule:
            return decode_schedule(key, value);
        case KeyKind::task:
            return decode_task(key, value);
        case KeyKind::job_minutes:
            return decode_job_minutes(key, value);
        case KeyKind::binding:
        case KeyKind::fill:
            return decode_selecting(key, value);
        case KeyKind::group:
            return decode_group(key, value);
        case KeyKind::name:
            return decode_named(key, value);
        case KeyKind::flow_news:
            return decode_flow_news(key, value);
        case KeyKind::chunk:
        case KeyKind::events:
        case KeyKind::timed:
        case KeyKind::failed:
        case KeyKind::prioritized:
        case KeyKind::grouped:
        case KeyKind::completed:
        case KeyKind::waiting_children:
        case KeyKind::flow:
        case KeyKind::flow_result:
        case KeyKind::flow_member:
        case KeyKind::locator:
        case KeyKind::expiry:
        case KeyKind::finished:
        case KeyKind::report:
        case KeyKind::last_of_key:
        case KeyKind::name_end:
        case KeyKind::identity:
        case KeyKind::commit:
            break;
    }
    return std::nullopt;
}

}  // namespace baton::storage
