// Every way to ask for a name beside a holder in every state: what the reply says and what is stored, cell by cell.
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

enum class Standing : std::uint8_t { waiting, prioritized, delayed, leased, completed, failed, gone };
/// In the table: s stored as if there were no holder, d duplicate, r takes its place, p parked.
struct MatrixRow {
    const char* way;
    EntryOptions options;
    /// One letter for each state, in their order.
    std::string_view fates;
};

EntryOptions id_of_matrix() {
    EntryOptions options;
    options.id = "name";
    return options;
}

EntryOptions key_of_matrix(DedupMode mode, DurationMs ttl_ms = 0, bool replace = false) {
    EntryOptions options;
    options.dedup = Dedup{"name", mode, ttl_ms, false, replace};
    return options;
}

constexpr DurationMs matrix_window_ms = 600'000;

const MatrixRow matrix_rows[] = {
    // clang-format off
    // In order: waiting, prioritized, delayed, leased; completed, failed, gone.
    {"id",                  id_of_matrix(),                                                 "dddd" "sds"},
    {"simple",              key_of_matrix(DedupMode::simple),                               "dddd" "sss"},
    {"simple, replace",     key_of_matrix(DedupMode::simple, 0, true),                      "rrrd" "sss"},
    {"throttle",            key_of_matrix(DedupMode::throttle, matrix_window_ms),           "dddd" "ddd"},
    {"throttle, replace",   key_of_matrix(DedupMode::throttle, matrix_window_ms, true),     "rrrd" "ddd"},
    {"debounce",            key_of_matrix(DedupMode::debounce),                             "ddrd" "sss"},
    {"debounce, window",    key_of_matrix(DedupMode::debounce, matrix_window_ms),           "ddrd" "ddd"},
    {"debounce, replace",   key_of_matrix(DedupMode::debounce, matrix_window_ms, true),     "rrrd" "ddd"},
    {"keep_last",           key_of_matrix(DedupMode::keep_last),                            "dddp" "sss"},
    {"keep_last, replace",  key_of_matrix(DedupMode::keep_last, 0, true),                   "rrrp" "sss"},
    // clang-format on
};

void bring_to(Broker& broker, Standing state, EntryOptions options) {
    if (state == Standing::prioritized) {
        options.priority = 3;
    } else if (state == Standing::delayed) {
        options.delay_ms = 1'000;
    }
    REQUIRE(broker.produce("q", {"holder"}, options).count == 1);
    Fail for_good;
    for_good.terminal = true;
    switch (state) {
        case Standing::waiting:
        case Standing::prioritized:
        case Standing::delayed:
            break;
        case Standing::leased:
            REQUIRE(broker.fetch(1).size() == 1);
            break;
        case Standing::completed:
            broker.ack(broker.fetch(1).front());
            break;
        case Standing::failed:
            broker.settle_ok(broker.fetch(1).front(), for_good);
            break;
        case Standing::gone:
            broker.expect<JobsRemoved>(RemoveJobs{"q", {0}, 0, {}});
            break;
    }
}

/// What the reply says of the holder's state; nothing of one that is gone.
MessageState told_of(Standing state, bool kept) {
    switch (state) {
        case Standing::waiting:
            return MessageState::waiting;
        case Standing::prioritized:
            return MessageState::prioritized;
        case Standing::delayed:
            return MessageState::delayed;
        case Standing::leased:
            return MessageState::leased;
        case Standing::completed:
            return kept ? MessageState::completed : MessageState{};
        case Standing::failed:
            return MessageState::failed;
        case Standing::gone:
            break;
    }
    return {};
}

void check_cell(const Produced& said, char fate, MessageState holder_state) {
    if (fate == 's') {
        CHECK(said.count == 1);
        CHECK(said.first == 1);
        CHECK(said.outcomes.empty());
        return;
    }
    const auto kind = fate == 'd'   ? ItemOutcome::Kind::duplicate
                      : fate == 'r' ? ItemOutcome::Kind::replaced
                                    : ItemOutcome::Kind::parked;
    CHECK(said.count == (fate == 'r' ? 1U : 0U));
    REQUIRE(said.outcomes.size() == 1);
    CHECK(said.outcomes.front() == ItemOutcome{0, kind, 0, holder_state});
}

/// What consumers get once everything is due and the leased holder is done; `restart` took its lease along.
std::vector<std::string> delivered_at_last(Broker& broker) {
    std::vector<std::string> payloads;
    const auto take = [&] {
        for (const Delivered& one : broker.fetch(10)) {
            payloads.push_back(one.payload);
            broker.ack(one);
        }
    };
    broker.advance(40'000);
    take();
    take();
    return payloads;
}

std::vector<std::string> expected_at_last(Standing state, char fate) {
    const bool there = state != Standing::completed && state != Standing::failed && state != Standing::gone;
    std::vector<std::string> payloads;
    if (there && fate != 'r') {
        payloads.emplace_back("holder");
    }
    if (fate != 'd') {
        payloads.emplace_back("later");
    }
    return payloads;
}

}  // namespace

TEST_CASE(
    "the matrix of names: each way beside a holder in each state, in queues of both profiles, after a restart too") {
    const MatrixRow& row = matrix_rows[GENERATE(range(0, static_cast<int>(std::size(matrix_rows))))];
    const auto state = static_cast<Standing>(GENERATE(range(0, 7)));
    const auto profile = GENERATE(false, true) ? Profile::job : Profile::message;
    const bool restart = GENERATE(false, true);
    CAPTURE(row.way, static_cast<int>(state), static_cast<int>(profile), restart);
    Broker broker;
    QueueSettingsChange settings;
    settings.id_memory_ms = 0;
    settings.id_memory_count = 0;
    broker.expect<QueueInfo>(CreateQueue{"q", profile, settings, false});
    broker.consume("q", 0);
    bring_to(broker, state, row.options);
    if (restart) {
        broker.restart();
        broker.connect(2);
        broker.consume("q", 0);
    }
    const char fate = row.fates[static_cast<std::size_t>(state)];
    const auto before = broker.show("q");
    check_cell(broker.produce("q", {"later"}, row.options), fate, told_of(state, profile == Profile::job));

    const auto after = broker.show("q");
    const bool more = fate == 's' || fate == 'r';
    CHECK(after.totals.produced == before.totals.produced + (more ? 1 : 0));
    CHECK(after.totals.purged == before.totals.purged + (fate == 'r' ? 1 : 0));
    CHECK(after.failed == before.failed);
    // Whoever has the name now holds off the next.
    const Produced next =
        broker.produce("q", {"next"}, row.options.id ? id_of_matrix() : key_of_matrix(DedupMode::simple));
    REQUIRE(next.outcomes.size() == 1);
    CHECK(next.outcomes.front().kind == ItemOutcome::Kind::duplicate);
    CHECK(next.outcomes.front().offset == (more ? 1U : 0U));
    CHECK(delivered_at_last(broker) == expected_at_last(state, fate));
}
