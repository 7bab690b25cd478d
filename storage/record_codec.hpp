#pragma once
// The small records <-> their values. A value is one protobuf message of proto/baton/store/v1 behind a 64-bit checksum
// that is seeded with its key's kind and number; a lane record is followed by the entry's wire bytes.

#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baton::storage {

std::string encode(const core::PutShard& record);
std::string encode(const core::PutNamespace& record);
std::string encode(const core::PutQueue& record);
std::string encode(const core::PutQueueState& record);
std::string encode(const core::PutAckPage& record);
std::string encode(const core::PutLease& record);
std::string encode(const core::PutReturned& record);
std::string encode(const core::PutProducer& record);
std::string encode(const core::PutLocator& record);
std::string encode(const core::PutExpiry& record);
std::string encode(const core::PutName& record);
std::string encode(const core::PutNameEnd& record);
std::string encode(const core::PutSchedule& record);
std::string encode(const core::PutScheduleProgress& record);
std::string encode(const core::PutGroup& record);
/// The value up to the entry's bytes, which follow it.
std::string encode_lane_head(const core::PutLaneRecord& record);
std::string encode_parked_head(const core::PutParked& record);

/// The mutation that wrote this record. Empty for kinds that start-up does not load. Throws Damage.
std::optional<core::Mutation> decode_record(const ParsedKey& key, std::string_view value);
/// Throws Damage.
core::PutLocator decode_locator(const ParsedKey& key, std::string_view value);
/// Throws Damage.
core::PutExpiry decode_expiry(const ParsedKey& key, std::string_view value);
/// A lane record with its body. Throws Damage.
core::MessageRecord decode_lane_record(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
