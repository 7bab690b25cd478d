#include "tests/simulation/transition.hpp"

#include <array>
#include <vector>

namespace baton::simulation {

namespace {

constexpr std::array standing_names = {
    "-",      "parked",        "waiting",   "prioritized", "delayed", "active", "waiting-children", "completed",
    "failed", "dead-lettered", "cancelled", "expired",     "dropped", "gone",   "unchanged",        "refused"};

constexpr std::array trigger_names = {
    "add",
    "add flow",
    "add, its id is taken",
    "add, its key is held",
    "add, queue full",
    "schedule fires",
    "moved in from another queue",
    "redrive",
    "holder of its key ends",
    "due",
    "promote",
    "change",
    "clear deduplication key",
    "lease",
    "time to live",
    "ack",
    "late ack",
    "fail, tries left",
    "fail, last try",
    "fail, terminal",
    "release",
    "delivery cap",
    "wait for children",
    "add children",
    "lease deadline, not begun",
    "lease deadline, begun",
    "lease lost, cap",
    "consumer lost",
    "restart without its holder",
    "cancel",
    "extend",
    "progress",
    "log",
    "set data",
    "settle with an old token",
    "children are over",
    "child fails parent",
    "child lets parent go on",
    "retry",
    "remove",
    "purge",
    "retention",
    "newer run of its schedule",
    "delete queue",
    "add, supersede",
};

static_assert(standing_names.size() == standings && trigger_names.size() == triggers);

constexpr std::size_t cells = standings * triggers * standings;

std::size_t cell_of(Standing from, Trigger trigger, Standing to) {
    return (static_cast<std::size_t>(from) * triggers + static_cast<std::size_t>(trigger)) * standings +
           static_cast<std::size_t>(to);
}

std::vector<Row> indexed() {
    std::vector<Row> rows(cells, no_row);
    Row next = 0;
    for (const Transition& transition : transitions()) {
        rows[cell_of(transition.from, transition.trigger, transition.to)] = next++;
    }
    return rows;
}

}  // namespace

Row row_of(Standing from, Trigger trigger, Standing to) {
    static const std::vector<Row> rows = indexed();
    return rows[cell_of(from, trigger, to)];
}

bool is_demanded(const Transition& transition, RunKind kind) {
    return transition.never == nullptr && (transition.seen_in & static_cast<std::uint8_t>(kind)) != 0;
}

const char* to_text(Standing standing) { return standing_names[static_cast<std::size_t>(standing)]; }
const char* to_text(Trigger trigger) { return trigger_names[static_cast<std::size_t>(trigger)]; }

std::string to_text(const Transition& transition) {
    return std::string(to_text(transition.from)) + " | " + to_text(transition.trigger) + " | " + to_text(transition.to);
}

}  // namespace baton::simulation
