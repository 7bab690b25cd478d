#pragma once
// What is done to a whole flow, and to one child of it: subcommands of `baton flow`.

#include "cli/command.hpp"

#include <CLI/CLI.hpp>

namespace baton::cli {

void add_flow_actions(CLI::App& flow, Context& context);

}  // namespace baton::cli
