#include "tests/simulation/run_coverage.hpp"

#include <variant>

namespace baton::simulation {

RunCoverage::RunCoverage(Coverage* coverage, tests::RoundDriver& driver, bool trace) {
    if (coverage == nullptr) {
        return;
    }
    parts_ = std::make_unique<Parts>(*coverage, trace);
    driver.watch_mutations(
        [parts = parts_.get(), &driver](const std::vector<core::Mutation>& mutations, std::uint64_t commit) {
            parts->watch.committed(mutations, commit, driver.last_durable());
        });
}

void RunCoverage::sent(const core::Request& request) {
    if (parts_) {
        parts_->requests.sent(request);
    }
}

void RunCoverage::left(const std::vector<tests::Released>& effects) {
    for (const tests::Released& released : effects) {
        const auto* reply = parts_ ? std::get_if<core::Reply>(&released.effect) : nullptr;
        if (reply == nullptr) {
            continue;
        }
        if (const auto request = parts_->requests.answered(reply->connection, reply->request)) {
            parts_->answers.answered(*request, reply->body);
        }
    }
}

void RunCoverage::crashed(std::uint64_t last_commit) {
    if (parts_) {
        parts_->requests.clear();
        parts_->watch.crashed(last_commit);
    }
}

}  // namespace baton::simulation
