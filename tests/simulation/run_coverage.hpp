#pragma once
// What a run of the simulation has for the coverage: watches the commits of its driver, and is shown what is asked and
// what leaves. Costs nothing where nobody counts.

#include "tests/simulation/coverage_answers.hpp"
#include "tests/simulation/coverage_requests.hpp"
#include "tests/simulation/coverage_watch.hpp"
#include "tests/support/round_driver.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace baton::simulation {

class RunCoverage {
public:
    /// Lives no longer than the driver and the coverage; null = nobody counts.
    RunCoverage(Coverage* coverage, tests::RoundDriver& driver, bool trace);

    void sent(const core::Request& request);
    void left(const std::vector<tests::Released>& effects);
    void crashed(std::uint64_t last_commit);

private:
    struct Parts {
        Parts(Coverage& coverage, bool trace) : watch(coverage, requests, trace), answers(watch) {}
        CoverageRequests requests;
        CoverageWatch watch;
        CoverageAnswers answers;
    };
    std::unique_ptr<Parts> parts_;
};

}  // namespace baton::simulation
