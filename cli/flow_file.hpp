#pragma once
// A flow as a person writes it down: JSON, a job with the jobs that it waits for, or a list of such.
//
//     {"queue": "reports", "payload": "2026-11", "children_on_failure": "ignore", "children": [
//         {"queue": "pages", "payload": "1", "options": {"delay": "10s", "priority": 2}},
//         {"queue": "pages", "payload": {"page": 2}, "on_failure": "fail_parent"}]}

#include "baton/flows.hpp"

#include <string>

namespace baton::cli {

/// Throws std::invalid_argument that names the field at fault.
Flow read_flow(const std::string& text);

}  // namespace baton::cli
