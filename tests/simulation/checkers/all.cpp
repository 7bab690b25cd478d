#include "tests/simulation/checkers/checkers.hpp"
#include "tests/support/printing.hpp"

namespace baton::simulation {

std::vector<std::unique_ptr<Checker>> all_checkers() {
    std::vector<std::unique_ptr<Checker>> all;
    all.push_back(make_identity());
    all.push_back(make_repeats());
    all.push_back(make_leases());
    all.push_back(make_timing());
    all.push_back(make_counters());
    all.push_back(make_order());
    all.push_back(make_fencing());
    all.push_back(make_moves());
    all.push_back(make_producers());
    all.push_back(make_conservation());
    all.push_back(make_losses());
    all.push_back(make_credit());
    all.push_back(make_limits());
    all.push_back(make_history());
    all.push_back(make_cancels());
    all.push_back(make_run_limits());
    all.push_back(make_isolation());
    all.push_back(make_expiry());
    all.push_back(make_groups());
    all.push_back(make_names());
    return all;
}

std::string describe(const MessageFacts& m) {
    std::string text = "message " + std::to_string(m.number) + " of queue " + std::to_string(core::value(m.queue)) +
                       " offset " + std::to_string(m.offset) + " told " + std::to_string(m.told.deliveries) + "d" +
                       std::to_string(m.told.failures) + "f" + std::to_string(m.told.lease_losses) + "l";
    if (m.lease) {
        text += " lease of batch " + std::to_string(m.lease->token.epoch) + "/" + std::to_string(m.lease->token.batch) +
                " ends " + std::to_string(m.lease->ends_from) + (m.lease->settled ? " settled" : "");
    }
    return text + " restarts since " + std::to_string(m.comeback.restarts);
}

std::string describe(const DeliveredMessage& d) {
    std::string text = "at " + std::to_string(d.decided_at) + " batch " + std::to_string(d.frame->token.epoch) + "/" +
                       std::to_string(d.frame->token.batch) + " of queue " + std::to_string(core::value(d.queue)) +
                       " offset " + std::to_string(d.offset) + " deliveries " + std::to_string(d.counters.deliveries) +
                       " failures " + std::to_string(d.counters.failures) + " losses " +
                       std::to_string(d.counters.lease_losses) + " cause " + tests::to_text(d.cause);
    return d.before == nullptr ? text : text + "; known: " + describe(*d.before);
}

}  // namespace baton::simulation
