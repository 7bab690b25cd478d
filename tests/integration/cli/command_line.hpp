#pragma once
// A daemon of a test's own, and shell lines in which `baton` is the program under test and talks to that daemon.

#include "tests/integration/client/program.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace baton::tests {

class CommandLine {
public:
    /// Runs the line with /bin/sh; `baton` and $BATON_SERVER are set, and the output holds standard error too.
    ProgramResult run(const std::string& line) const;
    /// As run, for a line that must succeed; returns what it printed.
    std::string output(const std::string& line) const;
    /// As output, one JSON object a line.
    std::vector<boost::json::object> objects(const std::string& line) const;
    /// `queue show` as JSON.
    boost::json::object queue(const std::string& name) const;

    RunningDaemon& daemon() { return daemon_; }
    std::string path(const std::string& name) const { return daemon_.path(name); }

private:
    RunningDaemon daemon_;
};

}  // namespace baton::tests
