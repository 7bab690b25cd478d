#include "tests/simulation/coverage.hpp"

#include <cstdio>
#include <utility>

namespace baton::simulation {

namespace {

constexpr std::size_t strange_max = 20;

}  // namespace

void Coverage::strange(std::string text) {
    if (strange_.size() < strange_max) {
        strange_.push_back(std::move(text));
    }
}

std::vector<std::string> Coverage::missing() const {
    std::vector<std::string> rows;
    for (std::size_t row = 0; row < seen_.size(); ++row) {
        const Transition& transition = transitions()[row];
        if (is_demanded(transition, kind_) && seen_[row] == 0) {
            rows.push_back(to_text(transition));
        }
    }
    return rows;
}

void Coverage::list() const {
    std::printf("%10s %10s  %s\n", "seen", "stopped", "from | trigger | to");
    for (std::size_t row = 0; row < seen_.size(); ++row) {
        const Transition& transition = transitions()[row];
        const std::string note = transition.never != nullptr      ? std::string("  (never: ") + transition.never + ')'
                                 : is_demanded(transition, kind_) ? ""
                                                                  : "  (in other runs)";
        std::printf("%10llu %10llu  %s%s\n", static_cast<unsigned long long>(seen_[row]),
                    static_cast<unsigned long long>(stopped_[row]), to_text(transition).c_str(), note.c_str());
    }
}

void Coverage::summarize() const {
    std::size_t demanded = 0, met = 0, stopped = 0;
    for (std::size_t row = 0; row < seen_.size(); ++row) {
        if (is_demanded(transitions()[row], kind_)) {
            demanded += 1;
            met += seen_[row] != 0 ? 1 : 0;
            stopped += stopped_[row] != 0 ? 1 : 0;
        }
    }
    std::printf("coverage: %zu of %zu rows, %zu with a restart right behind\n", met, demanded, stopped);
    for (const std::string& text : strange_) {
        std::printf("coverage: no row of the table: %s\n", text.c_str());
    }
}

}  // namespace baton::simulation
