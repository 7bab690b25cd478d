#pragma once
// What is kept of finished messages <-> bytes: completed records, the batches of the finished logs, and how much of
// them a queue keeps.

#include "baton/store/v1/store.pb.h"
#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

#include <string>
#include <string_view>

namespace baton::storage {

void to_proto(const core::Retention& keep, store::v1::Retention& out);
core::Retention from_proto(const store::v1::Retention& stored);

void retention_to_proto(const core::QueueSettings& settings, store::v1::QueueSettings& out);
/// Leaves alone what the record does not say.
void retention_from_proto(const store::v1::QueueSettings& stored, core::QueueSettings& settings);

/// Where the logs of a queue stand.
void kept_to_proto(const core::PutQueueState& record, store::v1::QueueState& out);
void kept_from_proto(const store::v1::QueueState& stored, core::PutQueueState& record);
core::CompletionPtr completion_from_proto(const store::v1::Completion& stored);

std::string encode(const core::PutFinished& record);
core::FinishedBatch decode_finished(const ParsedKey& key, std::string_view value);

/// The records of messages that were completed together: what they share is encoded once.
class CompletedEncoder {
public:
    explicit CompletedEncoder(const core::PutCompleted& completed);
    /// What stands before the body of the i-th; valid until the next call.
    const std::string& head(std::uint32_t i);

private:
    const core::PutCompleted& completed_;
    store::v1::LaneRecord record_;
    std::string value_;
};

}  // namespace baton::storage
