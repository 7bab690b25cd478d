#pragma once
// The golden data directory, unpacked for one test, and a daemon of this build that opens it at the time it was made.

#include "tests/golden/data_dir_facts.hpp"
#include "tests/integration/daemon/daemon_process.hpp"

#include <string>
#include <vector>

namespace baton::test {

class GoldenDirectory {
public:
    GoldenDirectory();

    const GoldenFacts& facts() const { return facts_; }
    std::string path() const { return directory_.path("data"); }
    std::vector<std::string> arguments() const { return usual_arguments(path()); }
    /// The environment in which a daemon's wall clock stands a few seconds after the directory was made.
    std::vector<std::string> environment() const;

private:
    TestDirectory directory_;
    GoldenFacts facts_;
};

}  // namespace baton::test
