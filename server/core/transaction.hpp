#pragma once
// A transaction: settles messages, produces others into any queues of the namespace, changes a message and upserts a
// schedule, all or nothing. Included by the core's sources, and by those that decode and encode it.
//
// Everything is checked and read before anything is done; then it is done in one round, and so in one write. The parts
// see the state from before the transaction: what it acks makes no room for what it produces. A repeated transaction is
// known by the sequences of its produces, or when it has none, by its settles.

#include "server/core/effect.hpp"
#include "server/core/request.hpp"
#include "server/core/schedule_request.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace baton::core {

struct Round;
struct State;

namespace limits {

/// Queues that one transaction produces to.
inline constexpr std::uint32_t transaction_produces_max = 100;
/// How often a transaction is begun anew since it waits for a read or behind others.
inline constexpr std::uint32_t transaction_tries_max = 1'000;

}  // namespace limits

struct Transaction {
    /// At most one for each queue, none per item.
    std::vector<Produce> produces;
    /// Every message must still be held by its token; a late ack is refused.
    std::vector<Settlement> settlements;
    std::optional<ChangeJob> change;
    std::optional<UpsertSchedule> schedule;
};

struct TransactionDone {
    /// It was carried out before; `produced` is what was answered then.
    bool repeated = false;
    /// In the order of the produces.
    std::vector<Produced> produced;
    /// Null without one, and when it was repeated.
    ScheduleInfoPtr schedule;
};

/// What breaks a limit, or contradicts itself. transaction_check.cpp
std::optional<Refusal> check_parts(const Transaction& parts);
void apply_transaction(State& state, Request&& request, TimeMs now, Round& round);

}  // namespace baton::core
