#include "storage/group_codec.hpp"

#include "storage/record_codec.hpp"
#include "storage/sealed.hpp"

#include <string>

namespace baton::storage {

namespace {

void to_proto(const core::RateLimit& rate, store::v1::RateLimit& out) {
    out.set_permits(rate.permits);
    out.set_per_ms(rate.per_ms);
    out.set_burst(rate.burst);
}

core::RateLimit rate_from(const store::v1::RateLimit& stored) {
    return {stored.permits(), stored.per_ms(), stored.burst()};
}

/// The parsed key's number is the last part of the key, which of a group is half of its id.
std::uint64_t number_of(const core::GroupId& group) { return group.low; }

}  // namespace

void groups_to_proto(const core::GroupSettings& settings, store::v1::QueueSettings& out) {
    if (settings == core::GroupSettings{}) {
        return;
    }
    store::v1::GroupSettings& groups = *out.mutable_groups();
    to_proto(settings.rate, *groups.mutable_rate());
    groups.set_max_in_flight(settings.max_in_flight);
    groups.set_order(static_cast<std::uint32_t>(settings.order));
    groups.set_max_messages(settings.max_messages);
    groups.set_overflow(static_cast<std::uint32_t>(settings.overflow));
}

void groups_from_proto(const store::v1::QueueSettings& stored, core::GroupSettings& out) {
    if (!stored.has_groups()) {
        return;
    }
    const store::v1::GroupSettings& groups = stored.groups();
    out = {rate_from(groups.rate()), groups.max_in_flight(), static_cast<core::GroupOrder>(groups.order()),
           groups.max_messages(), static_cast<core::GroupOverflow>(groups.overflow())};
}

std::string encode(const core::PutGroup& record) {
    store::v1::Group stored;
    stored.set_name(record.name);
    if (record.limits.rate) {
        to_proto(*record.limits.rate, *stored.mutable_rate());
    }
    if (record.limits.max_in_flight) {
        stored.set_max_in_flight(*record.limits.max_in_flight);
    }
    if (record.limits.max_messages) {
        stored.set_max_messages(*record.limits.max_messages);
    }
    stored.set_paused(record.limits.paused);
    stored.set_paused_until_ms(record.limits.paused_until);
    stored.set_bucket_level(record.facts.bucket.level);
    stored.set_bucket_ms(record.facts.bucket.at);
    stored.set_penalty_until_ms(record.facts.penalty_until);
    stored.set_messages(record.facts.messages);
    stored.set_delayed(record.facts.delayed);
    stored.set_retrying(record.facts.retrying);
    return sealed(stored, KeyKind::group, record.id, number_of(record.group));
}

core::PutGroup decode_group(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::Group>(key, value);
    core::PutGroup record{key.ns, key.queue, key.group, stored.name(), {}, {}};
    if (stored.has_rate()) {
        record.limits.rate = rate_from(stored.rate());
    }
    if (stored.has_max_in_flight()) {
        record.limits.max_in_flight = stored.max_in_flight();
    }
    if (stored.has_max_messages()) {
        record.limits.max_messages = stored.max_messages();
    }
    record.limits.paused = stored.paused();
    record.limits.paused_until = stored.paused_until_ms();
    record.facts.bucket = {stored.bucket_level(), stored.bucket_ms()};
    record.facts.penalty_until = stored.penalty_until_ms();
    record.facts.messages = stored.messages();
    record.facts.delayed = stored.delayed();
    record.facts.retrying = stored.retrying();
    return record;
}

}  // namespace baton::storage
