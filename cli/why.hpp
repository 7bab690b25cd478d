#pragma once
// `queue why` and `job why`: what keeps messages from being delivered.

#include "baton/admin.hpp"
#include "cli/command.hpp"

#include <CLI/CLI.hpp>

namespace baton::cli {

/// As one JSON object, or a sentence a line.
void print_explanation(const Context& context, const Explanation& why);
void add_queue_why(CLI::App& queue, Context& context);
void add_job_why(CLI::App& job, Context& context);

}  // namespace baton::cli
