#pragma once
// Background tasks as text and as JSON.

#include "baton/tasks.hpp"

namespace baton::cli {

struct Context;

/// One line of text, or a JSON object.
void print_task(const Context& context, const TaskInfo& task);

}  // namespace baton::cli
