#pragma once
// What the options of a message ask for: whether they can be granted, and what is noted of them. Included by the core's
// sources only.

#include "server/core/entry_options.hpp"
#include "server/core/message_record.hpp"
#include "server/core/refusal.hpp"

#include <memory>
#include <optional>

namespace baton::core {

struct Queue;

std::optional<Refusal> check_options(const Queue& queue, const EntryOptions& options);
Refusal too_large(const Queue& queue);
/// When the message becomes ready for the first time; `now` at the earliest.
TimeMs due_of(const EntryOptions& options, TimeMs now);
/// Null when there is nothing to note.
std::shared_ptr<MessageMeta> meta_of(const EntryOptions& options, TimeMs due);

}  // namespace baton::core
