#pragma once
// Who consumes a queue and what it keeps of messages that are over, between the library's types and the wire.

#include "baton/queue_info.hpp"
#include "baton/stored_message.hpp"

namespace baton::v1 {
class QueueInfo;
class QueueSettings;
class StoredMessage;
class TopicSettings;
}  // namespace baton::v1

namespace baton::detail {

void kept_to_proto(const QueueSettings& in, v1::QueueSettings& out);
void kept_from_proto(const v1::QueueSettings& in, QueueSettings& out);
void kept_from_proto(const v1::QueueInfo& in, QueueInfo& out);
void topic_to_proto(const TopicSettings& in, v1::TopicSettings& out);
/// The run that completed a message, and what its runs said.
void run_from_proto(const v1::StoredMessage& in, StoredMessage& out);

}  // namespace baton::detail
