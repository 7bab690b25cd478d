#pragma once
// One maker for each promise; the implementations are in the files of the same names.

#include "tests/simulation/checker.hpp"

#include <memory>

namespace baton::simulation {

std::unique_ptr<Checker> make_identity();
std::unique_ptr<Checker> make_repeats();
std::unique_ptr<Checker> make_leases();
std::unique_ptr<Checker> make_timing();
std::unique_ptr<Checker> make_counters();
std::unique_ptr<Checker> make_order();
std::unique_ptr<Checker> make_fencing();
std::unique_ptr<Checker> make_moves();
std::unique_ptr<Checker> make_producers();
std::unique_ptr<Checker> make_conservation();
std::unique_ptr<Checker> make_losses();
std::unique_ptr<Checker> make_credit();
std::unique_ptr<Checker> make_limits();
std::unique_ptr<Checker> make_history();
std::unique_ptr<Checker> make_cancels();
std::unique_ptr<Checker> make_run_limits();
std::unique_ptr<Checker> make_isolation();
std::unique_ptr<Checker> make_expiry();
std::unique_ptr<Checker> make_groups();
std::unique_ptr<Checker> make_names();

}  // namespace baton::simulation
