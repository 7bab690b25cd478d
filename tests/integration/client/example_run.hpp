#pragma once
// Runs an example beside a daemon with a virtual clock, so that its minutes take milliseconds.

#include "baton/admin.hpp"
#include "tests/integration/client/program.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace baton::tests {

/// Runs a program to its end. Meanwhile time passes, `step` by `step`, but only while nobody works on a message of
/// `queue`: no lease runs out because the machine is slow.
ProgramResult run_as_time_passes(Admin& admin, const std::string& queue, std::chrono::milliseconds step,
                                 const std::vector<std::string>& command);

}  // namespace baton::tests
