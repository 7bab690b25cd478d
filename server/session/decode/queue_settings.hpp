#pragma once
// Settings as they come in, for queues and for what is made of them. Used by the decoders only.

#include "server/core/queue_settings.hpp"
#include "server/session/decode/bodies.hpp"

#include <baton/v1/queue.pb.h>

namespace baton::session {

/// What fits the core's types; the meaning is checked by core::check_settings.
Fault decode_settings(const v1::QueueSettings& from, core::QueueSettingsChange& out);
Fault decode_retention(const v1::Retention& from, const char* age_field, core::RetentionChange& out);

}  // namespace baton::session
