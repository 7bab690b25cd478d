#pragma once
// How often each row of the state machine was seen in all seeds of a run of the program, and how often the broker was
// stopped right behind it. Owned by main; one for all seeds.

#include "tests/simulation/transition.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baton::simulation {

class Coverage {
public:
    explicit Coverage(RunKind kind) : kind_(kind), seen_(transitions().size()), stopped_(transitions().size()) {}

    void seen(Row row) { seen_[row] += 1; }
    /// It was lost with its commit.
    void taken_back(Row row) { seen_[row] -= 1; }
    /// The broker was stopped before anything else happened to the message.
    void stopped_behind(Row row) { stopped_[row] += 1; }
    /// What no row of the table allows.
    void strange(std::string text);
    const std::vector<std::string>& strange() const { return strange_; }

    /// Rows that such runs are to see and did not.
    std::vector<std::string> missing() const;
    /// The whole table with both counts.
    void list() const;
    /// One line: how many of the rows for such runs were seen.
    void summarize() const;

private:
    RunKind kind_;
    std::vector<std::uint64_t> seen_, stopped_;
    /// The first few.
    std::vector<std::string> strange_;
};

}  // namespace baton::simulation
