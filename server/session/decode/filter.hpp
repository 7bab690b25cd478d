#pragma once
// Filters of messages, as every request has them that selects from topics.

#include "server/core/message_filter.hpp"
#include "server/session/decode/bodies.hpp"

#include <baton/v1/filter.pb.h>

#include <string>

namespace baton::session {

/// `field` is the name of the filter in the request.
Fault decode_message_filter(const v1::Filter& from, const std::string& field, core::MessageFilterPtr& out);

}  // namespace baton::session
