#pragma once
// Names of the planted bugs, and the switch for them. Without the planted build only the driver's own can be planted.

#include <string>

namespace baton::simulation {

/// Activates the bug of this name; empty or "none" for no bug. False when there is no such bug in this build.
bool plant(const std::string& name);

}  // namespace baton::simulation
