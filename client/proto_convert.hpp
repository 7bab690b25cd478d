#pragma once
// Between the generated protocol messages and the public values. Pure functions; for everything that is not hot.

#include "baton/admin.hpp"
#include "baton/batch.hpp"
#include "baton/error.hpp"
#include "baton/job.hpp"
#include "baton/producer.hpp"
#include "baton/queue_info.hpp"
#include "client/delivered_frame.hpp"

#include <string_view>

namespace baton::v1 {
class Counted;
class JobsCancelled;
class JobsRemoved;
class Error;
class MessageList;
class Origin;
class Produced;
class QueueInfo;
class QueueSettings;
class RateLimit;
class ServerStatusReply;
class Welcome;
}  // namespace baton::v1

namespace baton::detail {

RateLimit from_proto(const v1::RateLimit& in);
void to_proto(const RateLimit& in, v1::RateLimit& out);
Error from_proto(const v1::Error& error);
Origin from_proto(const v1::Origin& origin);
QueueInfo from_proto(const v1::QueueInfo& info);
MessagePage from_proto(const v1::MessageList& list);
Counted from_proto(const v1::Counted& counted);
JobsRemoved from_proto(const v1::JobsRemoved& removed);
JobsCancelled from_proto(const v1::JobsCancelled& cancelled);
ServerStatus from_proto(const v1::ServerStatusReply& status);
/// Fails with protocol_violation when something of it is not understood.
Result<BatchReceipt> from_proto(const v1::Produced& produced);
ServerInfo from_proto(const v1::Welcome& welcome);
void to_proto(const QueueSettings& settings, v1::QueueSettings& out);

/// Decodes an Error as it came; malformed bytes become protocol_violation.
Error read_error(std::string_view body);
/// Decodes a DeliveryDetail; false when malformed.
bool read_detail(std::string_view body, DeliveredFrame::Detail& out);

}  // namespace baton::detail
