#pragma once
// Runs a program to its end.

#include <string>
#include <vector>

namespace baton::tests {

struct ProgramResult {
    int exit_code = -1;
    std::string output;
};

/// Waits for the end; kills the program, and throws, after 180 s.
ProgramResult run_program(const std::vector<std::string>& command);

}  // namespace baton::tests
