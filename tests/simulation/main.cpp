// baton_sim: runs seeds of the simulation and says which one failed, why, and how to run it again.

#include "tests/simulation/coverage.hpp"
#include "tests/simulation/finished.hpp"
#include "tests/simulation/flows.hpp"
#include "tests/simulation/planted.hpp"
#include "tests/simulation/schedules.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/simulation/topics.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using baton::simulation::Coverage;
using baton::simulation::FinishedSimulation;
using baton::simulation::FlowSimulation;
using baton::simulation::Outcome;
using baton::simulation::RunKind;
using baton::simulation::RunOptions;
using baton::simulation::ScheduleSimulation;
using baton::simulation::Simulation;
using baton::simulation::TopicSimulation;

struct Arguments {
    std::uint64_t seeds = 2'000;
    std::uint64_t first = 1;
    std::uint64_t events = 600;
    /// Every n-th seed runs twice and must give the same outputs.
    std::uint64_t twice_every = 10;
    bool trace = false;
    /// Runs about schedules instead of runs about messages.
    bool schedules = false;
    /// Runs about jobs that end and what is kept of them.
    bool finished = false;
    /// Runs about flows.
    bool flows = false;
    /// Runs about topics and what is selected from them.
    bool topics = false;
    std::string planted;
    /// With a planted bug: success is to find it.
    bool expect_caught = false;
    /// Print the rows of the state machine with how often each was seen.
    bool list_coverage = false;
    /// Rows that such runs are to see and did not make the program fail.
    bool require_coverage = false;

    RunKind kind() const {
        return schedules  ? RunKind::schedules
               : finished ? RunKind::finished
               : flows    ? RunKind::flows
               : topics   ? RunKind::topics
                          : RunKind::plain;
    }
};

bool number(std::string_view text, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

bool parse(int argc, char** argv, Arguments& arguments) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view flag = argv[i];
        const bool more = i + 1 < argc;
        if (flag == "--trace") {
            arguments.trace = true;
        } else if (flag == "--schedules") {
            arguments.schedules = true;
        } else if (flag == "--finished") {
            arguments.finished = true;
        } else if (flag == "--flows") {
            arguments.flows = true;
        } else if (flag == "--topics") {
            arguments.topics = true;
        } else if (flag == "--expect-caught") {
            arguments.expect_caught = true;
        } else if (flag == "--list-coverage") {
            arguments.list_coverage = true;
        } else if (flag == "--require-coverage") {
            arguments.require_coverage = true;
        } else if (flag == "--seeds" && more && number(argv[i + 1], arguments.seeds)) {
            ++i;
        } else if (flag == "--first" && more && number(argv[i + 1], arguments.first)) {
            ++i;
        } else if (flag == "--events" && more && number(argv[i + 1], arguments.events)) {
            ++i;
        } else if (flag == "--twice-every" && more && number(argv[i + 1], arguments.twice_every)) {
            ++i;
        } else if (flag == "--planted" && more) {
            arguments.planted = argv[++i];
        } else {
            return false;
        }
    }
    return true;
}

void report(const Arguments& arguments, const char* program, std::uint64_t seed, const Outcome& outcome) {
    for (const auto& finding : outcome.findings) {
        std::printf("seed %llu, %s: %s\n", static_cast<unsigned long long>(seed), finding.checker.c_str(),
                    finding.text.c_str());
    }
    std::printf("replay: %s%s --first %llu --seeds 1 --events %llu%s%s --trace\n", program,
                arguments.schedules  ? " --schedules"
                : arguments.finished ? " --finished"
                : arguments.flows    ? " --flows"
                : arguments.topics   ? " --topics"
                                     : "",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(arguments.events),
                arguments.planted.empty() ? "" : " --planted ", arguments.planted.c_str());
}

Outcome run_once(const Arguments& arguments, const RunOptions& options) {
    if (arguments.finished) {
        return FinishedSimulation(options).run();
    }
    if (arguments.flows) {
        return FlowSimulation(options).run();
    }
    if (arguments.topics) {
        return TopicSimulation(options).run();
    }
    return arguments.schedules ? ScheduleSimulation(options).run() : Simulation(options).run();
}

/// Runs one seed; true when nothing was found.
bool run_seed(const Arguments& arguments, const char* program, std::uint64_t seed, Outcome& totals,
              Coverage& coverage) {
    RunOptions options;
    options.coverage = &coverage;
    options.seed = seed;
    options.events = arguments.events;
    options.trace = arguments.trace;
    options.reply_before_sync = arguments.planted == "reply_before_sync";
    const bool twice = arguments.twice_every != 0 && seed % arguments.twice_every == 0 && !arguments.trace;
    options.digest = twice;
    const std::size_t strange = coverage.strange().size();
    Outcome outcome = run_once(arguments, options);
    if (coverage.strange().size() != strange && !arguments.expect_caught) {
        report(arguments, program, seed, outcome);
    }
    options.coverage = nullptr;
    if (twice && outcome.findings.empty() && run_once(arguments, options).digest != outcome.digest) {
        outcome.findings.push_back({"determinism", "the same seed gave other outputs the second time"});
    }
    totals.commits += outcome.commits;
    totals.messages += outcome.messages;
    totals.deliveries += outcome.deliveries;
    totals.crashes += outcome.crashes;
    totals.reads += outcome.reads;
    if (!outcome.findings.empty() && !arguments.expect_caught) {
        report(arguments, program, seed, outcome);
    }
    if (!outcome.findings.empty() && arguments.expect_caught) {
        std::printf("planted bug %s caught by seed %llu, %s: %s\n", arguments.planted.c_str(),
                    static_cast<unsigned long long>(seed), outcome.findings.front().checker.c_str(),
                    outcome.findings.front().text.c_str());
    }
    return outcome.findings.empty();
}

/// Prints what was covered; false when rows that are demanded are missing, or something happened that no row allows.
bool covered(const Arguments& arguments, const Coverage& coverage) {
    if (arguments.list_coverage) {
        coverage.list();
    }
    coverage.summarize();
    const std::vector<std::string> missing = coverage.missing();
    for (const std::string& row : missing) {
        if (arguments.require_coverage) {
            std::printf("coverage: never seen: %s\n", row.c_str());
        }
    }
    return coverage.strange().empty() && (missing.empty() || !arguments.require_coverage);
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    if (!parse(argc, argv, arguments) || !baton::simulation::plant(arguments.planted)) {
        std::fprintf(stderr,
                     "usage: %s [--seeds N] [--first S] [--events N] [--twice-every N] [--trace]\n"
                     "       [--schedules | --finished | --flows | --topics] [--planted BUG [--expect-caught]]\n"
                     "       [--list-coverage] [--require-coverage]\n",
                     argv[0]);
        return 2;
    }
    const auto begin = std::chrono::steady_clock::now();
    Outcome totals;
    Coverage coverage(arguments.kind());
    std::uint64_t failed = 0, run = 0;
    for (std::uint64_t seed = arguments.first; seed < arguments.first + arguments.seeds && failed < 5; ++seed) {
        failed += run_seed(arguments, argv[0], seed, totals, coverage) ? 0 : 1;
        run += 1;
        if (arguments.expect_caught && failed != 0) {
            return 0;
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf(
        "%llu seeds of %llu events in %.1f s: %llu failed; %llu messages, %llu deliveries, %llu commits, "
        "%llu reads, %llu crashes\n",
        static_cast<unsigned long long>(run), static_cast<unsigned long long>(arguments.events), took.count(),
        static_cast<unsigned long long>(failed), static_cast<unsigned long long>(totals.messages),
        static_cast<unsigned long long>(totals.deliveries), static_cast<unsigned long long>(totals.commits),
        static_cast<unsigned long long>(totals.reads), static_cast<unsigned long long>(totals.crashes));
    const bool all_covered = covered(arguments, coverage);
    if (arguments.expect_caught) {
        std::printf("planted bug %s was not caught\n", arguments.planted.c_str());
        return 1;
    }
    return failed == 0 && all_covered ? 0 : 1;
}
